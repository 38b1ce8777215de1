"""The site: ``index.html``, a page per method, and beside them the videos; all of it works from disk."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from benchmarks import report
from benchmarks.leaderboard.board import Board
from benchmarks.leaderboard.clips import MethodClips, hashes, method_clips
from benchmarks.leaderboard.entries import KINDS, Entry
from benchmarks.leaderboard.videos import TRUTH, Videos
from benchmarks.table_text import DASH, heading, number_text
from benchmarks.tables import dataset_title
from speak.files import write_text
from speak.metrics import Metric

TEMPLATES = Path(__file__).parent / "templates"
REPORT_STYLE = Path(report.__file__).parent / "templates" / "page.css"
AXES = ("ssim", "sync_conf")
"""Fidelity and sync: what the trade-off shows before a reader chooses."""
PARTS = {"competing": "", "ablation": "Ablations, not ranked", "reference": "References, never ranked"}
"""A table's parts in printed order, each with its title."""
WHISKER_PX, DOT_PX = 76, 3.5


@dataclass(frozen=True, kw_only=True)
class Site:
    """What every page carries.

    Attributes:
        stamp: what the profile says about its numbers, or None.
        level: coverage of the intervals, e.g. 0.95.
        origins: printed name to commit and hashes.
        left_out: submissions that are not shown, each with the reason.
    """

    profile: str
    stamp: str | None
    level: float
    origins: Mapping[str, str]
    left_out: Mapping[str, str]


@dataclass(frozen=True)
class Span:
    """The common scale of a column's whiskers."""

    low: float
    high: float

    def at(self, value: float) -> str:
        """Where a value lies, in pixels from the left."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return f"{DOT_PX + share * (WHISKER_PX - 2 * DOT_PX):.1f}"


def write_site(folder: Path, site: Site, board: Board, scores: pd.DataFrame, videos: Videos) -> Path:
    """Write all pages; the videos lie in the folder already.

    Args:
        folder: the site's root.
        site: what every page carries.
        board: all numbers.
        scores: score rows of all entries.
        videos: which clips of which methods can be watched.

    Returns:
        The first page's path.
    """
    environment = _environment(site, board)
    script = "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("board.js", "pareto.js"))
    page = folder / "index.html"
    by_method = dict(iter(scores.groupby("method")))
    origins = {entry.key: hashes(by_method[entry.key]) for entry in board.entries}
    content = _index_data(site, board, origins)
    write_text(page, _render(environment, "index.html.j2", script, content, spans=_spans(board)))
    script = (TEMPLATES / "method.js").read_text(encoding="utf-8")
    for entry in board.entries:
        clips = method_clips(by_method[entry.key])
        known = {dataset: dataset_title(dataset) for dataset, _, _ in clips.clips}
        parts = {
            "entry": entry,
            "clips": clips,
            "datasets": known,
            "shown": [name for name in board.datasets if entry in board.rows(name)],
            "unscored": clips.unscored(),
            "hashes": origins[entry.key],
            "videos": videos.has(entry.key),
        }
        content = {"datasets": known, **_clips_data(entry, clips, videos)}
        write_text(folder / "methods" / entry.page, _render(environment, "method.html.j2", script, content, **parts))
    return page


def _environment(site: Site, board: Board) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = "\n".join(file.read_text(encoding="utf-8") for file in (REPORT_STYLE, TEMPLATES / "board.css"))
    environment.globals |= {
        "DASH": DASH,
        "axes": AXES,
        "board": board,
        "coverage_share": coverage_share,
        "dataset_title": dataset_title,
        "heading": heading,
        "kinds": KINDS,
        "level": f"{100 * site.level:g}",
        "number_text": number_text,
        "parts": PARTS,
        "site": site,
        "style": Markup(style),  # our own files
        "truth": TRUTH,
        "whisker_px": WHISKER_PX,
    }
    return environment


def _render(environment: Environment, template: str, script: str, data: Any, **parts: Any) -> str:
    """A page with its script, which the page's policy admits by its hash, and its data, which is never run."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    # The script is our own file; `tojson` in the template keeps the data from ending its element.
    return environment.get_template(template).render(data=data, script=Markup(script), script_hash=digest, **parts)


def coverage_share(scored: int, expected: int) -> str:
    """E.g. ``98.2 %``; never rounded up to all."""
    share = 100 * scored / expected if expected else 0.0
    return f"{min(share, 99.9) if scored < expected else share:.1f} %"


def _spans(board: Board) -> dict[tuple[str, str], Span]:
    """By dataset and metric: from the lowest to the highest number or interval end in its column."""
    ends: dict[tuple[str, str], list[float]] = {}
    for (_, dataset, name), cell in board.cells.items():
        found = [end for end in (cell.value, cell.low, cell.high) if end is not None]
        ends.setdefault((dataset, name), []).extend(found)
    return {key: Span(min(found, default=0.0), max(found, default=0.0)) for key, found in ends.items()}


def _index_data(site: Site, board: Board, origins: Mapping[str, Mapping[str, tuple[str, ...]]]) -> dict:
    """What the script of the first page reads."""
    methods = {
        entry.key: {
            "label": entry.label,
            "kind": entry.kind,
            "competes": entry.competes,
            "page": f"methods/{entry.page}",
            "hashes": {name: ", ".join(found) or "none" for name, found in origins[entry.key].items()},
        }
        for entry in board.entries
    }
    cells = {
        dataset: {
            entry.key: {metric.name: asdict(board.cell(entry, dataset, metric)) for metric in board.metrics}
            for entry in board.rows(dataset)
        }
        for dataset in board.datasets
    }
    return {
        "datasets": {dataset: dataset_title(dataset) for dataset in board.datasets},
        "metrics": {metric.name: _metric_data(metric) for metric in board.metrics},
        "groups": {name: [metric.name for metric in group] for name, group in board.groups.items()},
        "methods": methods,
        "cells": cells,
        "origins": dict(site.origins),
    }


def _metric_data(metric: Metric) -> dict:
    return {
        "id": metric.id,
        "title": metric.title,
        "heading": heading(metric),
        "decimals": metric.decimals,
        "higher": metric.higher_is_better,
    }


def _clips_data(entry: Entry, clips: MethodClips, videos: Videos) -> dict:
    """What the script of a method's page reads."""
    rows = [
        {
            "dataset": dataset,
            "id": clip_id,
            "person": person,
            "truth": videos.address(TRUTH, clip_id),
            "made": videos.address(entry.key, clip_id),
            "missing": videos.missing(entry.key, clip_id),
        }
        for dataset, clip_id, person in clips.clips
    ]
    columns = [
        {
            **_metric_data(column.metric),
            "values": column.values,
            "reasons": column.reasons,
            "worst_first": column.worst_first,
        }
        for column in clips.columns
    ]
    return {"clips": rows, "columns": columns}
