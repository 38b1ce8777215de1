"""Metrics against opinions as one picture: a row for each metric, a panel for each dataset and question."""

import io
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.canvas import ACCENT, FAINT, INK, MUTED
from benchmarks.figures import finish
from benchmarks.study.correlation import OVER_CLIPS, OVER_METHODS, Correlation
from benchmarks.study.questions import QUESTIONS
from benchmarks.table_text import heading
from benchmarks.tables import dataset_title
from speak.metrics import METRICS

PANEL_IN, ROW_IN, SIDE_IN, HEAD_IN = 2.3, 0.24, 2.4, 0.85
COEFFICIENT = "spearman"


def correlation_plot(found: Sequence[Correlation], mark: str) -> bytes:
    """PNG: Spearman's coefficient over clips with its interval, and over methods as a diamond.

    Args:
        found: of ``correlations``, at least one.
        mark: printed above everything, e.g. that raters were simulated; "" for none.
    """
    datasets = list(dict.fromkeys(item.dataset for item in found))
    shown = [item for item in found if item.coefficient == COEFFICIENT]
    names = [metric for metric in METRICS.values() if any(item.metric == metric.id for item in shown)]
    size = (SIDE_IN + PANEL_IN * len(QUESTIONS), (HEAD_IN + ROW_IN * len(names)) * len(datasets))
    figure = Figure(figsize=size)
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(datasets), len(QUESTIONS), squeeze=False, sharey=True)
    for line, dataset in zip(axes, datasets, strict=True):
        for axis, (question, asked) in zip(line, QUESTIONS.items(), strict=True):
            own = [item for item in shown if (item.dataset, item.question) == (dataset, question)]
            _draw(axis, own, [metric.id for metric in names])
            axis.set_title(f"{dataset_title(dataset)}, {asked.title.lower()}", fontsize=9, color=INK)
        line[0].set_yticks(range(len(names)), [heading(metric) for metric in names], fontsize=8)
        line[0].set_ylim(len(names) - 0.4, -0.6)
    finish(figure, mark)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=130, metadata={"Software": None})
    return stream.getvalue()


def _draw(axis: Axes, found: Sequence[Correlation], metrics: Sequence[str]) -> None:
    for item in found:
        if item.value is None:
            continue
        row = metrics.index(item.metric)
        if item.over == OVER_CLIPS and item.low is not None:
            axis.plot([item.low, item.high], [row, row], color=ACCENT, linewidth=1.4)
        if item.over == OVER_CLIPS:
            axis.plot(item.value, row, "o", color=ACCENT, markersize=4.5)
        if item.over == OVER_METHODS:
            axis.plot(item.value, row, "D", color=MUTED, markersize=4, markerfacecolor="none")
    axis.axvline(0, color=MUTED, linewidth=0.8)
    axis.set_xlim(-1.05, 1.05)
    axis.grid(axis="both", color=FAINT, linewidth=0.6)
    axis.set_axisbelow(True)
    axis.tick_params(labelsize=8, length=0, colors=MUTED)
    for spine in axis.spines.values():
        spine.set_visible(False)
