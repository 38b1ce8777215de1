"""``vox-metadata.csv``: the crops of VoxCeleb1 that the First Order Motion Model was trained on.

A row is a stretch of a YouTube video with one fixed box: ``left-top-right-bottom`` in pixels of a frame ``width``
x ``height``; ``start`` and ``end`` count frames at ``fps``, the end is exclusive. The published list has rows
twice, boxes that leave the frame, overlapping stretches, and two persons (one video each, too) in both of its
partitions. Persons are split anew here, so that does no harm; each such item says so in its note.
"""

import csv
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from speak.errors import UserError
from speak.sources.item import Box

NAME = "vox-metadata.csv"
COLUMNS = ("video_id", "start", "end", "bbox", "fps", "height", "partition", "person_id")
BOX = re.compile(r"(-?\d+)-(-?\d+)-(-?\d+)-(-?\d+)")
VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")
PERSON = re.compile(r"id\d{5}")

Key = tuple[str, str, int, int]
"""person, video, first frame, frame after the last."""


@dataclass(frozen=True, kw_only=True)
class Crop:
    """One stretch; ``partition`` is None where the list has it in both."""

    person: str
    video_id: str
    start: int
    end: int
    fps: float
    box: Box
    height: int
    partition: str | None
    note: str | None

    @property
    def name(self) -> str:
        """What the original script calls the finished clip, without ``.mp4``."""
        return f"{self.person}#{self.video_id}#{self.start:06d}#{self.end:06d}"


def read_crops(path: Path) -> list[Crop]:
    """Each stretch of the list once. Raises UserError naming file and line when a row is not of its form."""
    with open(path, encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        if absent := set(COLUMNS) - set(reader.fieldnames or ()):
            raise UserError(f"{path}: no column {', '.join(sorted(absent))}; take the list from its publisher again")
        rows = [(_key(f"{path}:{reader.line_num}", row), row) for row in reader]
    partitions = defaultdict(set)
    for (person, *_), row in rows:
        partitions[person].add(row["partition"])
    by_key: dict[Key, list[dict[str, str]]] = defaultdict(list)
    for key, row in rows:
        by_key[key].append(row)
    return [_crop(key, same, partitions[key[0]]) for key, same in by_key.items()]


def _key(where: str, row: dict[str, str]) -> Key:
    whole = [row["start"], row["end"], row["height"]]
    valid = (
        VIDEO.fullmatch(row["video_id"] or "")
        and PERSON.fullmatch(row["person_id"] or "")
        and BOX.fullmatch(row["bbox"] or "")
        and all(re.fullmatch(r"\d+", value or "") for value in whole)
        and re.fullmatch(r"\d+(\.\d+)?", row["fps"] or "")
    )
    if not valid or int(row["start"]) >= int(row["end"]) or not float(row["fps"]):
        raise UserError(f"{where}: not of the form {','.join(COLUMNS)}: {','.join(str(row[name]) for name in COLUMNS)}")
    return row["person_id"], row["video_id"], int(row["start"]), int(row["end"])


def _crop(key: Key, rows: list[dict[str, str]], partitions_of_person: set[str]) -> Crop:
    person, video_id, start, end = key
    own = Counter(row["partition"] for row in rows)
    notes = [f"listed {max(own.values())} times"] if max(own.values()) > 1 else []
    if len(own) > 1:
        notes.append(f"listed in {' and '.join(sorted(own))}")
    elif len(partitions_of_person) > 1:
        notes.append(f"{person} is in {' and '.join(sorted(partitions_of_person))}")
    return Crop(
        person=person,
        video_id=video_id,
        start=start,
        end=end,
        fps=float(rows[0]["fps"]),
        box=tuple(map(float, BOX.fullmatch(rows[0]["bbox"]).groups())),
        height=int(rows[0]["height"]),
        partition=next(iter(own)) if len(own) == 1 else None,
        note="; ".join(notes) or None,
    )
