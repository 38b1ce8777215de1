"""Is a method better than doing nothing? Two opponents that none should lose to.

* The still image, for every metric of ``ASKED``: the identity picture for as long as the clip lasts.
* The method's own videos, heard with another clip's sound, for sync confidence: a mouth may move a lot, and not to
  what is said.

Differences are paired over the clips that both scored, with the intervals of the tables. Separated from zero means:
after Holm's correction for all methods of a dataset that are asked the same.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from benchmarks.claims import Verdict
from benchmarks.comparison import by_column, panel
from benchmarks.layout import COMPARISON, Column, Row
from benchmarks.statistics import Interval, StatisticsConfig, holm
from benchmarks.tables import Table
from speak.metrics import METRICS

STILL, OTHER_SOUND = "a still image", "with another clip’s sound"
ASKED = ("ssim", "psnr", "f_lmd", "m_lmd", "pose_error", "sync_conf")
COLUMNS = {column.name: column for column in COMPARISON.columns}


@dataclass(frozen=True, kw_only=True)
class Question:
    """By how much is a method better than ``opponent`` in one column?"""

    column: Column
    opponent: str

    def key(self, method: str) -> str:
        """The opponent's key in ``with_other_sound`` score rows."""
        return "still" if self.opponent == STILL else _other_sound(method)


QUESTIONS = (
    *(Question(column=COLUMNS[name], opponent=STILL) for name in ASKED),
    Question(column=COLUMNS["sync_conf"], opponent=OTHER_SOUND),
)


@dataclass(frozen=True, kw_only=True)
class Margin:
    """The answer for one method on one dataset.

    Attributes:
        found: the paired difference, above zero where the method is better; None where ``reason`` says why.
        p_value: of ``found``, corrected.
    """

    question: Question
    found: Interval | None
    p_value: float | None
    verdict: Verdict
    reason: str | None


Floor = Mapping[str, Mapping[Row, Sequence[Margin]]]
"""By dataset, by row of Table 1: one margin per question."""


def floor(table: Table, scores: pd.DataFrame, config: StatisticsConfig) -> Floor:
    """Ask every question of every ranked method that was scored; nothing where there is no still image.

    Args:
        table: Table 1, whose rows and datasets are asked and whose reasons say why a method is not compared.
        scores: all score rows of the run.
        config: how intervals are made.
    """
    groups = by_column(with_other_sound(scores))
    asked = {}
    for dataset in table.datasets:
        methods = set(scores.loc[scores["dataset"] == dataset, "method"])
        rows = [row for row in table.rows if row.ranked and row.method in methods]
        if "still" in methods and rows:
            answers = [_answers(question, dataset, rows, groups, table, config) for question in QUESTIONS]
            asked[dataset] = dict(zip(rows, zip(*answers, strict=True), strict=True))
    return asked


def with_other_sound(scores: pd.DataFrame) -> pd.DataFrame:
    """Score rows, and those with another clip's sound once more: as sync confidence of a method of its own."""
    other = scores[scores["metric"] == METRICS["sync_conf_other"].id]
    renamed = other.assign(metric=METRICS["sync_conf"].id, method=other["method"].map(_other_sound))
    return pd.concat([scores, renamed], ignore_index=True)


def _other_sound(method: str) -> str:
    return f"{method}, {OTHER_SOUND}"


def _answers(
    question: Question,
    dataset: str,
    rows: Sequence[Row],
    groups: Mapping[tuple[str, str], pd.DataFrame],
    table: Table,
    config: StatisticsConfig,
) -> list[Margin]:
    """One margin per row; their p-values are corrected together."""
    own = groups.get((dataset, question.column.metric))
    found = [_difference(question, row.method, own, config) for row in rows]
    tested = [k for k, interval in enumerate(found) if interval and interval.p_value is not None]
    corrected = dict(zip(tested, holm([found[k].p_value for k in tested]), strict=True))
    reasons = [table.cell(row, dataset, question.column).reason for row in rows]
    return [_margin(question, interval, corrected.get(k), reasons[k], config.level) for k, interval in enumerate(found)]


def _difference(
    question: Question, method: str, rows: pd.DataFrame | None, config: StatisticsConfig
) -> Interval | None:
    """The difference, above zero where the method is better; None where one of both cannot be compared."""
    pair = (method, question.key(method))
    compared = panel(rows, pair, config)
    if set(pair) - set(compared.methods) or not len(compared.values):
        return None
    return compared.difference(*(pair if question.column.higher_is_better else pair[::-1]))


def _margin(
    question: Question, found: Interval | None, p_value: float | None, reason: str | None, level: float
) -> Margin:
    if found is None:
        reason = reason or "the opponent was not scored on the same clips"
        return Margin(question=question, found=None, p_value=None, verdict=Verdict.UNMEASURED, reason=reason)
    separated = p_value is not None and p_value < 1 - level
    verdict = (Verdict.HOLDS if found.mean > 0 else Verdict.FAILS) if separated else Verdict.OPEN
    return Margin(question=question, found=found, p_value=p_value, verdict=verdict, reason=found.reason)


WORDS = {Verdict.HOLDS: "better", Verdict.FAILS: "worse", Verdict.OPEN: "not separated", Verdict.UNMEASURED: "–"}


def signed(value: float, column: Column) -> str:
    """A difference at the column's printed precision, e.g. ``+0.131``."""
    return f"{value:+.{column.decimals}f}"


FIELDS = (
    *("dataset", "method", "label", "metric", "than", "better_by", "low", "high", "level", "p_corrected"),
    *("clips", "persons", "verdict", "reason", "stamp"),
)


def floor_csv(asked: Floor, level: float, stamp: str | None) -> str:
    """One line per dataset, method and question, full precision."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, FIELDS, lineterminator="\n", restval="")
    writer.writeheader()
    for dataset, rows in asked.items():
        for row, margins in rows.items():
            named = {"dataset": dataset, "method": row.method, "label": row.label, "level": level, "stamp": stamp}
            writer.writerows({**named, **line} for line in _lines(margins))
    return stream.getvalue()


def _lines(margins: Sequence[Margin]) -> Iterable[dict]:
    for margin in margins:
        found = margin.found
        yield {
            "metric": margin.question.column.metric,
            "than": margin.question.opponent,
            "verdict": margin.verdict.value if found is None else WORDS[margin.verdict],
            "reason": margin.reason,
            "p_corrected": margin.p_value,
            **({} if found is None else {"better_by": found.mean, "low": found.low, "high": found.high}),
            **({} if found is None else {"clips": found.clips, "persons": found.persons}),
        }
