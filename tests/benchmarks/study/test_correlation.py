"""Metrics against opinions: equal to SciPy's coefficients, intervals that hold the truth, and what has none."""

import numpy as np
import pandas as pd
import pytest
from fake_ratings import CONFIG, answers, simulated
from scipy import stats

from benchmarks.study.analysis import opinion_rows
from benchmarks.study.correlation import correlations, pearson, spearman
from benchmarks.study.figure import correlation_plot

PSNR = "psnr-rgb8-meandb-v1"


def scores_like(opinions, noise=0.0, seed=0, metric=PSNR):
    """A metric that is the mean opinion of lip sync plus noise, as score rows."""
    own = opinions[opinions.metric == "lip_sync_mos-v1"]
    means = own.groupby(["method", "dataset", "clip_id", "person"], as_index=False)["value"].mean()
    means["value"] += np.random.default_rng(seed).normal(0, noise, len(means)) if noise else 0.0
    return means.assign(metric=metric, seed=0)


def one(found, **parts):
    (item,) = [item for item in found if all(getattr(item, name) == value for name, value in parts.items())]
    return item


def test_coefficients_are_those_of_scipy():
    rng = np.random.default_rng(0)
    for _ in range(20):
        first, second = rng.integers(1, 6, 30).astype(float), rng.normal(size=30)
        assert pearson(first, second) == pytest.approx(stats.pearsonr(first, second).statistic)
        assert spearman(first, second) == pytest.approx(stats.spearmanr(first, second).statistic)
    assert pearson(np.array([1.0, 2.0]), np.array([1.0, 2.0])) is None
    assert spearman(np.ones(5), np.arange(5.0)) is None


def test_a_metric_that_sees_what_people_see_has_correlation_one_and_references_are_left_out():
    opinions = opinion_rows(simulated(2, checks=False))
    found = correlations(scores_like(opinions), opinions, CONFIG)
    assert len(found) == 2 * 3 * 2 * 2
    item = one(found, dataset="mead", question="lip_sync", over="clips", coefficient="spearman")
    assert item.value == pytest.approx(1) and (item.n, item.persons, item.participants) == (50, 5, 20)
    other = one(found, dataset="mead", question="video_realness", over="clips", coefficient="pearson")
    assert 0 < other.low < other.value < other.high < 1
    methods = one(found, dataset="mead", question="lip_sync", over="methods", coefficient="pearson")
    assert methods.n == 5 and methods.value > 0.99


def test_the_interval_over_methods_is_fishers():
    opinions = opinion_rows(simulated(2, checks=False))
    scores = scores_like(opinions, noise=1.5)
    item = one(
        correlations(scores, opinions, CONFIG),
        dataset="mead",
        question="lip_sync",
        over="methods",
        coefficient="pearson",
    )
    low, high = stats.pearsonr(*_means(scores, opinions)).confidence_interval(0.95)
    assert (item.low, item.high) == (pytest.approx(low), pytest.approx(high))


def _means(scores, opinions):
    rated = opinions[(opinions.dataset == "mead") & (opinions.metric == "lip_sync_mos-v1")]
    rated = rated[rated.method != "ground_truth"].groupby("method")["value"].mean()
    measured = scores[scores.dataset == "mead"].groupby("method")["value"].mean()
    return measured[rated.index], rated


def test_intervals_over_clips_hold_no_correlation_about_as_often_as_they_say():
    """What moves the metric (chance of clips and persons) has nothing to do with what 12 participants see."""
    rng, held, studies = np.random.default_rng(5), 0, 120
    clips = [f"{person}{clip}" for person in "abcdefgh" for clip in (1, 2)]
    for _ in range(studies):
        seen, measured = (dict(zip([*clips, *"abcdefgh"], rng.normal(0, 0.6, 24), strict=True)) for _ in range(2))
        table = {}
        for video in ((method, clip) for method in "klmn" for clip in clips):
            meant = 3 + seen[video[1]] + seen[video[1][0]] + rng.normal(size=12)
            table[video] = {f"p{who}": int(score) for who, score in enumerate(np.clip(np.rint(meant), 1, 5))}
        opinions = opinion_rows(answers(table))
        scores = scores_like(opinions)
        scores["value"] = [measured[clip] + measured[clip[0]] + rng.normal(0, 0.3) for clip in scores.clip_id]
        item = one(correlations(scores, opinions, CONFIG), over="clips", coefficient="spearman")
        held += item.low <= 0 <= item.high
    assert held / studies >= 0.9


def test_what_has_no_number_or_no_interval_says_why():
    opinions = opinion_rows(answers({(name, "a1"): {"x": score} for name, score in zip("mno", (1, 3, 4), strict=True)}))
    found = correlations(scores_like(opinions), opinions, CONFIG)
    clips, methods = (one(found, over=over, coefficient="pearson") for over in ("clips", "methods"))
    assert (clips.value, clips.low, clips.reason) == (pytest.approx(1), None, "one participant")
    assert (methods.value, methods.low, methods.reason) == (pytest.approx(1), None, "3 methods")
    flat = scores_like(opinions).assign(value=2.0)
    assert {item.reason for item in correlations(flat, opinions, CONFIG)} == {"all the same"}
    assert correlations(flat.assign(value=np.nan), opinions, CONFIG) == []


def test_the_first_seed_counts():
    opinions = opinion_rows(simulated(2, checks=False))
    first = scores_like(opinions)
    both = pd.concat([first.assign(seed=1, value=-first.value), first])
    assert correlations(both, opinions, CONFIG) == correlations(first, opinions, CONFIG)


def test_the_picture_repeats_and_a_mark_changes_it():
    opinions = opinion_rows(simulated(2, checks=False))
    found = correlations(scores_like(opinions, noise=0.5), opinions, CONFIG)
    plain = correlation_plot(found, "")
    assert plain[:4] == b"\x89PNG" and plain == correlation_plot(found, "") != correlation_plot(found, "SIMULATED")
