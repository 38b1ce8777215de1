"""The paper's claims, checked one by one.

A claim is a set of comparisons ("SPEAK is best" = SPEAK is better than each other method). It

* holds when every comparison goes the claimed way and is separated from zero,
* does not hold when a single one goes the other way and is separated,
* is not measured when a comparison cannot be made (unless another one refutes it already),
* is not separated otherwise.

Separated means: after Holm's correction, of which the comparisons behind the claim are the family, on all its datasets.

The same rules read the paper's own printed numbers, where two different numbers always count as separated.
"""

import csv
import enum
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from benchmarks.comparison import by_column
from benchmarks.layout import LAYOUTS, Column, Layout, Row
from benchmarks.paper import PaperClaim, paper_claims, paper_values
from benchmarks.statistics import Interval, StatisticsConfig, holm
from benchmarks.study.panel import panel_of
from benchmarks.table_text import escape_markdown
from benchmarks.tables import dataset_title


class Verdict(enum.StrEnum):
    """What the numbers say about a claim."""

    HOLDS = "holds"
    FAILS = "does not hold"
    OPEN = "not separated"
    UNMEASURED = "not measured"


@dataclass(frozen=True)
class Comparison:
    """One method against another: ``sign`` 1 the claimed way, -1 the other way, 0 not separated, None
    unknown."""

    sign: int | None
    words: str


@dataclass(frozen=True)
class CheckedClaim:
    """A claim with our verdict; ``detail`` names the comparisons that decided it."""

    claim: PaperClaim
    verdict: Verdict
    detail: str


@dataclass(frozen=True)
class Pair:
    """A question: is first better than second, or (with a target) nearer to it?"""

    dataset: str
    column: Column
    first: Row
    second: Row
    target: Row | None

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows that must have numbers."""
        return tuple(row for row in (self.first, self.second, self.target) if row)


Compare = Callable[[Sequence[Pair]], list[Comparison]]
"""Answers all questions behind a claim."""


def check_claims(
    scores: pd.DataFrame, config: StatisticsConfig, reasons: Mapping[int, str] | None = None
) -> list[CheckedClaim]:
    """Check every claim against measured scores.

    Args:
        scores: all score rows of the run.
        config: how intervals are made.
        reasons: by table number, why it is not measured; else each missing method is named.
    """
    compare = _Measured(scores, config)
    checked = [check_claim(claim, compare) for claim in paper_claims()]
    return [
        CheckedClaim(item.claim, item.verdict, reasons[item.claim.table])
        if item.verdict is Verdict.UNMEASURED and item.claim.table in (reasons or {})
        else item
        for item in checked
    ]


def check_claim(claim: PaperClaim, compare: Compare) -> CheckedClaim:
    """Check one claim with a way of comparing (measured scores, or ``printed``)."""
    layout = LAYOUTS[claim.table]
    column = next(column for column in layout.columns if column.name == claim.metric)
    wanted = [name for name in layout.datasets if claim.dataset in ("both", dataset_title(name))]
    pairs = [Pair(dataset, column, *rows) for dataset in wanted for rows in _comparisons(claim, layout)]
    return _verdict(claim, compare(pairs))


def _comparisons(claim: PaperClaim, layout: Layout) -> list[tuple[Row, Row, Row | None]]:
    """The pairs behind a claim's wording: (claimed better, claimed worse, target of closeness)."""
    rows = {row.label: row for row in layout.rows}
    rows["the full model"] = rows["SPEAK"]
    label = next(label for label in rows if claim.claim.startswith(label))
    subject, truth = rows[label], rows.get("Ground Truth")
    others = [row for row in layout.rows if row.ranked and row != subject]
    ablations = [row for row in others if row.label != "SPEAK"]
    pairs = {
        "is best of the five methods": [(subject, other, None) for other in others],
        "beats every ablation": [(subject, other, None) for other in ablations],
        "is the worst ablation": [(other, subject, None) for other in ablations],
        "scores above Ground Truth": [(subject, truth, None)],
        "is the method closest to Ground Truth": [(subject, other, truth) for other in others],
    }
    return pairs[claim.claim.removeprefix(label).strip()]


def _verdict(claim: PaperClaim, comparisons: Sequence[Comparison]) -> CheckedClaim:
    for sign, verdict in ((-1, Verdict.FAILS), (None, Verdict.UNMEASURED), (0, Verdict.OPEN)):
        deciding = [item for item in comparisons if item.sign == sign]
        if deciding:
            return CheckedClaim(claim, verdict, _joined(deciding))
    return CheckedClaim(claim, Verdict.HOLDS, _joined(comparisons))


def _joined(comparisons: Sequence[Comparison]) -> str:
    """All words, each reason once."""
    words = [part for item in comparisons for part in item.words.split("; ")]
    return "; ".join(dict.fromkeys(words))


class _Measured:
    """Compares by paired differences over the clips that the compared methods scored."""

    def __init__(self, scores: pd.DataFrame, config: StatisticsConfig):
        self.groups, self.config = by_column(scores), config

    def __call__(self, pairs: Sequence[Pair]) -> list[Comparison]:
        found = [self._interval(pair) for pair in pairs]
        tested = [k for k, item in enumerate(found) if isinstance(item, Interval) and item.p_value is not None]
        corrected = dict(zip(tested, holm([found[k].p_value for k in tested]), strict=True))
        return [
            Comparison(None, item) if isinstance(item, str) else self._answer(pair, item, corrected.get(k))
            for k, (pair, item) in enumerate(zip(pairs, found, strict=True))
        ]

    def _interval(self, pair: Pair) -> Interval | str:
        """The difference, positive the claimed way, or why there is none."""
        names = [row.method for row in pair.rows]
        rows, title = self.groups.get((pair.dataset, pair.column.metric)), dataset_title(pair.dataset)
        compared = panel_of(rows, names, self.config)
        missing = [row for row in pair.rows if row.method not in compared.methods]
        if missing:
            partly = set(rows["method"]) if compared.values.shape[2] > 1 else set()
            scores = {row: "scores with every seed" if row.method in partly else "scores" for row in missing}
            return "; ".join(f"{row.label} has no {title} {what}" for row, what in scores.items())
        if not len(compared.values):
            return f"no clip that both scored on {title}"
        if pair.target:
            return compared.closeness(*names)
        return compared.difference(*(names if pair.column.higher_is_better else names[::-1]))

    def _answer(self, pair: Pair, found: Interval, p_value: float | None) -> Comparison:
        words = "nearer than" if pair.target else "better than"
        certainty = (
            found.reason if p_value is None else f"({found.low:+.3g}, {found.high:+.3g}), corrected p {p_value:.2g}"
        )
        text = f"{pair.first.label} {words} {pair.second.label} on {dataset_title(pair.dataset)} by {found.mean:+.3g} "
        separated = p_value is not None and p_value < 1 - self.config.level
        return Comparison((1 if found.mean > 0 else -1) if separated else 0, text + certainty)


def printed(table: int) -> Compare:
    """Compares the paper's own printed numbers of one table."""
    return lambda pairs: [_printed(table, pair) for pair in pairs]


def _printed(table: int, pair: Pair) -> Comparison:
    title = dataset_title(pair.dataset)
    numbers = [paper_values().get((table, title, row.label, pair.column.name)) for row in pair.rows]
    if None in numbers:
        return Comparison(None, "not printed")
    if pair.target:
        difference = abs(numbers[1] - numbers[2]) - abs(numbers[0] - numbers[2])
    else:
        difference = (numbers[0] - numbers[1]) * (1 if pair.column.higher_is_better else -1)
    sign = int(difference > 1e-9) - int(difference < -1e-9)
    return Comparison(sign, f"{pair.first.label} {numbers[0]}, {pair.second.label} {numbers[1]} on {title}")


HEADER = (
    "id",
    "section",
    "table",
    "dataset",
    "metric",
    "claim",
    "measured",
    "detail",
    "in the paper's own table",
)


def claims_csv(checked: Iterable[CheckedClaim]) -> str:
    """One line per claim."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_line(item) for item in checked)
    return stream.getvalue()


def claims_markdown(checked: Sequence[CheckedClaim], stamp: str | None) -> str:
    """A table of claims under a line that counts the verdicts."""
    rows = [list(HEADER), ["---"] * len(HEADER)]
    rows += [[escape_markdown(part) for part in _line(item)] for item in checked]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    title = "**The paper's claims.**" + (f" {escape_markdown(stamp)}." if stamp else "")
    return f"{title}\n\n{verdict_counts(checked)}\n\n{table}\n"


def verdict_counts(checked: Sequence[CheckedClaim]) -> str:
    """E.g. ``34 claims. Holds: 3; does not hold: 1; not separated: 0; not measured: 30``."""
    counts = (f"{verdict}: {sum(item.verdict is verdict for item in checked)}" for verdict in Verdict)
    return f"{len(checked)} claims. {'; '.join(counts).capitalize()}"


def _line(item: CheckedClaim) -> list[str]:
    claim = item.claim
    where = [claim.id, claim.section, str(claim.table), claim.dataset, claim.metric, claim.claim]
    return [*where, item.verdict.value, item.detail, claim.paper_verdict]
