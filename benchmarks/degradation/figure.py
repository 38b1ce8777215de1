"""The responses as one picture: a row for each metric, a column for each degradation, a bar for each level."""

import io
from collections.abc import Sequence
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.canvas import ACCENT, FAINT, INK, MUTED
from benchmarks.degradation.check import MetricCheck
from benchmarks.degradation.registry import DEGRADATIONS
from benchmarks.degradation.verdicts import Finding, Verdict
from benchmarks.table_text import heading
from speak.metrics import METRICS

BAD, PALE = "#c0392b", "#b8bfc8"
CELL = 0.92, 0.42
"""Inches across and down."""
MARGIN = 2.15, 0.75
"""Inches on the left and at the top."""
LINE = 30
"""Letters in a line on the left."""
FILLED = 0.72, 0.76
"""Share of a cell that its bars fill across, and that a row's whole range fills down."""


def response_plot(check: MetricCheck) -> bytes:
    """PNG. A bar's height is the mean change as a share of the metric's largest one, up where worse.

    Metrics without a single number are left out.
    """
    rows = {name: findings for name, findings in check.rows.items() if any(finding.clips for finding in findings)}
    columns = list(DEGRADATIONS)
    width, height = MARGIN[0] + CELL[0] * len(columns), MARGIN[1] + CELL[1] * len(rows)
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    axis = figure.add_axes((MARGIN[0] / width, 0, 1 - MARGIN[0] / width, 1 - MARGIN[1] / height))
    for row, findings in enumerate(rows.values()):
        _draw_row(axis, findings, row, check.config.standard_errors)
    _frame(axis, list(rows), columns, check)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=130, metadata={"Software": None})
    return stream.getvalue()


def _draw_row(axis: Axes, findings: Sequence[Finding], row: int, errors: float) -> None:
    """One metric: its largest change for the worse near the cells' upper edge, for the better near the lower."""
    shares = [finding.share(level) or 0.0 for finding in findings for level in finding.changes]
    best, worst = min(0.0, *shares), max(0.0, *shares)
    unit = FILLED[1] / max(worst - best, 1.0)
    zero = row + (1 + FILLED[1]) / 2 + unit * best
    axis.axhline(zero, color=PALE, linewidth=0.5, zorder=0)
    for column, finding in enumerate(findings):
        _draw_cell(axis, finding, (column, zero), unit, errors)


def _draw_cell(axis: Axes, finding: Finding, corner: tuple[float, float], unit: float, errors: float) -> None:
    """Bars from mild to strong, the strongest on the right."""
    color = BAD if finding.verdict.fails else PALE if finding.verdict is Verdict.UNCLAIMED else ACCENT
    left, zero = corner
    step = FILLED[0] / len(finding.changes)
    for place, (level, change) in enumerate(finding.changes.items()):
        x, share = left + (1 - FILLED[0]) / 2 + (place + 0.5) * step, finding.share(level)
        if change is None:
            axis.text(x, zero, "–", color=MUTED, fontsize=8, ha="center", va="bottom")
            continue
        axis.bar(x, -unit * share, 0.8 * min(step, 0.25), bottom=zero, color=color, linewidth=0)
        if change.error and finding.largest:
            reach = errors * change.error / finding.largest
            ends = [zero - unit * (share + side * reach) for side in (-1, 1)]
            axis.plot([x, x], ends, color=INK, linewidth=0.7, solid_capstyle="butt")


def _frame(axis: Axes, names: Sequence[str], columns: Sequence[str], check: MetricCheck) -> None:
    axis.set_xlim(0, len(columns))
    axis.set_ylim(len(names), 0)
    for row in range(len(names)):
        axis.axhline(row, color=FAINT, linewidth=0.8)
    for column in range(len(columns)):
        axis.axvline(column, color=FAINT, linewidth=0.8)
    titles = [fill(heading(METRICS[name]), LINE) for name in names]
    axis.set_yticks([row + 0.5 for row in range(len(names))], titles, fontsize=9)
    labels = [_label(name, check) for name in columns]
    axis.set_xticks([column + 0.5 for column in range(len(columns))], labels, fontsize=8)
    axis.tick_params(length=0, colors=INK, top=False, labeltop=True, labelbottom=False)
    for spine in axis.spines.values():
        spine.set_visible(False)


def _label(name: str, check: MetricCheck) -> str:
    """A column's head, on three lines: two words, and the levels."""
    degradation = DEGRADATIONS[name]
    levels = ", ".join(f"{level:g}" for level in check.config.levels_of(name)) if degradation.unit else ""
    first, _, second = degradation.title.partition(" ")
    unit = degradation.unit or ""
    lines = [first, second] if second else [first]
    return "\n".join([*lines, f"{levels} {unit}".strip()])
