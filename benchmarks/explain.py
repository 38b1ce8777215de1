"""``speak explain``: from a cell of a table to everything behind it, as text of at most 100 columns."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.scores import read_scores
from benchmarks.table_text import DASH, span_text
from speak.errors import UserError
from speak.files import sha256_of

WIDTH = 100
LABEL = 12
SHOWN = 10
"""Clips that are listed when not all are asked for."""


def explain(name: str, content: Mapping[str, Any], root: Path, *, everything: bool = False) -> str:
    """All that is known about a cell.

    Args:
        name: a key of ``content["cells"]`` (``benchmarks.cells.find_cell``).
        content: of ``cells.json``.
        root: the project's root, which paths in ``content`` start from.
        everything: list every clip, not only the worst.
    """
    cell = content["cells"][name]
    method = content["methods"].get(cell["method"][0])
    lines = [name, *_wrapped(f"{cell['method'][1]} on {cell['dataset'][1]}: {cell['heading']}. {cell['caption']}"), ""]
    lines += [line for label, texts in _figures(cell) for line in _entry(label, texts)]
    if method:
        lines += [line for label, texts in _origin(method, content) for line in _entry(label, texts)]
        lines += ["", *_clips(cell, method, root, everything)]
    return "\n".join(_printable(line.rstrip()) for line in lines) + "\n"


def _figures(cell: Mapping[str, Any]) -> Iterable[tuple[str, list[str]]]:
    """What stands in the table."""
    yield "value", [_value(cell)]
    if cell["rank"]:
        standing = "not separated from the best" if cell["not_separated"] else "not the best"
        place = f"{cell['rank']} of {cell['competitors']}, {'best' if cell['best'] else standing}"
        open_ranks = span_text([cell["rank_low"], cell["rank_high"]])
        yield "rank", [f"{place}; possible after Holm's correction: {open_ranks}"]
    if cell["paper"] is not None:
        best = ", best there" if cell["paper_best"] else ""
        yield "paper", [f"{cell['paper']:.2f}{best} (as printed, never mixed with ours)"]
    faces = "" if cell["found_share"] is None else f"; a face found in {100 * cell['found_share']:.1f} % of the frames"
    yield "clips", [f"{cell['clips']} in the mean, {cell['scored']} scored of {cell['expected']} expected{faces}"]
    if cell["left_out"]:
        more = f" and {len(cell['left_out']) - SHOWN} more" if len(cell["left_out"]) > SHOWN else ""
        names = f"{', '.join(cell['left_out'][:SHOWN])}{more}"
        yield "left out", [f"{names}: scored here, not by every method of the table"]
    yield "metric", [f"{cell['metric_id']}{': ' + cell['definition'] if cell['definition'] else ''}"]
    if cell["budget"]:
        yield "trained", [cell["budget"]]
    if "ratings" in cell:
        yield "ratings", [f"{file['file']}, hash {file['hash']}" for file in cell["ratings"]]


def _value(cell: Mapping[str, Any]) -> str:
    if cell["value"] is None:
        return f"none: {cell['reason']}"
    value, low, high = (
        cell[name] if cell[name] is None else _number(cell[name], cell) for name in ("value", "low", "high")
    )
    if low is None:
        return f"{value}, no interval: {cell['reason']}"
    others = f" and {cell['seeds']} seeds" if cell["seeds"] > 1 else ""
    others += f" and {cell['participants']} participants" if "participants" in cell else ""
    return f"{value} ({low}, {high}), {100 * cell['level']:g} % interval over {cell['persons']} persons{others}"


def _number(value: float, cell: Mapping[str, Any]) -> str:
    return f"{value:.{cell['decimals']}f}"


def _origin(method: Mapping[str, Any], content: Mapping[str, Any]) -> Iterable[tuple[str, list[str]]]:
    """What the number was made from; hashes are the first 16 digits of SHA-256."""
    runs, parameters = method["runs"], content["parameters"]
    trained = [run for run in runs if run["checkpoints"]]
    checkpoints = [f"{' + '.join(run['checkpoints'])}, hash {' '.join(run['checkpoint'])}" for run in trained]
    yield "checkpoint", checkpoints or ["none: nothing in this method is trained"]
    sections = [f"{stage}: {', '.join(names)}" for stage, names in method["sections"].items()]
    hashes = f"hash {parameters['hash']}; of scoring {_distinct(runs, 'params')}"
    yield "parameters", [f"{parameters['file']}, {hashes}; sections by stage:", *sections]
    yield "split", [f"{content['split']['file']}, hash {_distinct(runs, 'split')}"]
    yield "clips made", [f"recipe {_distinct(runs, 'recipe')}"]
    yield "code", [f"of scoring, hash {_distinct(runs, 'code')}; the report's commit {content['commit']}"]
    yield "scores", [f"{run['scores']['file']}, hash {run['scores']['hash']}" for run in runs]
    yield "again", method["again"]


def _distinct(runs: Sequence[Mapping[str, Any]], name: str) -> str:
    return " ".join(dict.fromkeys(value for run in runs for value in run[name])) or DASH


def _clips(cell: Mapping[str, Any], method: Mapping[str, Any], root: Path, everything: bool) -> list[str]:
    """The cell's clips with value or reason and video; unscored ones first, then the worst."""
    try:
        rows = _rows(cell, method, root)
    except UserError as error:
        return _wrapped(f"clips: {error}")
    shown = rows if everything else rows[:SHOWN]
    files = cell.get("ratings") or [run["scores"] for run in method["runs"]]
    changed = [file["file"] for file in files if not _unchanged(file, root)]
    kind = "mean opinions" if "ratings" in cell else "rows of scores"
    lines = [f"clips, worst first ({len(rows)} {kind})" if rows else "clips: none was handed to scoring"]
    lines += [f"changed since the report: {file}" for file in changed]
    for row in shown:
        result = _number(row["value"], cell) if row["value"] is not None else f"{DASH} {row['reason']}"
        seed = f", seed {row['seed']}" if len(method["runs"]) > 1 else ""
        lines += [f"  {result:>8}  {row['clip_id']}{seed}", f"    {row['video'] or 'no video'}"]
    return lines + ([f"  … and {len(rows) - len(shown)} more (--all)"] if len(rows) > len(shown) else [])


def _rows(cell: Mapping[str, Any], method: Mapping[str, Any], root: Path) -> list[dict[str, Any]]:
    if "opinions" in cell:
        found = _opinions(cell, method["runs"][0], root)
    else:
        found = [row for run in method["runs"] for row in _scored(cell, run, root)]
    for row in found:
        row["value"] = None if pd.isna(row["value"]) else row["value"]
    sign = 1 if cell["higher_is_better"] else -1
    return sorted(
        found, key=lambda row: (row["value"] is not None, sign * (row["value"] or 0), row["clip_id"], row["seed"])
    )


def _scored(cell: Mapping[str, Any], run: Mapping[str, Any], root: Path) -> list[dict[str, Any]]:
    scores = read_scores([root / run["scores"]["file"]])
    own = scores[(scores["dataset"] == cell["dataset"][0]) & (scores["metric"] == cell["metric_id"])]
    videos = _videos(root, run["videos"])
    return [{**row, "video": videos.get(row["clip_id"])} for row in own.to_dict("records")]


def _opinions(cell: Mapping[str, Any], run: Mapping[str, Any], root: Path) -> list[dict[str, Any]]:
    """A rated cell's clips; a study shows the videos of a method's first training."""
    videos = _videos(root, run["videos"])
    return [
        {
            "clip_id": clip,
            "seed": run["seed"],
            "value": mean,
            "video": f"{videos.get(clip, 'no video')}, {number} ratings",
        }
        for clip, (mean, number) in cell["opinions"].items()
    ]


def _videos(root: Path, folder: str) -> dict[str, str]:
    """Each clip's video; empty where the index is not here."""
    index = root / folder / "index.parquet"
    if not index.is_file():
        return {}
    rows = pd.read_parquet(index, columns=["clip_id", "file"]).dropna()
    return {clip: f"{folder}/{file}" for clip, file in zip(rows["clip_id"], rows["file"], strict=True)}


def _unchanged(file: Mapping[str, str], root: Path) -> bool:
    return sha256_of(root / file["file"]).startswith(file["hash"])


def _entry(label: str, texts: Sequence[str]) -> list[str]:
    """A labelled entry; each text begins a line."""
    lines = [line for text in texts for line in _wrapped(text, WIDTH - LABEL)]
    return [f"{label if place == 0 else '':{LABEL}}{line}" for place, line in enumerate(lines)]


def _wrapped(text: str, width: int = WIDTH) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _printable(line: str) -> str:
    """Without control characters: names and reasons may come from strangers, and this goes to a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in line)
