"""Several seeds: by hand, against a plain loop, what pairing removes, and what becomes of a seed that is missing."""

import io

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from fake_scores import PSNR, frame, row
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.claims import check_claims
from benchmarks.comparison import by_column, panel
from benchmarks.statistics import StatisticsConfig, mean_interval, resample_seeds
from benchmarks.table_latex import to_latex
from benchmarks.table_text import to_csv, to_markdown
from benchmarks.tables import build_table

CONFIG = StatisticsConfig(resamples=4000, level=0.95, seed=3, min_scored_share=0.0)
PERSONS = np.array(list("aabbbccddd"))
RNG = np.random.default_rng(0)
CLIPS = ("a1", "a2", "b1", "c1", "d1")


def rows_of(values):
    """``{method: {seed: {clip: value}}}`` as score rows."""
    return [
        row(method, clip, value, seed=seed, reason=None if value is not None else "crashed")
        for method, seeds in values.items()
        for seed, clips in seeds.items()
        for clip, value in clips.items()
    ]


def panel_of(values, methods=("still", "speak", "speak_no_gan")):
    return panel(by_column(frame(rows_of(values)))["mead", PSNR], methods, CONFIG)


def even(value, **changes):
    return dict.fromkeys(CLIPS, value) | changes


def table(values, number=4):
    return build_table(number, frame(rows_of(values)), CONFIG, stamp="made up", expected={"mead": 5})


def test_by_hand():
    """Clips that do not differ leave the seeds alone: their means 0 and 1 have a standard error of 1/2, before the
    correction for 4 persons."""
    values = np.tile([0.0, 1.0], (len(PERSONS), 1))
    interval = mean_interval(values, PERSONS, CONFIG)
    half = 0.5 * np.sqrt(4 / 3) * scipy.stats.t(3).ppf(0.975)
    assert (interval.mean, interval.clips, interval.persons) == (0.5, 10, 4)
    assert (interval.low, interval.high) == pytest.approx((0.5 - half, 0.5 + half), rel=0.03)


@pytest.mark.parametrize("number", [2, 3, 5])
def test_seeds_weigh_as_much_as_they_vary(number):
    weights, values = resample_seeds(number, CONFIG), RNG.normal(size=number)
    assert weights.sum(axis=1) == pytest.approx(np.full(4000, number))
    assert (weights @ values / number).std() == pytest.approx(scipy.stats.sem(values), rel=0.06)
    assert (resample_seeds(1, CONFIG) == 1).all()


def test_agrees_with_a_plain_loop():
    """Persons, and seeds across all of them, drawn one at a time."""
    values = RNG.normal(size=(10, 3)) + RNG.normal(size=3) + np.repeat(RNG.normal(size=4), [2, 3, 2, 3])[:, None]
    rng, means = np.random.default_rng(8), []
    for _ in range(4000):
        clips = [clip for person in rng.choice(list("abcd"), 4) for clip in np.flatnonzero(person == PERSONS)]
        own = values[clips].mean(axis=0)
        means.append(own.mean() + np.sqrt(3 / 2) * (own[rng.choice(3, 3)] - own).mean())
    interval = mean_interval(values, PERSONS, CONFIG)
    half = np.std(means) * np.sqrt(4 / 3) * scipy.stats.t(3).ppf(0.975)
    assert interval.mean == pytest.approx(values.mean(), abs=1e-12)
    assert (interval.low, interval.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.1)


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_the_same_training_twice_is_one_training(copies, seed):
    values = np.random.default_rng(seed).normal(5, 2, 10)
    one = mean_interval(values, PERSONS, CONFIG)
    several = mean_interval(np.repeat(values[:, None], copies, axis=1), PERSONS, CONFIG)
    assert (several.mean, several.low, several.high) == pytest.approx((one.mean, one.low, one.high), abs=1e-9)


def test_trainings_that_differ_widen_the_interval():
    values = RNG.normal(size=10)
    spread = values[:, None] + np.array([-1.0, 0.0, 1.0])
    one, several = (mean_interval(v, PERSONS, CONFIG) for v in (values, spread))
    assert several.mean == pytest.approx(one.mean, abs=1e-12)
    assert several.high - several.low > 1.2 * (one.high - one.low)


def test_trainings_of_one_seed_are_paired():
    """A lucky seed lifts both methods: it is in each mean, and not in their difference."""
    values = {
        "speak": {s: {clip: 20 + 5 * s + i for i, clip in enumerate(CLIPS)} for s in range(3)},
        "speak_no_gan": {s: {clip: 19 + 5 * s + i for i, clip in enumerate(CLIPS)} for s in range(3)},
        "still": {0: even(15.0)},
    }
    made = panel_of(values)
    assert made.values.shape == (5, 3, 3)
    difference = made.difference("speak", "speak_no_gan")
    assert (difference.mean, difference.low, difference.high) == pytest.approx((1.0, 1.0, 1.0))
    assert made.mean("speak").high - made.mean("speak").low > 5
    assert (made.mean("still").low, made.mean("still").high) == pytest.approx((15.0, 15.0))
    assert made.mean("speak").mean == np.mean([20 + 5 * s + i for s in range(3) for i in range(5)])
    nearer = made.closeness("speak_no_gan", "speak", "still")
    assert (nearer.mean, nearer.low, nearer.high) == pytest.approx((1.0, 1.0, 1.0))


def test_a_clip_counts_when_all_scored_it_with_all_seeds():
    values = {"speak": {0: even(30.0), 1: even(30.0, a1=None)}, "speak_no_gan": {0: even(20.0, c1=None), 1: even(22.0)}}
    made = table(values)
    speak, ablation = (made.cells[name, "mead", "psnr"] for name in ("speak", "speak_no_gan"))
    assert (speak.value, speak.clips, speak.scored, speak.seeds) == (30.0, 3, 4, 2)
    assert (ablation.value, ablation.clips, ablation.scored, ablation.seeds) == (21.0, 3, 4, 2)


@pytest.mark.parametrize("left", [{1: even(20.0)}, {0: even(20.0), 2: even(21.0)}])
def test_a_missing_seed_is_said_and_empties_nobody(left):
    values = {"speak": {s: even(30.0) for s in range(3)}, "speak_no_gan": left}
    made = table(values)
    speak, ablation = (made.cells[name, "mead", "psnr"] for name in ("speak", "speak_no_gan"))
    assert (speak.value, speak.clips) == (30.0, 5)
    missing = ", ".join(str(seed) for seed in range(3) if seed not in left)
    assert (ablation.value, ablation.reason) == (None, f"no scores with seed {missing}")
    assert f"no scores with seed {missing}" in to_markdown(made)
    claims = [item for item in check_claims(frame(rows_of(values)), CONFIG) if item.claim.table == 4]
    assert any("w/o L_GAN has no MEAD scores with every seed" in item.detail for item in claims)
    assert any("w/o IRFD has no MEAD scores;" in item.detail for item in claims)


def test_a_seed_that_scored_nothing_has_its_reason():
    values = {"speak": {0: even(30.0), 1: even(31.0)}, "speak_no_gan": {0: even(20.0), 1: even(None)}}
    cell = table(values).cells["speak_no_gan", "mead", "psnr"]
    assert (cell.value, cell.reason, cell.scored) == (None, "crashed", 0)
    assert table(values).cells["speak", "mead", "psnr"].value == 30.5


def test_captions_and_coverage_say_how_many_seeds():
    values = {"speak": {0: even(30.0), 1: even(31.0)}, "still": {0: even(15.0)}}
    made = table(values, 1)
    markdown = to_markdown(made)
    assert made.caption == "Table 1. Comparison with other methods. Made up. 2 seeds."
    assert made.caption in to_latex(made) and "the 2 seeds of trained methods" in markdown
    coverage = [line for line in markdown.splitlines() if "clips, " in line]
    assert [line.split("|")[-2].strip() for line in coverage] == ["5 clips, 1 seed", "5 clips, 2 seeds"]
    read = pd.read_csv(io.StringIO(to_csv(made))).query("source == 'measured' and scored > 0")
    assert dict(zip(read.method, read.seeds, strict=True)) == {"still": 1, "speak": 2}
    one = table({"speak": {0: even(30.0)}}, 1)
    assert "seed" not in one.caption + to_markdown(one)
