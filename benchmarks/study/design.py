"""The design file: everything about a study that is fixed before the first rating."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.study.rules import Rules
from speak.config import build
from speak.errors import UserError
from speak.files import write_text

FILE = "design.json"
VIDEOS = "videos"
"""Folder of the videos, beside the design."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One video of a study.

    Attributes:
        name: opaque; the file is ``<name>.mp4``.
        dataset, method, clip_id, person: None for a trap and for the screen check.
        loudness_lufs: integrated loudness; None for silence.
        sha256: of the file.
    """

    name: str
    dataset: str | None
    method: str | None
    clip_id: str | None
    person: str | None
    duration_s: float
    loudness_lufs: float | None
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One place in a participant's sequence: one of ``ratings.KINDS``, and an item's name."""

    kind: str
    item: str


@dataclass(frozen=True, kw_only=True)
class ScreenCheck:
    """The video that shows a digit and beeps, so that nobody rates without picture or sound."""

    item: str
    digit: int
    beeps: int


@dataclass(frozen=True, kw_only=True)
class Design:
    """A study.

    Attributes:
        study: id, a hash of everything else here.
        items: every video.
        sequences: by participant.
        balance: what is counted, and its least and greatest count.
    """

    study: str
    seed: int
    methods: tuple[str, ...]
    datasets: tuple[str, ...]
    contact: str
    min_watched_share: float
    rules: Rules
    balance: dict[str, tuple[int, int]]
    screen_check: ScreenCheck
    items: tuple[Item, ...]
    sequences: dict[str, tuple[Step, ...]]

    @cached_property
    def by_name(self) -> Mapping[str, Item]:
        """The items by their names."""
        return {item.name: item for item in self.items}

    def step(self, participant: str, position: int) -> tuple[Step, Item]:
        """What stands at a position, counted from 1."""
        step = self.sequences[participant][position - 1]
        return step, self.by_name[step.item]


def make_design(**parts: Any) -> Design:
    """A design with its id."""
    unnamed = Design(study="", **parts)
    return dataclasses.replace(unnamed, study=hashlib.sha256(to_json(unnamed).encode()).hexdigest()[:12])


def to_json(design: Design) -> str:
    """As it stands in the file."""
    return json.dumps(dataclasses.asdict(design), indent=1, ensure_ascii=False) + "\n"


def write_design(folder: Path, design: Design) -> None:
    """Write ``design.json``."""
    write_text(folder / FILE, to_json(design))


def read_design(folder: Path) -> Design:
    """Read a study's design.

    Raises:
        UserError: there is none, it is malformed, or it is not what its id was made of.
    """
    path = folder / FILE
    if not path.is_file():
        raise UserError(f"{path}: no such study; make one with `speak-bench study new {folder}`")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{path}: not valid JSON: {error}") from error
    design = build(Design, content, FILE)
    parts = {field.name: getattr(design, field.name) for field in dataclasses.fields(design) if field.name != "study"}
    if make_design(**parts).study != design.study:
        raise UserError(f"{path}: was changed after it was made; a study's design is fixed, make another study")
    return design
