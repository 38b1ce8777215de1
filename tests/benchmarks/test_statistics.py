"""Bootstrap intervals: against a plain loop, against theory, and where there can be none."""

import dataclasses

import numpy as np
import pytest

from benchmarks.statistics import StatisticsConfig, mean_interval, paired_difference, resample_counts

CONFIG = StatisticsConfig(resamples=4000, level=0.95, seed=1, min_scored_share=0.0)
PERSONS = np.array(list("aabbbccdeeff"))
VALUES = np.random.default_rng(0).normal(5, 1, len(PERSONS)) + np.repeat(np.arange(6), [2, 3, 2, 1, 2, 2])


def plain_loop(values, persons, resamples):
    """The same two-stage resampling, drawn one clip at a time."""
    rng = np.random.default_rng(99)
    names = sorted(set(persons))
    means = []
    for _ in range(resamples):
        drawn = []
        for name in rng.choice(names, len(names)):
            own = values[persons == name]
            drawn.extend(rng.choice(own, len(own)))
        means.append(np.mean(drawn))
    return np.quantile(means, [0.025, 0.975])


def test_agrees_with_a_plain_loop():
    interval = mean_interval(VALUES, PERSONS, CONFIG)
    low, high = plain_loop(VALUES, PERSONS, 4000)
    assert interval.mean == VALUES.mean()
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.12)
    assert (interval.clips, interval.persons, interval.reason) == (12, 6, None)


def test_every_clip_is_drawn_once_on_average_and_with_its_person():
    counts = resample_counts(PERSONS, CONFIG)
    assert counts.shape == (4000, 12)
    assert counts.mean(axis=0) == pytest.approx(np.ones(12), abs=0.1)
    for person in "abcdef":
        drawn = counts[:, person == PERSONS].sum(axis=1)
        assert not (drawn % (person == PERSONS).sum()).any()


def test_clustering_widens_the_interval():
    alone = mean_interval(VALUES, np.arange(12).astype(str), CONFIG)
    clustered = mean_interval(VALUES, PERSONS, CONFIG)
    assert clustered.high - clustered.low > alone.high - alone.low


def test_covers_the_truth_about_as_often_as_it_says():
    config = dataclasses.replace(CONFIG, resamples=400)
    rng = np.random.default_rng(4)
    persons = np.repeat(np.arange(30), 3).astype(str)
    hits = 0
    for _ in range(200):
        values = np.repeat(rng.normal(size=30), 3) + 0.5 * rng.normal(size=90)
        interval = mean_interval(values, persons, config)
        hits += interval.low <= 0 <= interval.high
    assert 0.90 <= hits / 200 <= 0.99


def test_pairing_removes_what_two_methods_share():
    shift = 0.2 + 0.01 * np.random.default_rng(1).normal(size=12)
    difference = paired_difference(VALUES + shift, VALUES, PERSONS, CONFIG)
    assert difference.sign == 1 and difference.high - difference.low < 0.05
    assert paired_difference(VALUES, VALUES + shift, PERSONS, CONFIG).sign == -1
    assert paired_difference(VALUES, VALUES, PERSONS, CONFIG).sign == 0


def test_same_seed_same_interval():
    assert mean_interval(VALUES, PERSONS, CONFIG) == mean_interval(VALUES, PERSONS, CONFIG)
    other = mean_interval(VALUES, PERSONS, dataclasses.replace(CONFIG, seed=2))
    assert other.low != mean_interval(VALUES, PERSONS, CONFIG).low


def test_one_person_and_no_clip_have_no_interval():
    single = mean_interval(VALUES[:3], np.array(["a"] * 3), CONFIG)
    assert (single.low, single.high, single.reason, single.sign) == (None, None, "one person", None)
    assert single.mean == VALUES[:3].mean()
    assert mean_interval(np.array([]), np.array([]), CONFIG).reason == "no clips scored"
