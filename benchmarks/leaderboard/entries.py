"""Who stands on the leaderboard: the methods of the run here, submissions in ``guests``."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.layout import FULL_MODEL, LAYOUTS
from benchmarks.method_notes import METHOD_NOTES
from benchmarks.methods.baselines import BASELINES
from benchmarks.methods.registry import METHODS
from speak.data.clip import file_stem

KINDS = {
    "ours": "this project's",
    "baseline": "baseline",
    "videos": "finished videos",
    "submission": "submission",
    "ablation": "ablation",
    "reference": "reference",
}
"""Kind to its printed name."""

COMPETING = ("ours", "baseline", "videos", "submission")
"""Kinds that are ranked; ablations are one method with a part removed, references are the ends of the scale."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of the leaderboard.

    Attributes:
        key: the method in score rows.
        kind: of ``KINDS``.
        note: one or two sentences on what it is.
        flag: with which metric it was trained, and what to make of it; None where with none.
        facts: further lines of its page, e.g. authors, by their printed names.
        links: printed name to an http or https address.
    """

    key: str
    label: str
    kind: str
    note: str
    flag: str | None
    facts: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """Its page's file name, safe on every file system."""
        return f"{file_stem(self.key)}.html"

    @property
    def competes(self) -> bool:
        """Whether it has a rank."""
        return self.kind in COMPETING

    @property
    def part(self) -> str:
        """Which part of a table it stands in: ``competing``, ``ablation`` or ``reference``."""
        return "competing" if self.competes else self.kind


def run_entry(method: str) -> Entry:
    """The entry of a method of the run, by its key in score files."""
    kind, row = _kind(method), _ROWS.get(method)
    label = row.label if row else method
    note = METHOD_NOTES.get(label, "a folder of finished videos")
    if kind == "ablation":
        note = f"{FULL_MODEL.label} trained without {label.removeprefix('w/o ')}"
        label = f"{FULL_MODEL.label} {label}"
    return Entry(
        key=method,
        label=label,
        kind=kind,
        note=note,
        flag=row.mark if row else None,
    )


_ROWS = {row.method: row for layout in LAYOUTS.values() for row in layout.rows}
_TABLE_1 = {row.method: row for row in LAYOUTS[1].rows}


def _kind(method: str) -> str:
    if method in _TABLE_1 and not _TABLE_1[method].ranked:
        return "reference"
    if method in BASELINES:
        return "baseline"
    if method in _ROWS and method not in _TABLE_1:
        return "ablation"
    return "ours" if method in METHODS else "videos"
