"""Tables as cells: a pure function of score rows and of the paper's printed numbers.

Each cell is one method × dataset × column. Measured and printed numbers are separate fields that never mix. A
measured mean is taken over the clips that every measured method of the table scored with every seed; beside it stand
how many clips the method itself scored, how many were expected, and in what share of frames a face was found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from benchmarks.comparison import Panel, by_column, missing_seeds, seeds_of
from benchmarks.layout import DATASETS, LAYOUTS, Column, Layout, Row
from benchmarks.paper import paper_values
from benchmarks.ranks import Standing, standings
from benchmarks.statistics import StatisticsConfig
from benchmarks.study.panel import panel_of


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One number of a table and all that a reader must know about it.

    Attributes:
        value, low, high: our mean over the common clips with its interval; None where ``reason`` says why.
        reason: why there is no value, or (with a value) why there is no interval.
        clips, persons: what the mean was taken over.
        seeds: number of seeds with which this method was scored.
        scored, expected: clips this method scored with all of them, and clips it was given.
        found_share: mean share of frames in which a face was found; None for metrics that need none.
        best: bold: the best ranked value at the printed precision; ties are all bold.
        not_separated: not the best, but not separated from it either (``benchmarks.ranks``).
        rank: among the ranked methods that were measured, at full precision; None where fewer than two were.
        rank_low, rank_high: the ranks that remain possible.
        left_out: clips that this method scored and that are not in the mean, since another method did not.
        paper: the paper's printed number, or None.
        paper_best: bold in the paper's column, computed from the printed numbers.
    """

    row: Row
    dataset: str
    column: Column
    value: float | None
    low: float | None
    high: float | None
    reason: str | None
    clips: int
    persons: int
    seeds: int
    scored: int
    expected: int
    found_share: float | None
    best: bool
    not_separated: bool
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    left_out: tuple[str, ...]
    paper: float | None
    paper_best: bool


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table, ready to be printed.

    Attributes:
        budget: by method key, what a trained row was trained with (steps, persons); add it with
            ``dataclasses.replace``. Never seconds: a table's files must be the same bytes in every run.
        source: what our numbers are, in one word: ``measured``, or ``simulated`` where raters are.
        remark: a sentence for the caption, e.g. how many people rated.
    """

    layout: Layout
    rows: tuple[Row, ...]
    datasets: tuple[str, ...]
    stamp: str | None
    level: float
    cells: Mapping[tuple[str, str, str], Cell]
    budget: Mapping[str, str] = field(default_factory=dict)
    source: str = "measured"
    remark: str = ""

    def cell(self, row: Row, dataset: str, column: Column) -> Cell:
        """The cell of a row, dataset and column."""
        return self.cells[row.method, dataset, column.name]

    @property
    def budgets(self) -> tuple[tuple[Row, str], ...]:
        """The table's trained rows, each with its budget, in printed order."""
        return tuple((row, self.budget[row.method]) for row in self.rows if row.method in self.budget)

    @property
    def seeds(self) -> int:
        """With how many seeds its methods were trained, at most."""
        return max((cell.seeds for cell in self.cells.values()), default=1)

    @property
    def caption(self) -> str:
        """Number, title, the profile's stamp, the seeds where there are several, and the remark."""
        stamp = f" {self.stamp[0].upper()}{self.stamp[1:]}." if self.stamp else ""
        seeds = f" {self.seeds} seeds." if self.seeds > 1 else ""
        remark = f" {self.remark}" if self.remark else ""
        return f"{self.layout.name}. {self.layout.title}.{stamp}{seeds}{remark}"


def is_measured(table: Table) -> bool:
    """Whether any method of the table has a score."""
    return any(cell.value is not None for cell in table.cells.values())


def dataset_title(dataset: str) -> str:
    """A dataset's printed name; a dataset we do not know is printed by its key."""
    return DATASETS.get(dataset, dataset)


def build_table(
    key: int | str,
    scores: pd.DataFrame,
    config: StatisticsConfig,
    *,
    stamp: str | None,
    expected: Mapping[str, int],
    datasets: Sequence[str] | None = None,
    reasons: Mapping[str, str] | None = None,
) -> Table:
    """Compute one table.

    Args:
        key: 1 to 4, or another of ``LAYOUTS``.
        scores: all score rows of the run (``benchmarks.scores.read_scores``).
        config: how intervals are made.
        stamp: what the profile says about its numbers, e.g. "embedded corpus, not comparable with the paper".
        expected: test clips of each dataset, by key.
        datasets: keys to print instead of the paper's.
        reasons: by method key, why a method has no scores; else the layout's own sentence.
    """
    layout = _with_values(LAYOUTS[key], scores)
    datasets = tuple(datasets or layout.datasets)
    rows = _rows(layout, scores)
    cells, groups = {}, by_column(scores)
    for dataset in datasets:
        for column in layout.columns:
            mine = groups.get((dataset, column.metric), scores.iloc[:0])
            for cell in _column_cells(layout, rows, dataset, column, mine, config):
                reason = (reasons or {}).get(cell.row.method, layout.absent) if cell.reason == "" else cell.reason
                cells[cell.row.method, dataset, column.name] = replace(
                    cell, reason=reason, expected=expected.get(dataset, 0)
                )
    return Table(layout=layout, rows=rows, datasets=datasets, stamp=stamp, level=config.level, cells=cells)


def _with_values(layout: Layout, scores: pd.DataFrame) -> Layout:
    """The layout without optional columns that nobody has a value for."""
    measured = set(scores.loc[scores["value"].notna(), "metric"])
    kept = tuple(column for column in layout.columns if not column.optional or column.metric in measured)
    return replace(layout, columns=kept)


def _rows(layout: Layout, scores: pd.DataFrame) -> tuple[Row, ...]:
    """The layout's rows, then measured methods that it does not list (ablations have tables of their own)."""
    known = {row.method: row for other in LAYOUTS.values() for row in other.rows}
    listed = {"new": set(known), "all": {row.method for row in layout.rows}}
    extra = sorted(set(scores["method"]) - listed[layout.open_rows]) if layout.open_rows else []
    return layout.rows + tuple(known.get(name, Row(label=name, method=name)) for name in extra)


def _column_cells(
    layout: Layout,
    rows: Sequence[Row],
    dataset: str,
    column: Column,
    mine: pd.DataFrame,
    config: StatisticsConfig,
) -> list[Cell]:
    mine = mine[mine["method"].isin([row.method for row in rows])]
    compared = panel_of(mine, [row.method for row in rows], config)
    paper = paper_values()
    printed = [paper.get((layout.number, dataset_title(dataset), row.label, column.name)) for row in rows]
    cells = [_cell(row, dataset, column, compared, mine) for row in rows]
    ours = _best([cell.value for cell in cells], rows, column)
    theirs = _best(printed, rows, column)
    places = standings(compared, [row.method for row in rows if row.ranked and column.ranked], column.higher_is_better)
    cells = [replace(cell, best=best) for cell, best in zip(cells, ours, strict=True)]
    return [
        replace(cell if len(places) < 2 else _placed(cell, places.get(cell.row.method)), paper=value, paper_best=bold)
        for cell, value, bold in zip(cells, printed, theirs, strict=True)
    ]


def _placed(cell: Cell, place: Standing | None) -> Cell:
    if place is None:
        return cell
    open_to_best = not cell.best and not place.separated
    return replace(cell, not_separated=open_to_best, rank=place.rank, rank_low=place.low, rank_high=place.high)


def _cell(row: Row, dataset: str, column: Column, compared: Panel, mine: pd.DataFrame) -> Cell:
    """The measured part of a cell; reason "" means that the method has no row at all."""
    own = mine[mine["method"] == row.method]
    shares = own["found_share"].dropna()
    value = low = high = None
    missing = missing_seeds(own, seeds_of(mine))
    reason: str | None = _main_reason(own, missing)
    clips = persons = 0
    complete = _scored(own)
    scored = len(complete)
    if scored and not missing and row.method not in compared.methods:
        why = f": {reason}" if reason else ""
        reason = f"scored {scored} of {mine['clip_id'].nunique()} clips, too few to be compared{why}"
    if row.method in compared.methods:
        interval = compared.mean(row.method)
        value, low, high, reason = interval.mean, interval.low, interval.high, interval.reason
        clips, persons = interval.clips, interval.persons
        if value is None:
            reason = "no clip that every method scored"
    return Cell(
        row=row,
        dataset=dataset,
        column=column,
        value=value,
        low=low,
        high=high,
        reason=reason,
        clips=clips,
        persons=persons,
        seeds=own["seed"].nunique(),
        scored=scored,
        expected=0,
        found_share=float(np.mean(shares)) if len(shares) else None,
        best=False,
        not_separated=False,
        rank=None,
        rank_low=None,
        rank_high=None,
        left_out=tuple(sorted(set(complete) - set(compared.clip_ids))) if value is not None else (),
        paper=None,
        paper_best=False,
    )


def _scored(own: pd.DataFrame) -> list[str]:
    """Clips that a method scored with all of its seeds, sorted."""
    complete = own["value"].notna().groupby(own["clip_id"]).all()
    return sorted(complete.index[complete])


def _main_reason(own: pd.DataFrame, missing: Sequence[int]) -> str:
    """Seeds without a row, else the commonest reason among a method's null rows, with a note when there are others."""
    reasons = own["reason"].dropna().value_counts()
    if len(own) and missing:
        return f"no scores with seed {', '.join(str(seed) for seed in missing)}"
    if not len(reasons):
        return ""
    top, others = sorted(reasons[reasons == reasons.max()].index)[0], len(reasons) - 1
    return f"{top} (and {others} other reason{'s' if others > 1 else ''})" if others else top


def _best(values: Sequence[float | None], rows: Sequence[Row], column: Column) -> list[bool]:
    """Which ranked values are best at the printed precision; none where fewer than two compete."""
    direction = 1 if column.higher_is_better else -1
    shown = [
        direction * round(value, column.decimals) if row.ranked and column.ranked and value is not None else None
        for row, value in zip(rows, values, strict=True)
    ]
    competing = [value for value in shown if value is not None]
    return [len(competing) > 1 and value is not None and value == max(competing) for value in shown]
