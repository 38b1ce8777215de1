"""The leaderboard's numbers.

The run's own methods keep the numbers of their tables: Table 1's rows (its further columns included) and the ablations
of Tables 3 and 4. A submission is compared with Table 1's methods on the clips that all of these scored: to have a
number it must have scored each of them, so that it can neither pick its clips nor change anybody else's number.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from benchmarks.comparison import Panel, by_column, panel, seeds_of
from benchmarks.layout import FULL_MODEL, LAYOUTS, NEED_PUBLISHED_WEIGHTS, Layout
from benchmarks.leaderboard.entries import Entry
from benchmarks.ranks import Standing, standings
from benchmarks.statistics import StatisticsConfig
from benchmarks.tables import build_table, dataset_title
from speak.metrics import METRICS, Metric


@dataclass(frozen=True, kw_only=True)
class BoardCell:
    """One number and what a reader must know about it.

    Attributes:
        value, low, high: mean over the compared clips with its interval; None where ``reason`` says why.
        clips, persons: what the mean was taken over.
        scored, expected: clips the method scored, and clips it was given.
        found_share: mean share of frames in which a face was found; None for metrics that need none.
        standing: its rank among those that compete; None for the others, and without a value.
        explain: the cell's name for ``speak explain``; None for what no table of the run prints.
    """

    value: float | None
    low: float | None
    high: float | None
    reason: str | None
    clips: int
    persons: int
    scored: int
    expected: int
    found_share: float | None
    standing: Standing | None = None
    explain: str | None = None


Cells = dict[tuple[str, str, str], BoardCell]
MEASURED = ("value", "low", "high", "reason", "clips", "persons", "scored", "expected", "found_share")
"""What a table's cell and the board's have in common."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """All cells, by method key, dataset key and metric name.

    Attributes:
        entries: in printed order; a dataset shows those that have a score on it.
        datasets: keys that have scores.
        groups: printed name to the metrics of that group of columns.
        expected: test clips of each dataset.
    """

    entries: tuple[Entry, ...]
    datasets: tuple[str, ...]
    groups: Mapping[str, tuple[Metric, ...]]
    cells: Mapping[tuple[str, str, str], BoardCell]
    expected: Mapping[str, int]

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Of all groups, each once."""
        return tuple(dict.fromkeys(metric for group in self.groups.values() for metric in group))

    def rows(self, dataset: str) -> tuple[Entry, ...]:
        """The entries that have a row in a dataset's table."""
        return tuple(entry for entry in self.entries if any(self._cell(entry, dataset, m) for m in self.metrics))

    def cell(self, entry: Entry, dataset: str, metric: Metric) -> BoardCell:
        """One cell; where nothing was measured it says so."""
        found = self._cell(entry, dataset, metric)
        if found is None and entry.kind == "submission":
            return _nothing("the submission has no scores by this version of the metric", self.expected[dataset])
        return found or _nothing("its table does not have this metric", 0)

    def coverage(self, entry: Entry, dataset: str) -> tuple[int, int]:
        """Clips × metrics that it scored, and that it was given."""
        cells = [self.cell(entry, dataset, metric) for metric in self.metrics]
        return sum(cell.scored for cell in cells), sum(cell.expected for cell in cells)

    def _cell(self, entry: Entry, dataset: str, metric: Metric) -> BoardCell | None:
        return self.cells.get((entry.key, dataset, metric.name))


def make_board(
    scores: pd.DataFrame,
    guests: pd.DataFrame,
    entries: Sequence[Entry],
    config: StatisticsConfig,
    expected: Mapping[str, int],
) -> Board:
    """Compute every cell.

    Args:
        scores: the run's score rows.
        guests: score rows of submissions, ``method`` being their entries' keys.
        entries: of the run's methods and of the submissions.
        config: how intervals are made.
        expected: test clips of each dataset, by key.
    """
    measured = set(scores["dataset"])
    printed = [*LAYOUTS[1].datasets, *(name for name in expected if name not in LAYOUTS[1].datasets)]
    datasets = tuple(name for name in printed if name in measured)
    known = {entry.key: entry for entry in entries}
    cells: Cells = {}
    for layout in LAYOUTS.values():
        if layout.number in (1, 3, 4):
            cells |= _table_cells(layout, scores, config, expected, datasets, known)
    groups = by_column(pd.concat([scores, guests]))
    for dataset in datasets:
        for metric in METRICS.values():
            mine = groups.get((dataset, metric.id))
            if mine is not None:
                cells |= _ranked(cells, mine, dataset, metric, entries, config, expected[dataset])
    found = _found(scores)
    cells = {key: cell for key, cell in cells.items() if key[2] in found}
    return Board(
        entries=tuple(entry for entry in entries if entry.key in {key for key, _, _ in cells}),
        datasets=datasets,
        groups=_groups(found),
        cells=cells,
        expected=dict(expected),
    )


def _found(scores: pd.DataFrame) -> set[str]:
    """Names of the metrics that were scored; those that need published weights only where they have a value."""
    scored, valued = set(scores["metric"]), set(scores.loc[scores["value"].notna(), "metric"])
    return {
        name for name, metric in METRICS.items() if metric.id in (valued if name in NEED_PUBLISHED_WEIGHTS else scored)
    }


def _groups(found: set[str]) -> dict[str, tuple[Metric, ...]]:
    """Table 1's columns, those of its further tables, and all together."""
    shown = [layout for layout in LAYOUTS.values() if layout.number == 1]
    groups = {
        layout.name: tuple(METRICS[column.name] for column in layout.columns if column.name in found)
        for layout in shown
    }
    everything = {metric.name: metric for group in groups.values() for metric in group}
    return {name: group for name, group in groups.items() if group} | {"All metrics": tuple(everything.values())}


def _table_cells(
    layout: Layout,
    scores: pd.DataFrame,
    config: StatisticsConfig,
    expected: Mapping[str, int],
    datasets: Sequence[str],
    known: Mapping[str, Entry],
) -> Cells:
    """A table's measured cells as they stand there; the whole model stands in Table 1."""
    table = build_table(layout.key, scores, config, stamp=None, expected=expected, datasets=datasets)
    measured = set(zip(scores["method"], scores["dataset"], strict=True))
    cells = {}
    for (method, dataset, name), cell in table.cells.items():
        if (method, dataset) not in measured or method not in known:
            continue
        if layout.number != 1 and method == FULL_MODEL.method:
            continue
        printed = dataset in layout.datasets or dataset not in LAYOUTS[2].datasets
        explain = f"T{layout.key}.{dataset_title(dataset)}.{name}.{cell.row.label}" if printed else None
        cells[method, dataset, name] = BoardCell(**{key: getattr(cell, key) for key in MEASURED}, explain=explain)
    return cells


def _ranked(
    cells: Cells,
    rows: pd.DataFrame,
    dataset: str,
    metric: Metric,
    entries: Sequence[Entry],
    config: StatisticsConfig,
    expected: int,
) -> Cells:
    """The cells of one metric with the ranks of those that compete, and the submissions' cells."""
    present = [entry for entry in entries if entry.key in set(rows["method"])]
    hosts = [entry.key for entry in present if entry.kind not in ("ablation", "submission")]
    guests = [entry.key for entry in present if entry.kind == "submission"]
    joint, refused = joint_panel(rows, hosts, guests, config)
    changed = {key: _guest_cell(rows[rows["method"] == key], joint, key, refused, expected) for key in guests}
    changed |= {key: cells[key, dataset, metric.name] for key in hosts if (key, dataset, metric.name) in cells}
    competing = [entry.key for entry in present if metric.ranked and entry.competes and entry.key in joint.methods]
    places = standings(joint, competing, metric.higher_is_better)
    return {
        (key, dataset, metric.name): dataclasses.replace(
            cell, standing=places.get(key) if cell.value is not None else None
        )
        for key, cell in changed.items()
    }


def joint_panel(
    rows: pd.DataFrame, hosts: Sequence[str], guests: Sequence[str], config: StatisticsConfig
) -> tuple[Panel, dict[str, str]]:
    """Guests side by side with the hosts, on the hosts' common clips.

    Args:
        rows: score rows of one dataset and one metric.
        hosts: methods that decide which clips are compared.
        guests: methods that join where they scored each of these clips with every seed they have.
        config: how intervals are made.

    Returns:
        The panel, and by refused guest the reason.
    """
    base = panel(rows, hosts, config)
    theirs = rows[rows["method"].isin(base.methods)]
    runs = len(theirs[["method", "seed"]].drop_duplicates())
    counts = theirs.dropna(subset="value").groupby("clip_id").size()
    clips = set(counts[counts == runs].index)
    seeds = seeds_of(theirs)
    reasons = {name: _why_not(rows[rows["method"] == name], clips, seeds) for name in guests}
    refused = {name: reason for name, reason in reasons.items() if reason}
    names = [*base.methods, *(name for name in guests if name not in refused)]
    joined = rows[rows["method"].isin(names) & rows["clip_id"].isin(clips)]
    return panel(joined, names, config), refused


def _why_not(own: pd.DataFrame, clips: set[str], seeds: Sequence[int]) -> str | None:
    """Why a guest cannot be compared; None where it can."""
    if own.duplicated(["clip_id", "seed"]).any():
        return "two scores for one clip"
    theirs = seeds_of(own)
    if theirs not in (tuple(seeds), tuple(seeds[:1])):
        return f"scored with seeds {', '.join(map(str, theirs))}, not with this run's {', '.join(map(str, seeds))}"
    scored = own.dropna(subset="value")
    per_clip = scored[scored["clip_id"].isin(clips)].groupby("clip_id").size()
    complete = int((per_clip == len(theirs)).sum())
    if complete < len(clips):
        return f"scored {complete} of the {len(clips)} compared clips"
    return None if clips else "no clip that every method scored"


def _guest_cell(own: pd.DataFrame, joint: Panel, key: str, refused: Mapping[str, str], expected: int) -> BoardCell:
    shares = own["found_share"].dropna()
    counts = {
        "scored": int(own.dropna(subset="value")["clip_id"].nunique()),
        "expected": expected,
        "found_share": float(shares.mean()) if len(shares) else None,
    }
    if key in refused:
        return dataclasses.replace(_nothing(refused[key], expected), **counts)
    interval = joint.mean(key)
    kept = {name: getattr(interval, name) for name in ("low", "high", "reason", "clips", "persons")}
    return BoardCell(value=interval.mean, **kept, **counts)


def _nothing(reason: str, expected: int) -> BoardCell:
    return BoardCell(
        value=None,
        low=None,
        high=None,
        reason=reason,
        clips=0,
        persons=0,
        scored=0,
        expected=expected,
        found_share=None,
    )
