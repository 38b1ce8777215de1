"""A table as CSV (long, full precision) and as Markdown. The same table gives the same bytes; no time
stamps."""

import csv
import io
from collections.abc import Sequence

from benchmarks.layout import Column, Row
from benchmarks.tables import Cell, Table, dataset_title

DASH = "–"
ALL_FOUND = 0.995
"""A share of faces that is printed as all of them, without remark."""
FIELDS = (
    *("table", "dataset", "method", "label", "source", "metric", "value", "low", "high", "level", "clips"),
    *("persons", "seeds", "scored", "expected", "found_share", "best", "not_separated"),
    *("rank", "rank_low", "rank_high", "reason", "stamp", "budget"),
)


def to_csv(table: Table) -> str:
    """One line per number, full precision; ``source`` is ``measured`` (or ``simulated``) or ``paper``."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, FIELDS, lineterminator="\n", restval="")
    writer.writeheader()
    for cell in table.cells.values():
        writer.writerow(_measured_line(table, cell))
        if cell.paper is not None:
            writer.writerow(_paper_line(table, cell))
    return stream.getvalue()


def _measured_line(table: Table, cell: Cell) -> dict:
    names = ("value", "low", "high", "found_share", "rank", "rank_low", "rank_high")
    numbers = {name: getattr(cell, name) for name in names}
    return {
        **_line(table, cell),
        "source": table.source,
        "metric": cell.column.metric,
        **{name: "" if number is None else repr(number) for name, number in numbers.items()},
        "level": table.level,
        "clips": cell.clips,
        "persons": cell.persons,
        "seeds": cell.seeds,
        "scored": cell.scored,
        "expected": cell.expected,
        "best": int(cell.best),
        "not_separated": int(cell.not_separated),
        "reason": cell.reason or "",
        "stamp": table.stamp or "",
        "budget": table.budget.get(cell.row.method, ""),
    }


def _paper_line(table: Table, cell: Cell) -> dict:
    numbers = {"metric": cell.column.name, "value": repr(cell.paper), "best": int(cell.paper_best)}
    return {**_line(table, cell), "source": "paper", **numbers}


def _line(table: Table, cell: Cell) -> dict:
    return {
        "table": table.layout.key,
        "dataset": cell.dataset,
        "method": cell.row.method,
        "label": cell.row.label,
    }


class Footnotes:
    """Numbers reasons in the order in which they appear; equal reasons share a number."""

    def __init__(self):
        self.reasons: list[str] = []

    def mark(self, reason: str) -> int:
        """The number of a reason, from 1."""
        if reason not in self.reasons:
            self.reasons.append(reason)
        return self.reasons.index(reason) + 1


def paper_text(value: float | None) -> str:
    """A number of the paper at the precision it is printed there; nothing where the paper has none."""
    return "" if value is None else f"{value:.2f}"


def number_text(value: float | None, column: Column) -> str:
    """A number at the column's printed precision, a dash for none."""
    return DASH if value is None else f"{value:.{column.decimals}f}"


def rank_text(cell: Cell) -> str:
    """The ranks that remain possible, e.g. ``2–4``; ``2`` where it is one, "" for a method without rank."""
    return span_text([cell.rank_low, cell.rank_high]) if cell.rank else ""


def heading(column: Column) -> str:
    """Title, unit and direction, e.g. ``F-LMD (px) ↓``."""
    unit = f" ({column.unit})" if column.unit else ""
    return f"{column.title}{unit} {'↑' if column.higher_is_better else '↓'}"


def explanation(table: Table) -> str:
    """What the marks in a printed table mean."""
    seeds = f" and over the {table.seeds} seeds of trained methods" if table.seeds > 1 else ""
    printed = table.layout.note or "Paper: as printed there, never mixed with ours."
    means = table.layout.means.format(level=f"{100 * table.level:g} %", seeds=seeds)
    return (
        f"{table.source.capitalize()}: {means}. Bold: best method, ground truth, codec ceiling and "
        f"still excluded. ≈: not separated from the best. #: ranks that remain possible. Both after Holm's correction "
        f"for all pairs of the ranked methods of a dataset and column. {printed}"
    )


def budget_text(table: Table) -> str:
    """What each trained row was trained with, e.g. ``Trained: SPEAK, 1500 steps on 26 persons.``; "" for none."""
    parts = [f"{row.label}, {budget}" for row, budget in table.budgets]
    return f"Trained: {'; '.join(parts)}." if parts else ""


def to_markdown(table: Table) -> str:
    """Per dataset: measured and printed numbers in neighbouring columns, then who scored how many clips."""
    notes = Footnotes()
    parts = [f"**{escape_markdown(table.caption)}**", explanation(table)]
    for dataset in table.datasets:
        parts += [f"### {escape_markdown(dataset_title(dataset))}", _markdown_values(table, dataset, notes)]
        parts += ["Clips scored / expected, and share of frames in which a face was found:"]
        parts += [_markdown_coverage(table, dataset)]
    parts += [escape_markdown(budget_text(table))] if table.budgets else []
    parts += [f"[{i}] {escape_markdown(reason)}  " for i, reason in enumerate(notes.reasons, start=1)]
    return "\n\n".join(parts) + "\n"


def _markdown_values(table: Table, dataset: str, notes: Footnotes) -> str:
    header = ["Method"]
    for column in table.layout.columns:
        header += [heading(column)] if column.companion else [heading(column), "paper"]
    lines = [header]
    for row in table.rows:
        line = [_label(row, notes)]
        for column in table.layout.columns:
            cell = table.cell(row, dataset, column)
            line.append(_markdown_cell(cell, notes))
            if not column.companion:
                printed = paper_text(cell.paper)
                line.append(f"**{printed}**" if cell.paper_best else printed)
        lines.append(line)
    return _markdown_grid(lines)


def _label(row: Row, notes: Footnotes) -> str:
    return escape_markdown(row.label) + (f" [{notes.mark(row.mark)}]" if row.mark else "")


def _markdown_cell(cell: Cell, notes: Footnotes) -> str:
    if cell.value is None:
        return f"{DASH} [{notes.mark(cell.reason or '')}]"
    text = number_text(cell.value, cell.column)
    text = f"**{text}**" if cell.best else text
    text += " ≈" if cell.not_separated else ""
    if cell.low is None:
        return f"{text} [{notes.mark(f'no interval: {cell.reason}')}]"
    interval = f"({number_text(cell.low, cell.column)}, {number_text(cell.high, cell.column)})"
    return f"{text} {interval}{f' #{rank_text(cell)}' if cell.rank else ''}"


def coverage_text(cell: Cell) -> str:
    """E.g. ``11/12 · 98.2 %``."""
    share = "" if cell.found_share is None else f" · {100 * cell.found_share:.1f} %"
    return f"{cell.scored}/{cell.expected}{share}"


def coverage_note(table: Table) -> str:
    """What the means of each dataset were taken over, and which numbers lack clips or faces; for print, where the whole
    coverage table would be too long."""
    parts = []
    for dataset in table.datasets:
        cells = [table.cell(row, dataset, column) for row in table.rows for column in table.layout.columns]
        measured = [cell for cell in cells if cell.value is not None]
        if measured:
            clips, persons = (span_text([getattr(cell, name) for cell in measured]) for name in ("clips", "persons"))
            gaps = [
                f"{cell.row.label} {cell.column.title} {coverage_text(cell)}"
                for cell in measured
                if cell.scored < cell.expected or (cell.found_share is not None and cell.found_share < ALL_FOUND)
            ]
            title, expected = dataset_title(dataset), max(cell.expected for cell in measured)
            parts.append(f"{title}, {clips} of {expected} clips of {persons} persons{_listed(gaps)}.")
    return " ".join(["Means are over:", *parts]) if parts else ""


def span_text(numbers: Sequence[int]) -> str:
    """From the least to the greatest, e.g. ``2–4``; one number where they are equal."""
    return DASH.join(str(number) for number in dict.fromkeys((min(numbers), max(numbers))))


def _listed(gaps: Sequence[str]) -> str:
    return f" (scored / expected, share of faces found: {'; '.join(gaps)})" if gaps else ""


def seeds_text(table: Table, cells: Sequence[Cell]) -> str:
    """E.g. ``, 1 seed``, for a row's coverage in a table that has methods of several seeds; "" in others."""
    seeds = max(cell.seeds for cell in cells)
    return f", {seeds} seed{'s' if seeds > 1 else ''}" if table.seeds > 1 else ""


def _markdown_coverage(table: Table, dataset: str) -> str:
    columns = table.layout.columns
    lines = [["Method", *(column.title for column in columns), "compared on"]]
    for row in table.rows:
        cells = [table.cell(row, dataset, column) for column in columns]
        if any(cell.scored for cell in cells):
            clips = span_text([cell.clips for cell in cells if cell.value is not None] or [0])
            compared_on = f"{clips} clips{seeds_text(table, cells)}"
            lines.append([escape_markdown(row.label), *(coverage_text(cell) for cell in cells), compared_on])
    return _markdown_grid(lines) if len(lines) > 1 else "nothing scored yet"


def _markdown_grid(lines: Sequence[Sequence[str]]) -> str:
    rule = ["---", *("---:" for _ in lines[0][1:])]
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))


def escape_markdown(text: str) -> str:
    """Inert in Markdown and in the HTML that Markdown allows."""
    for old, new in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(old, new)
    for sign in "\\`*_[]|":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
