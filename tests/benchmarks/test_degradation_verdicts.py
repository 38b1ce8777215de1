"""Verdicts on made-up numbers whose answer is known."""

import io

import numpy as np
import pandas as pd
import pytest
from scipy.stats import sem

from benchmarks.degradation import verdicts
from benchmarks.degradation.check import changes_text, check_csv, expected_text, metric_check
from benchmarks.degradation.config import DegradeConfig
from benchmarks.degradation.expectations import EXPECTATIONS, still, worse
from benchmarks.degradation.figure import response_plot
from benchmarks.degradation.registry import BEFORE, DEGRADATIONS
from benchmarks.degradation.trials import COLUMNS
from benchmarks.degradation.verdicts import Verdict, findings
from speak.metrics import METRICS

LEVELS = {name: (1.0, 2.0, 4.0) for name, degradation in DEGRADATIONS.items() if degradation.unit}
CONFIG = DegradeConfig(
    clips_per_dataset=2, frames=9, levels=LEVELS, seed=0, least_share=0.05, standard_errors=2.0, min_measured_share=0.5
)
BASE = np.array([10.0, 20.0, 30.0, 40.0])


def rows(key, values, metric="f_lmd"):
    """A row per clip; None in ``values`` is a null."""
    return [
        ("mead", f"p{clip}", f"c{clip}", *key, METRICS[metric].id, value, None if value is not None else "no face")
        for clip, value in enumerate(values)
    ]


def verdict(changes, *, expectation=None, metric="f_lmd", monkeypatch, extra=100.0):
    """The finding of a metric under blur, whose change at each level is a number, or a list of one per clip.

    Another degradation moves the metric by ``extra``, so that its largest change is known.
    """
    monkeypatch.setattr(verdicts, "EXPECTATIONS", {metric: {"blur": expectation} if expectation else {}})
    found = rows(BEFORE, BASE, metric) + rows(("swapped_person", 1.0), BASE + extra, metric)
    for level, change in zip(LEVELS["blur"], changes, strict=True):
        each = [change] * 4 if np.isscalar(change) or change is None else change
        values = [None if one is None else base + one for one, base in zip(each, BASE, strict=True)]
        found += rows(("blur", level), values, metric)
    table = pd.DataFrame(found, columns=list(COLUMNS)).sample(frac=1, random_state=0)  # order must not matter
    (finding,) = (f for f in findings(table, CONFIG) if (f.metric, f.degradation) == (metric, "blur"))
    return finding


NOISY = [-6.0, 6.0, -5.0, 6.0]


@pytest.mark.parametrize(
    ("changes", "expectation", "expected"),
    [
        ((10, 20, 30), worse(), Verdict.EXPECTED),
        ((10, 20, 19), worse(), Verdict.EXPECTED),  # a step back of 1 % of the largest change
        ((10, 30, 20), worse(), Verdict.NOT_MONOTONE),
        ((10, 30, 20), worse(monotone=False), Verdict.EXPECTED),
        ((-10, 10, 20), worse(), Verdict.NOT_MONOTONE),  # better first
        ((1, 2, 3), worse(), Verdict.EXPECTED),  # small, but the same in every clip
        ((0, 0, 0), worse(), Verdict.UNMOVED),
        ((NOISY, NOISY, NOISY), worse(), Verdict.UNMOVED),
        ((-10, -20, -30), worse(), Verdict.WRONG),
        ((10, 5, -20), worse(), Verdict.WRONG),
        ((0, 4, -4), still(), Verdict.EXPECTED),  # below 5 % of 100
        ((0, 0, 6), still(), Verdict.MOVES),
        ((0, -6, 0), still(), Verdict.MOVES),
        (([-60, 60, -55, 60],) * 3, still(), Verdict.EXPECTED),  # far, but no way in common
        ((10, 20, 30), None, Verdict.UNCLAIMED),
        ((None, None, None), worse(), Verdict.UNMEASURED),
        ((None, None, None), None, Verdict.UNMEASURED),
        ((10, 20, None), worse(), Verdict.EXPECTED),
        ((10, 20, [None, None, None, 30]), worse(), Verdict.EXPECTED),
        (([10, None, 10, None],) * 3, worse(), Verdict.EXPECTED),
        (([10, None, None, None],) * 3, worse(), Verdict.UNMEASURED),
    ],
)
def test_verdicts(changes, expectation, expected, monkeypatch):
    finding = verdict(changes, expectation=expectation, monkeypatch=monkeypatch)
    assert finding.verdict is expected
    assert finding.verdict.fails == (
        expected in ("moves, not monotone", "does not move", "moves the wrong way", "moves, should not")
    )
    assert (finding.reason == "no face") == (None in finding.changes.values())


def test_worse_is_lower_where_higher_is_better(monkeypatch):
    falls = verdict((-1, -2, -3), expectation=worse(), metric="ssim", monkeypatch=monkeypatch, extra=-100.0)
    assert falls.verdict is Verdict.EXPECTED and falls.changes[4.0].mean == 3 and falls.share(4.0) == 0.03
    rises = verdict((1, 2, 3), expectation=worse(), metric="ssim", monkeypatch=monkeypatch)
    assert rises.verdict is Verdict.WRONG


def test_changes_are_paired_and_have_the_standard_error_of_scipy(monkeypatch):
    each = [1.0, 2.0, 4.0, 9.0]
    change = verdict((each, each, each), monkeypatch=monkeypatch).changes[1.0]
    assert change.mean == pytest.approx(4.0) and change.error == pytest.approx(sem(each)) and change.clips == 4
    partly = verdict(([None, 2.0, 4.0, None], 0, 0), monkeypatch=monkeypatch).changes[1.0]
    assert partly.mean == pytest.approx(3.0) and partly.clips == 2


def test_one_clip_has_no_error_and_moves_by_its_sign():
    table = pd.DataFrame(rows(BEFORE, [5.0]) + rows(("shift", 1.0), [7.0]), columns=list(COLUMNS))
    (finding,) = (f for f in findings(table, CONFIG) if (f.metric, f.degradation) == ("f_lmd", "shift"))
    assert finding.changes[1.0].error is None and finding.verdict is Verdict.EXPECTED


def test_a_metric_that_was_not_tried_is_not_measured():
    table = pd.DataFrame(rows(BEFORE, BASE), columns=list(COLUMNS))
    found = [finding for finding in findings(table, CONFIG) if finding.metric == "psnr"]
    assert {(finding.verdict, finding.reason) for finding in found} == {(Verdict.UNMEASURED, "not tried")}


def test_every_registered_metric_says_what_it_claims():
    """One that claims nothing has an empty row, so that no metric is forgotten."""
    assert not METRICS.keys() - EXPECTATIONS.keys(), "add a row to benchmarks/degradation/expectations.py"
    assert all(row.keys() <= DEGRADATIONS.keys() for row in EXPECTATIONS.values())
    assert [name for name in METRICS if not EXPECTATIONS[name]] == []


def test_csv_words_and_picture_repeat_and_name_what_fails(monkeypatch):
    monkeypatch.setattr(verdicts, "EXPECTATIONS", {"f_lmd": {"blur": worse("why it must")}})
    numbers = rows(BEFORE, BASE) + [
        r for n, level in enumerate(LEVELS["blur"]) for r in rows(("blur", level), BASE - n - 1)
    ]
    check = metric_check(pd.DataFrame(numbers, columns=list(COLUMNS)), CONFIG)
    assert (check.clips, check.persons) == (4, 4)
    (failure,) = check.failures
    assert "must get worse with every level (why it must)" in expected_text(failure)
    assert changes_text(failure) == "-1.00, -2.00, -3.00 px at 1, 2, 4 px (n = 4)"
    text = check_csv(check, "a stamp, with comma")
    lines = pd.read_csv(io.StringIO(text))
    blurred = lines[(lines.metric == "f_lmd") & (lines.degradation == "blur")]
    assert blurred.change.tolist() == [-1, -2, -3] and set(blurred.verdict) == {"moves the wrong way"}
    assert set(lines.stamp) == {"a stamp, with comma"}
    assert response_plot(check) == response_plot(check)


@pytest.mark.parametrize(
    "wrong",
    [
        {"levels": LEVELS | {"blur": (2.0, 1.0)}},
        {"levels": LEVELS | {"blur": ()}},
        {"levels": LEVELS | {"frozen_head": (1.0,)}},
        {"levels": {"blur": (1.0,)}},
        {"frames": 0},
        {"least_share": 1.0},
        {"min_measured_share": 0.0},
    ],
)
def test_senseless_parameters_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        DegradeConfig(**(vars(CONFIG) | wrong))
