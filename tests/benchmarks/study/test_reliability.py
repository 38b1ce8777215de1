"""Agreement against published worked examples."""

import numpy as np
import pytest
from fake_ratings import QUALITY, SCENE, answers, simulated

from benchmarks.study.reliability import agreements, icc_2_k, krippendorff_alpha

NONE = np.nan
SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float).T
"""Shrout and Fleiss (1979), table 2: four judges, six targets."""
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
        [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
    ]
)
"""Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section C: four observers, twelve units."""


def by_anova(table):
    """ICC(2,k) of a complete table by its mean squares, as Shrout and Fleiss write it."""
    judges, targets = table.shape
    rows, columns, grand = table.mean(axis=0), table.mean(axis=1), table.mean()
    bms = judges * ((rows - grand) ** 2).sum() / (targets - 1)
    jms = targets * ((columns - grand) ** 2).sum() / (judges - 1)
    ems = ((table - rows - columns[:, None] + grand) ** 2).sum() / ((judges - 1) * (targets - 1))
    return (bms - ems) / (bms + (jms - ems) / targets)


def test_icc_of_shrout_and_fleiss():
    assert round(icc_2_k(SHROUT_FLEISS), 2) == 0.62
    assert icc_2_k(SHROUT_FLEISS) == pytest.approx(by_anova(SHROUT_FLEISS), abs=1e-12)


def test_icc_equals_the_analysis_of_variance_for_any_complete_table():
    rng = np.random.default_rng(0)
    for shape in ((2, 3), (5, 4), (8, 30)):
        table = rng.integers(1, 6, shape).astype(float) + rng.normal(size=shape[1])
        assert icc_2_k(table) == pytest.approx(by_anova(table), abs=1e-10)


def test_icc_of_an_incomplete_table_is_near_the_truth():
    """Video variance 1, participant 0.25, rest 0.5; each video has 6 of 40 participants: 1 / (1 + 0.75 / 6)."""
    rng, found = np.random.default_rng(1), []
    for _ in range(30):
        table = rng.normal(size=60) + rng.normal(0, 0.5, (40, 1)) + rng.normal(0, np.sqrt(0.5), (40, 60))
        seen = rng.permuted(np.tile(np.arange(40)[:, None] < 6, 60), axis=0)
        found.append(icc_2_k(np.where(seen, table, NONE)))
    assert np.mean(found) == pytest.approx(1 / (1 + 0.75 / 6), abs=0.01)


def test_alpha_of_krippendorffs_example():
    assert krippendorff_alpha(KRIPPENDORFF) == pytest.approx(0.815, abs=5e-4)


def test_participants_agree_more_when_methods_differ_more():
    def mean_alpha(scale):
        quality = {name: 3 + scale * (value - 3) for name, value in QUALITY.items()}
        scene = SCENE.__class__(**{**SCENE.__dict__, "quality": quality})
        return np.mean([item.alpha for item in agreements(simulated(2, scene, checks=False))])

    assert mean_alpha(1.0) > mean_alpha(0.3) + 0.1


def test_what_cannot_be_told_has_a_reason():
    (alone,) = agreements(answers({("speak", "a1"): {"x": 4}, ("speak", "b1"): {"y": 2}}))
    assert (alone.alpha, alone.icc, alone.reason) == (None, None, "no video has two ratings")
    (same,) = agreements(answers({("speak", "a1"): {"x": 4, "y": 4}, ("speak", "b1"): {"x": 4, "y": 4}}))
    assert (same.alpha, same.icc, same.reason) == (None, None, "all ratings are the same")
    (one,) = agreements(answers({("speak", "a1"): {"x": 4, "y": 3}}))
    assert (one.icc, one.reason) == (None, "too few ratings for ICC(2,k)") and one.alpha is not None


def test_each_dataset_and_question_has_a_line():
    ratings = simulated(checks=False)
    found = agreements(ratings)
    assert len(found) == 6 and {item.participants for item in found} == {20}
    own = ratings[(ratings.dataset == "mead") & (ratings.question == "lip_sync")]
    counts = own.groupby(["method", "clip_id"]).size()
    mead = next(item for item in found if (item.dataset, item.question) == ("mead", "lip_sync"))
    assert mead.k == pytest.approx(len(counts) / (1 / counts).sum()) and mead.videos == len(counts)
    assert min(item.icc for item in found) > 0.5
