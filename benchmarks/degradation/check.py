"""What the report shows of the metrics' trial: findings in words, in symbols and as CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from benchmarks.degradation.config import DegradeConfig
from benchmarks.degradation.registry import DEGRADATIONS, UNSPOILED
from benchmarks.degradation.verdicts import Finding, Verdict, findings
from speak.metrics import METRICS

SYMBOLS = {
    Verdict.EXPECTED: "✓",
    Verdict.NOT_MONOTONE: "≁",
    Verdict.UNMOVED: "○",
    Verdict.WRONG: "✗",
    Verdict.MOVES: "△",
    Verdict.UNMEASURED: "–",
    Verdict.UNCLAIMED: "·",
}

FIELDS = (
    *("metric", "version", "degradation", "expected", "why", "verdict", "level", "unit"),
    *("change", "standard_error", "share_of_largest", "clips", "reason", "stamp"),
)


@dataclass(frozen=True, kw_only=True)
class MetricCheck:
    """Whether the metrics work.

    Attributes:
        findings: every metric under every degradation.
        clips, persons: that were spoiled.
        config: levels and what counts as a change.
    """

    findings: tuple[Finding, ...]
    clips: int
    persons: int
    config: DegradeConfig

    @property
    def rows(self) -> dict[str, list[Finding]]:
        """By metric, a finding for each degradation."""
        return {name: list(own) for name, own in groupby(self.findings, lambda finding: finding.metric)}

    @property
    def failures(self) -> list[Finding]:
        """What does not do what is expected of it."""
        return [finding for finding in self.findings if finding.verdict.fails]

    @property
    def counts(self) -> str:
        """How many of each verdict, in words."""
        found = [finding.verdict for finding in self.findings]
        return ", ".join(f"{found.count(verdict)} {verdict}" for verdict in Verdict if verdict in found)


def metric_check(table: pd.DataFrame, config: DegradeConfig) -> MetricCheck:
    """From ``degradations.parquet``."""
    unspoiled = table[table.degradation == UNSPOILED]
    return MetricCheck(
        findings=tuple(findings(table, config)),
        clips=unspoiled.clip_id.nunique(),
        persons=len(unspoiled[["dataset", "person"]].drop_duplicates()),
        config=config,
    )


def expected_text(finding: Finding) -> str:
    """What is expected, and why where it is not obvious."""
    expectation = finding.expectation
    if expectation is None:
        return "nothing claimed"
    text = "must stay" if expectation.move == "still" else "must get worse"
    if expectation.move == "worse" and len(finding.changes) > 1:
        text += " with every level" if expectation.monotone else " at some level"
    return f"{text} ({expectation.reason})" if expectation.reason else text


def changes_text(finding: Finding) -> str:
    """The mean change at each level, in the metric's unit; above 0 is worse."""
    metric, degradation = METRICS[finding.metric], DEGRADATIONS[finding.degradation]
    changes = finding.changes.values()
    numbers = ", ".join("no number" if change is None else f"{change.mean:+.{metric.decimals}f}" for change in changes)
    unit = f" {metric.unit}" if metric.unit else ""
    levels = ", ".join(f"{level:g}" for level in finding.changes)
    place = f" at {levels} {degradation.unit}" if degradation.unit else ""
    reason = f"; {finding.reason}" if finding.reason else ""
    return f"{numbers}{unit}{place} (n = {finding.clips}{reason})"


def check_csv(check: MetricCheck, stamp: str) -> str:
    """One line per metric, degradation and level, full precision."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, FIELDS, lineterminator="\n", restval="")
    writer.writeheader()
    for finding in check.findings:
        writer.writerows(_lines(finding, stamp))
    return stream.getvalue()


def _lines(finding: Finding, stamp: str) -> Sequence[dict]:
    expectation = finding.expectation
    shared = {
        "metric": finding.metric,
        "version": METRICS[finding.metric].id,
        "degradation": finding.degradation,
        "expected": expectation.move if expectation else "",
        "why": expectation.reason if expectation else "",
        "verdict": finding.verdict.value,
        "unit": DEGRADATIONS[finding.degradation].unit or "",
        "stamp": stamp,
    }
    lines = []
    for level, change in finding.changes.items():
        line = {**shared, "level": f"{level:g}", "clips": 0 if change is None else change.clips}
        if change is None:
            line["reason"] = finding.reason or ""
        else:
            numbers = {"change": change.mean, "standard_error": change.error, "share_of_largest": finding.share(level)}
            line |= {name: "" if number is None else repr(number) for name, number in numbers.items()}
        lines.append(line)
    return lines
