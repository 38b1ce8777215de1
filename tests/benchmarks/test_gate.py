"""The gate: what is worse or gone closes it, noise does not, better is told."""

import numpy as np
import pandas as pd
import pytest
from fake_scores import PSNR, frame, row
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import gate_config
from benchmarks.gate import EVERYTHING, Verdict, compare
from benchmarks.gate_config import Floor, GateConfig, read_config
from speak.errors import UserError
from speak.metrics import METRICS

LMD = METRICS["m_lmd"].id
CONFIG = GateConfig(
    resamples=400,
    level=0.95,
    seed=1,
    methods=None,
    ignored_metrics=("sync_conf_other",),
    default=Floor(absolute=0.0, relative=0.05),
    floors={"psnr": Floor(absolute=0.2, relative=0.01), "m_lmd": Floor(absolute=0.1, relative=0.03)},
)
CLIPS = [f"{person}{take}" for person in "abcde" for take in range(3)]


def run(mean=20.0, noise=0.0, rng=None, clips=CLIPS, **parts):
    """One method's scores: a clip's own level, an offset, and noise of standard deviation ``noise``."""
    rng = rng or np.random.default_rng(0)
    return frame(
        row("mine", clip, mean + i % 4 + noise * rng.standard_normal(), **parts) for i, clip in enumerate(clips)
    )


def verdicts(baseline, candidate, config=CONFIG):
    return {(one.method, one.dataset, one.metric): one.verdict for one in compare(baseline, candidate, config)}


def both(*frames):
    return pd.concat(frames, ignore_index=True)


@pytest.mark.parametrize(
    "metric, change, verdict",
    [
        (PSNR, -1.0, Verdict.REGRESSED),
        (PSNR, 1.0, Verdict.IMPROVED),
        (LMD, 1.0, Verdict.REGRESSED),
        (LMD, -1.0, Verdict.IMPROVED),
        (PSNR, -0.15, Verdict.UNCHANGED),  # below the absolute floor
        (LMD, 0.3, Verdict.UNCHANGED),  # above the absolute floor, below the relative one: 0.03 × 21.4
        (PSNR, 0.0, Verdict.UNCHANGED),
    ],
)
def test_a_metric_moves_by_both_floors_or_not_at_all(metric, change, verdict):
    found = compare(run(metric=metric), run(mean=20 + change, metric=metric, noise=0.01), CONFIG)
    (one,) = found
    assert one.verdict is verdict and one.failed is (verdict is Verdict.REGRESSED)
    np.testing.assert_allclose(one.difference.mean, one.candidate - one.baseline)
    np.testing.assert_allclose(one.difference.mean, change, atol=0.02)


def test_a_change_that_persons_do_not_share_is_no_regression():
    worse = run()
    worse.loc[worse["person"] == "a", "value"] -= 8
    (one,) = compare(run(), worse, CONFIG)
    assert one.difference.mean == pytest.approx(-8 / 5) and one.verdict is Verdict.UNCHANGED


def test_noise_seldom_closes_the_gate():
    """Without floors, about one comparison in forty of pure noise (half of 1 - level); with floors, none of these."""
    rng = np.random.default_rng(3)
    sharp = GateConfig(**{**vars(CONFIG), "floors": {}, "default": Floor(absolute=0.0, relative=0.0)})
    alarms = {"sharp": 0, "floors": 0}
    trials = 200
    for _ in range(trials):
        one, other = run(noise=0.3, rng=rng), run(noise=0.3, rng=rng)
        alarms["sharp"] += Verdict.REGRESSED in verdicts(one, other, sharp).values()
        alarms["floors"] += Verdict.REGRESSED in verdicts(one, other).values()
    assert 1 <= alarms["sharp"] <= 0.05 * trials
    assert alarms["floors"] <= 0.02 * trials


def test_a_large_regression_is_found_through_noise():
    rng = np.random.default_rng(4)
    found = [verdicts(run(noise=0.9, rng=rng), run(mean=17, noise=0.9, rng=rng)) for _ in range(50)]
    assert all(Verdict.REGRESSED in one.values() for one in found)


def test_what_vanished_fails_and_says_what():
    baseline = both(run(), run(metric=LMD), run(dataset="hdtf"), frame([row("other", "a1", 1.0)]))
    candidate = both(run(), run(metric="m_lmd-px512-v2"), run(metric=METRICS["ssim"].id))
    found = {(one.method, one.dataset, one.metric): one for one in compare(baseline, candidate, CONFIG)}
    assert found["mine", "mead", PSNR].verdict is Verdict.UNCHANGED
    renamed = found[EVERYTHING, EVERYTHING, LMD]
    assert renamed.verdict is Verdict.NOT_MEASURED and "m_lmd-px512-v2" in renamed.reason
    assert METRICS["ssim"].id not in renamed.reason
    assert found["other", EVERYTHING, EVERYTHING].verdict is Verdict.NOT_MEASURED
    assert found["mine", "hdtf", EVERYTHING].verdict is Verdict.NOT_MEASURED
    assert len(found) == 4


def test_a_missing_metric_hints_at_new_ones():
    (one, _) = compare(both(run(), run(metric=LMD)), both(run(), run(metric=METRICS["ssim"].id)), CONFIG)
    assert one.failed and one.reason.endswith(f"new in it: {METRICS['ssim'].id}")


def test_clips_and_seeds_without_rows_are_told_once_and_the_rest_is_compared():
    baseline = both(run(), run(metric=LMD))
    lost, *rest = compare(baseline, both(run(clips=CLIPS[3:]), run(clips=CLIPS[3:], metric=LMD)), CONFIG)
    assert (lost.dataset, lost.metric, lost.verdict) == ("mead", EVERYTHING, Verdict.NOT_MEASURED)
    assert lost.reason == "no rows of 3 of 15 clips (each seed counts), first a0 with seed 0"
    assert [one.difference.clips for one in rest] == [12, 12]
    seeds = both(run(), run(seed=1))
    lost, rest = compare(seeds, run(), CONFIG)
    assert lost.reason == "no rows of 15 of 30 clips (each seed counts), first a0 with seed 1"
    assert [one.verdict for one in compare(run(), seeds, CONFIG)] == [Verdict.UNCHANGED]


def test_values_that_became_null_fail_with_their_count_and_reason():
    null = run()
    null.loc[:1, ["value", "reason"]] = [np.nan, "no face"]
    (one,) = compare(run(), null, CONFIG)
    assert (one.verdict, one.reason) == (Verdict.NOT_MEASURED, "2 of 15 values missing: no face")
    assert one.difference.clips == 13
    assert [one.verdict for one in compare(null, run(), CONFIG)] == [Verdict.UNCHANGED]
    (one, _) = compare(both(run(), run(metric=LMD)), both(run(), run(metric=LMD)[1:]), CONFIG)
    assert (one.metric, one.reason) == (LMD, "1 of 15 values missing: no row")


def test_seeds_are_paired_and_averaged():
    baseline = both(run(), run(mean=22, seed=1))
    (one,) = compare(baseline, both(run(mean=19), run(mean=21, seed=1)), CONFIG)
    assert one.verdict is Verdict.REGRESSED and one.difference.mean == pytest.approx(-1)
    (one,) = compare(baseline, both(run(mean=17), run(mean=24.9, seed=1)), CONFIG)
    assert one.verdict is Verdict.UNCHANGED  # one seed up, one down: nothing to be sure of


def test_datasets_are_judged_alone_and_together():
    small = ["a0", "b0"]
    baseline = both(run(clips=small), run(clips=["c0"], dataset="hdtf"), run(clips=["d0"], dataset="crema_d"))
    worse = baseline.assign(value=baseline["value"] - [1.0, 1.1, 0.9, 1.0])
    found = verdicts(baseline, worse)
    assert found["mine", "hdtf", PSNR] is Verdict.UNDECIDED  # one person: no interval
    assert found["mine", EVERYTHING, PSNR] is Verdict.REGRESSED


def test_what_is_not_guarded_is_left_alone():
    baseline = both(run(), frame([row("other", "a1", 9.0)]), run(metric=METRICS["sync_conf_other"].id))
    only = GateConfig(**{**vars(CONFIG), "methods": ("mine",)})
    assert list(verdicts(baseline, run(), only)) == [("mine", "mead", PSNR)]
    with pytest.raises(UserError, match="no method 'typo'"):
        compare(baseline, run(), GateConfig(**{**vars(CONFIG), "methods": ("typo",)}))
    with pytest.raises(UserError, match="nothing can be compared"):
        compare(run(metric=METRICS["sync_conf_other"].id), run(), CONFIG)


def test_a_metric_that_this_version_does_not_know_is_not_judged():
    (one,) = compare(run(metric="mos-v9"), run(metric="mos-v9", mean=10), CONFIG)
    assert one.verdict is Verdict.NOT_MEASURED and "does not know" in one.reason


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["mine", "a|b`c", "\x1b[2J"]),
            st.sampled_from(["mead", "hdtf"]),
            st.sampled_from([PSNR, LMD, METRICS["ssim"].id]),
            st.sampled_from(CLIPS),
            st.integers(0, 2),
        ),
        unique=True,
        min_size=1,
        max_size=60,
    ),
    st.data(),
)
def test_a_run_passes_its_own_gate(keys, data):
    values = data.draw(st.lists(st.none() | st.floats(-1e6, 1e6), min_size=len(keys), max_size=len(keys)))
    values[0] = 1.0
    rows = [
        row(method, clip, value, dataset=dataset, metric=metric, seed=seed, reason="none" if value is None else None)
        for (method, dataset, metric, clip, seed), value in zip(keys, values, strict=True)
    ]
    found = set(verdicts(frame(rows), frame(rows[::-1])).values())
    assert found <= {Verdict.UNCHANGED, Verdict.UNDECIDED}  # undecided: no clip has a value with every seed


def test_the_configuration_is_checked(tmp_path):
    assert read_config().default.relative > 0
    text = gate_config.CONFIG.read_text()
    for old, new, message in [
        ("default:", "defaults:", "unknown key"),
        ("  ssim:", "  sim:", "no such metric"),
        ("absolute: 0.0,", "absolute: -1.0,", "0 or more"),
        ("level: 0.95", "level: 95", "level"),
        ("methods: null", "methods: speak", "expected a list"),
    ]:
        (tmp_path / "gate.yaml").write_text(text.replace(old, new, 1))
        with pytest.raises(UserError, match=message):
            read_config(tmp_path / "gate.yaml")


def test_our_own_gate_ignores_what_is_no_quality_and_knows_a_floor_for_all_else():
    ours = read_config(gate_config.CONFIG)
    assert set(ours.ignored_metrics) == {metric.name for metric in METRICS.values() if not metric.ranked}
    assert METRICS.keys() - ours.floors.keys() == set(ours.ignored_metrics)
