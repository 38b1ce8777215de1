"""Do intervals over participants and clips hold the truth as often as they say? Simulations in which it is known."""

import dataclasses

import numpy as np
import pytest
from fake_ratings import CONFIG, SCENE, simulated
from scipy.special import stdtrit

from benchmarks.ranks import separations
from benchmarks.study.analysis import opinion_rows
from benchmarks.study.panel import rating_panel, two_way_error
from benchmarks.study.questions import QUESTIONS

TRIALS, RESAMPLES = 1500, 400


def influence(rng, participants, persons, videos, deviations):
    """A method's table of influences around its true mean 0: each participant rates a few persons' clips in turn."""
    bias, good = (rng.normal(0, sd, size) for sd, size in zip(deviations[:2], (participants, persons), strict=True))
    turns = (rng.permutation(participants * videos) % persons).reshape(participants, videos)
    scores, counts = np.zeros((participants, persons)), np.zeros((participants, persons))
    values = bias[:, None] + good[turns] + rng.normal(0, deviations[2], turns.shape)
    who = np.repeat(np.arange(participants), videos).reshape(turns.shape)
    np.add.at(scores, (who, turns), values)
    np.add.at(counts, (who, turns), 1)
    return values, (scores - values.mean() * counts) / values.size, counts


def bootstrap_half_width(rng, table, counts):
    """Of 95 %, by resampling participants and persons both (the pigeonhole bootstrap of Owen, 2007), percentiles."""
    people, shown = (rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES) for n in table.shape)
    moved, ratings = (np.einsum("bi,bk,ik->b", people, shown, cells) for cells in (table, counts))
    low, high = np.quantile(moved[ratings > 0] / ratings[ratings > 0] * counts.sum(), [0.025, 0.975])
    return (high - low) / 2


@pytest.mark.parametrize("persons", [3, 5, 10])
@pytest.mark.parametrize("deviations", [(0.5, 0.4, 0.7), (0.2, 0.7, 0.5), (0.7, 0.1, 0.7)])
def test_two_way_intervals_of_twenty_participants_and_few_clips_hold_the_truth(persons, deviations):
    """Of 95 %: 93 % or more, whatever dominates; and not so often that they would say nothing."""
    rng, held, naive = np.random.default_rng(3), 0, 0
    for _ in range(TRIALS):
        values, table, _ = influence(rng, 20, persons, 3, deviations)
        error, freedom = two_way_error(table)
        held += abs(values.mean()) <= error * stdtrit(freedom, 0.975)
        naive += abs(values.mean()) <= 1.96 * values.std(ddof=1) / np.sqrt(values.size)
    assert 0.93 <= held / TRIALS <= 0.995
    if deviations[1] >= 0.4:
        assert naive / TRIALS < 0.85, "1.96 sd / sqrt(n) takes ratings for independent"


@pytest.mark.parametrize("deviations", [(0.5, 0.4, 0.7), (0.7, 0.1, 0.7)])
def test_the_two_way_bootstrap_of_ten_persons_holds_it_too(deviations):
    """The other way to count both as random, by a formula of its own: 93 % or more, and about as wide or wider."""
    rng, held, ratios = np.random.default_rng(4), 0, []
    for _ in range(TRIALS // 5):
        values, table, counts = influence(rng, 20, 10, 3, deviations)
        half, (error, freedom) = bootstrap_half_width(rng, table, counts), two_way_error(table)
        held += abs(values.mean()) <= half
        ratios.append(half / (error * stdtrit(freedom, 0.975)))
    assert held / (TRIALS // 5) >= 0.93
    assert 0.8 < np.median(ratios) < 1.4


def study_panel(seed, quality):
    scene = dataclasses.replace(SCENE, quality=quality, clips={"mead": SCENE.clips["mead"]}, videos=15)
    ratings = simulated(seed, scene, checks=False)
    return rating_panel(opinion_rows(ratings[ratings.question == next(iter(QUESTIONS))]), list(quality), CONFIG)


def test_whole_studies_of_equal_methods_rarely_separate_any_and_hold_the_truth():
    """Simulated participants as for planning. 3 is the middle of the scale, so rounding and slips do not move means."""
    studies, wrong, differences, means = 150, 0, [], []
    for seed in range(studies):
        panel = study_panel(seed, dict.fromkeys("abcde", 3.0))
        wrong += separations(panel, panel.methods, higher_is_better=True).any()
        differences += [panel.difference("a", other).sign == 0 for other in "bcde"]
        means += [found.low <= 3 <= found.high for found in map(panel.mean, panel.methods)]
    assert wrong / studies <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / studies)
    assert np.mean(differences) >= 0.93 and np.mean(means) >= 0.93


def test_more_participants_and_more_persons_narrow_the_interval():
    rng = np.random.default_rng(0)

    def half(participants, persons):
        errors = [two_way_error(influence(rng, participants, persons, 6, (0.5, 0.5, 0.7))[1]) for _ in range(50)]
        return np.mean([error * stdtrit(freedom, 0.975) for error, freedom in errors])

    assert half(40, 12) < half(10, 12) and half(20, 24) < half(20, 6)
