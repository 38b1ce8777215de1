"""Every cell of every table as a record, under a name of its own: ``T1.mead.ssim.speak``.

The report stage writes them to ``cells.json`` with what lies behind them; ``speak explain`` reads that file. A name is
table, dataset, column and method, each by its key; whoever asks may use printed names and any case instead.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.layout import RATINGS
from benchmarks.study.questions import QUESTIONS
from benchmarks.table_text import heading
from benchmarks.tables import Cell, Table, dataset_title
from speak.errors import UserError
from speak.metrics import METRICS

FORMAT = 1
ASKED = {
    column.metric: f"mean of the answers, 1 to 5, to: {QUESTIONS[name].wording}" for name, column in RATINGS.items()
}
PARTS = ("table", "dataset", "metric", "method")


def cell_records(tables: Iterable[Table]) -> dict[str, dict[str, Any]]:
    """All cells by name; plain values, in the tables' order."""
    return {_name(table, cell): _record(table, cell) for table in tables for cell in table.cells.values()}


def add_opinions(
    cells: Mapping[str, dict[str, Any]], opinions: pd.DataFrame, files: Sequence[Mapping[str, str]]
) -> None:
    """Give each cell of ratings its clips (``opinions``: mean and number of ratings), number of participants and files.

    Args:
        cells: of ``cell_records``.
        opinions: of ``benchmarks.study.analysis.opinion_rows``.
        files: ``{"file", "hash"}`` of the ratings and their design.
    """
    key = ["dataset", "metric", "method"]
    groups = dict(iter(opinions.groupby(key)))
    for cell in cells.values():
        own = groups.get((cell["dataset"][0], cell["metric_id"], cell["method"][0]))
        if own is not None:
            means = own.groupby("clip_id")["value"].agg(["mean", "count"])
            cell["ratings"] = list(files)
            cell["participants"] = own["rater"].nunique()
            cell["opinions"] = {str(clip): [float(mean), int(count)] for clip, mean, count in means.itertuples()}


def _name(table: Table, cell: Cell) -> str:
    return f"T{table.layout.key}.{cell.dataset}.{cell.column.name}.{cell.row.method}"


def _record(table: Table, cell: Cell) -> dict[str, Any]:
    metric = next((metric for metric in METRICS.values() if metric.id == cell.column.metric), None)
    own = ("value", "low", "high", "reason", "clips", "persons", "seeds", "scored", "expected", "found_share")
    places = ("best", "not_separated", "rank", "rank_low", "rank_high", "paper", "paper_best")
    return {
        "caption": table.caption,
        "table": [f"T{table.layout.key}"],
        "dataset": [cell.dataset, dataset_title(cell.dataset)],
        "metric": [cell.column.name, cell.column.title],
        "method": [cell.row.method, cell.row.label],
        "competitors": sum(table.cell(row, cell.dataset, cell.column).rank is not None for row in table.rows),
        "level": table.level,
        "budget": table.budget.get(cell.row.method),
        "metric_id": cell.column.metric,
        "definition": metric.summary if metric else ASKED.get(cell.column.metric),
        "heading": heading(cell.column),
        "higher_is_better": cell.column.higher_is_better,
        "decimals": cell.column.decimals,
        "left_out": list(cell.left_out),
        **{name: getattr(cell, name) for name in own + places},
    }


def read_cells(path: Path) -> dict[str, Any]:
    """Read ``cells.json``. Raises UserError when it is missing or of another format."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: no report yet; run `make repro` first") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read ({error}); run `dvc repro report` again") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UserError(f"{path}: written by another version; run `dvc repro report` again")
    return content


def find_cell(name: str, cells: Mapping[str, Mapping[str, Any]]) -> str:
    """The full name of the cell that is meant.

    Args:
        name: e.g. ``T1.MEAD.ssim.SPEAK``: keys or printed names, in any case.
        cells: of ``cells.json``.

    Raises:
        UserError: there is no such cell, or the name fits several; the line lists what there is.
    """
    wanted = name.split(".", len(PARTS) - 1)
    left = dict(cells)
    for place, part in enumerate(PARTS):
        asked = wanted[place].casefold() if place < len(wanted) else ""
        exact = {key: cell for key, cell in left.items() if cell[part][0].casefold() == asked}
        found = exact or {key: cell for key, cell in left.items() if cell[part][-1].casefold() == asked}
        if not found:
            known = dict.fromkeys(" = ".join(dict.fromkeys(cell[part])) for cell in left.values())
            what = f"no {part} {wanted[place]!r}" if asked else f"the {part} is missing"
            raise UserError(
                f"{name}: {what}; there are: {', '.join(known)}. A cell is called, e.g., T1.MEAD.ssim.SPEAK"
            )
        left = found
    if len(left) > 1:
        raise UserError(f"{name}: fits several cells: {', '.join(left)}")
    return next(iter(left))
