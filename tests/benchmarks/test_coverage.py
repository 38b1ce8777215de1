"""What intervals, corrected p-values and rank intervals promise, against simulations in which the truth is known."""

import dataclasses

import numpy as np
import pytest

from benchmarks.comparison import Panel
from benchmarks.ranks import open_ranks, ranks, separations
from benchmarks.statistics import StatisticsConfig, mean_interval, resampled_means

CONFIG = StatisticsConfig(resamples=2000, level=0.95, seed=1, min_scored_share=0.0)
TRIALS = 2000
FEW = 400
CLIPS_OF_A_PERSON = (2, 3, 3, 4)


def people(number):
    """Each clip's person; persons have different numbers of clips."""
    sizes = [CLIPS_OF_A_PERSON[person % len(CLIPS_OF_A_PERSON)] for person in range(number)]
    return np.repeat(np.arange(number), sizes).astype(str)


def clustered(rng, persons, between, columns=1):
    """(N, columns) with mean 0 and variance 1, of which ``between`` is between persons."""
    owner = persons.astype(int)
    own = rng.normal(size=(owner.max() + 1, columns))[owner]
    return np.sqrt(between) * own + np.sqrt(1 - between) * rng.normal(size=(len(owner), columns))


def covered(draw, trials=TRIALS):
    """How often the interval of ``draw(rng)`` holds 0, in percent."""
    rng = np.random.default_rng(7)
    found = [draw(rng) for _ in range(trials)]
    return 100 * np.mean([interval.low <= 0 <= interval.high for interval in found])


@pytest.mark.parametrize("number", [4, 6, 10, 20])
@pytest.mark.parametrize("between", [0.2, 0.9])
def test_a_mean_is_covered_as_often_as_it_says(number, between):
    """Less where a few persons have most clips: 87 % for 10 persons of whom each fourth has 12 clips, the others 1."""
    persons = people(number)
    share = covered(lambda rng: mean_interval(clustered(rng, persons, between), persons, CONFIG))
    assert 93 <= share <= 97


@pytest.mark.parametrize("number", [4, 20])
def test_a_paired_difference_is_covered_as_often_as_it_says(number):
    """Hard clips are hard for both methods: what they share is ten times what tells them apart."""
    persons = people(number)

    def draw(rng):
        values = 10 * clustered(rng, persons, 0.5) + clustered(rng, persons, 0.5, columns=2)
        return panel_of(values, persons).difference("0", "1")

    assert 93 <= covered(draw) <= 97


def test_seeds_are_covered_about_as_often_as_it_says():
    """Three trainings that differ as much as persons do; t counts persons, so it is a little too sure of seeds."""
    persons = people(10)

    def draw(rng):
        values = clustered(rng, persons, 0.5)
        return mean_interval(values + rng.normal(size=3) * 0.2, persons, CONFIG)

    assert 91 <= covered(draw) <= 97


def test_percentiles_would_not_cover():
    """Why intervals are not the middle of the resamples."""
    persons, rng = people(4), np.random.default_rng(7)
    hits = 0
    for _ in range(FEW):
        low, high = np.quantile(resampled_means(clustered(rng, persons, 0.9), persons, CONFIG), [0.025, 0.975])
        hits += low <= 0 <= high
    assert hits / FEW < 0.87


def panel_of(values, persons):
    """Methods "0", "1", … from (N, M) values."""
    names = tuple(str(column) for column in range(values.shape[1]))
    clips = np.arange(len(persons)).astype(str)
    return Panel(values[..., None], names, clips, persons, CONFIG)


def equal_methods(rng, persons, columns, shift=0.0):
    values = clustered(rng, persons, 0.5) + clustered(rng, persons, 0.5, columns)
    return panel_of(values + shift * np.arange(columns), persons)


def test_five_equal_methods_are_rarely_separated_after_correction():
    persons, rng = people(12), np.random.default_rng(3)
    wrong = uncorrected = 0
    for _ in range(FEW):
        panel = equal_methods(rng, persons, 5)
        wrong += separations(panel, panel.methods, higher_is_better=True).any()
        pairs = [(a, b) for a in panel.methods for b in panel.methods if a < b]
        uncorrected += any(panel.difference(*pair).sign for pair in pairs)
    assert wrong / FEW <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / FEW)
    assert uncorrected / FEW > 0.15, "without correction one of ten pairs often seems to differ"


def test_rank_intervals_hold_the_true_ranks_of_all_methods():
    persons, rng = people(12), np.random.default_rng(4)
    held, widths = 0, []
    for _ in range(FEW):
        panel = equal_methods(rng, persons, 4, shift=0.7)
        found = ranks(panel, panel.methods, higher_is_better=False)  # method 0 is truly the first
        held += all(low <= place + 1 <= high for place, (low, high) in enumerate(found.values()))
        widths += [high - low for low, high in found.values()]
    assert held / FEW >= 0.95 - 2 * np.sqrt(0.05 * 0.95 / FEW)
    assert 0.2 < np.mean(widths) < 2, "narrower than not knowing anything, wider than being sure"


def test_more_persons_narrow_the_ranks():
    rng = np.random.default_rng(5)
    few, many = (equal_methods(rng, people(number), 4, shift=0.5) for number in (4, 200))
    assert list(ranks(many, many.methods, higher_is_better=True).values()) == [(4, 4), (3, 3), (2, 2), (1, 1)]
    width = [high - low for low, high in ranks(few, few.methods, higher_is_better=True).values()]
    assert sum(width) > 0


def test_open_ranks_by_hand():
    """A beats C; B is separated from nobody."""
    separated = np.array([[0, 0, 1], [0, 0, 0], [-1, 0, 0]])
    assert open_ranks(separated) == [(1, 2), (1, 3), (2, 3)]


def test_ranks_of_one_person_of_absent_methods_and_of_equals():
    rng = np.random.default_rng(6)
    alone = panel_of(rng.normal(size=(3, 2)), np.array(["a"] * 3))
    assert ranks(alone, ("0", "1", "absent"), higher_is_better=True) == {"0": (1, 2), "1": (1, 2)}
    column = rng.normal(size=(len(people(6)), 1))
    same = panel_of(np.repeat(column, 3, axis=1), people(6))
    assert set(ranks(same, same.methods, higher_is_better=True).values()) == {(1, 3)}
    nothing = dataclasses.replace(alone, values=np.empty((0, 0, 0)), methods=())
    assert ranks(nothing, ("0",), higher_is_better=True) == {}
