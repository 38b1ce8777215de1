"""Bootstrap intervals: against a plain loop, against theory, and where there can be none."""

import dataclasses

import numpy as np
import pytest
import scipy.stats

from benchmarks.statistics import StatisticsConfig, holm, mean_interval, resample_persons, resampled_means

CONFIG = StatisticsConfig(resamples=4000, level=0.95, seed=1, min_scored_share=0.0)
PERSONS = np.array(list("aabbbccdeeff"))
VALUES = np.random.default_rng(0).normal(5, 1, len(PERSONS)) + np.repeat(np.arange(6), [2, 3, 2, 1, 2, 2])


def plain_loop(values, persons, resamples):
    """The same resampling, drawn one person at a time."""
    rng = np.random.default_rng(99)
    names = sorted(set(persons))
    means = []
    for _ in range(resamples):
        drawn = []
        for name in rng.choice(names, len(names)):
            drawn.extend(values[persons == name])
        means.append(np.mean(drawn))
    return np.array(means)


def test_agrees_with_a_plain_loop():
    interval = mean_interval(VALUES, PERSONS, CONFIG)
    means = plain_loop(VALUES, PERSONS, 4000)
    half = means.std() * np.sqrt(6 / 5) * scipy.stats.t(5).ppf(0.975)
    assert interval.mean == VALUES.mean()
    assert (interval.low, interval.high) == pytest.approx((VALUES.mean() - half, VALUES.mean() + half), abs=0.12)
    assert (interval.clips, interval.persons, interval.reason) == (12, 6, None)
    ours = resampled_means(VALUES[:, None], PERSONS, CONFIG)
    assert np.quantile(ours, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(means, [0.1, 0.5, 0.9]), abs=0.1)


def test_one_clip_a_person_is_the_t_test():
    values, persons = VALUES[:8] - 5, np.arange(8).astype(str)
    config = dataclasses.replace(CONFIG, resamples=100_000)
    interval, test = mean_interval(values, persons, config), scipy.stats.ttest_1samp(values, 0)
    assert (interval.low, interval.high) == pytest.approx(test.confidence_interval(0.95), rel=0.02)
    assert interval.p_value == pytest.approx(test.pvalue, rel=0.05)


def test_a_p_value_is_no_finer_than_the_resamples_and_agrees_with_the_interval():
    certain = mean_interval(np.full(12, 3.0), PERSONS, CONFIG)
    assert certain.p_value == 1 / 4001 and certain.low == pytest.approx(3.0)
    assert mean_interval(np.zeros(12), PERSONS, CONFIG).p_value == 1.0
    rng = np.random.default_rng(2)
    found = [mean_interval(rng.normal(0.6, 1, 12), PERSONS, CONFIG) for _ in range(40)]
    assert all((item.p_value < 0.05) == bool(item.sign) for item in found)
    assert 0 < sum(bool(item.sign) for item in found) < 40


def test_every_person_is_drawn_once_on_average():
    counts = resample_persons(6, CONFIG)
    assert counts.shape == (4000, 6) and (counts.sum(axis=1) == 6).all()
    assert counts.mean(axis=0) == pytest.approx(np.ones(6), abs=0.1)
    with pytest.raises(ValueError, match="read-only"):
        counts[0, 0] = 2


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1, 1] and holm([0.02]) == [0.02] and holm([]) == []


def test_clustering_widens_the_interval():
    alone = mean_interval(VALUES, np.arange(12).astype(str), CONFIG)
    clustered = mean_interval(VALUES, PERSONS, CONFIG)
    assert clustered.high - clustered.low > alone.high - alone.low


def test_same_seed_same_interval():
    assert mean_interval(VALUES, PERSONS, CONFIG) == mean_interval(VALUES, PERSONS, CONFIG)
    other = mean_interval(VALUES, PERSONS, dataclasses.replace(CONFIG, seed=2))
    assert other.low != mean_interval(VALUES, PERSONS, CONFIG).low


def test_one_person_and_no_clip_have_no_interval():
    single = mean_interval(VALUES[:3], np.array(["a"] * 3), CONFIG)
    assert (single.low, single.high, single.reason, single.sign) == (None, None, "one person", None)
    assert single.mean == VALUES[:3].mean()
    assert mean_interval(np.array([]), np.array([]), CONFIG).reason == "no clips scored"
