"""Any folder of videos, searched deeply, with an optional ``labels.csv``.

Every file that is named like a video is an item, even a broken one, so that nothing is dropped without a
word. ``labels.csv`` has a column ``file`` and any of ``person, emotion, level, sentence, audio``; empty cells
mean unknown. A file without a person is a person of its own. Where a video has no sound, a ``.wav`` or
``.m4a`` of its name beside it is taken (``clip.mp4`` or ``clip_aligned.mp4`` with ``clip.wav``).
"""

import csv
from collections import Counter
from pathlib import Path, PurePosixPath

from speak.data.clip import EMOTIONS
from speak.errors import UserError
from speak.files import stays_inside
from speak.media.errors import MediaError
from speak.media.video import probe
from speak.sources.item import Item, ordered
from speak.sources.tree import copy_tables, fetch, files_of

__all__ = ["catalogue", "copy_metadata", "fetch"]

VIDEO_SUFFIXES = (".mp4", ".mov", ".avi", ".mkv", ".webm", ".flv", ".mpg", ".mpeg", ".m4v")
AUDIO_SUFFIXES = (".wav", ".m4a")
LABELS = "labels.csv"
COLUMNS = ("file", "person", "emotion", "level", "sentence", "audio")


def catalogue(root: Path) -> list[Item]:
    """One item per video file and per row of ``labels.csv``, which may name files that are missing.

    Raises UserError when there is no video, or ``labels.csv`` has an unknown column, emotion or level.
    """
    files = files_of(root)
    labels = _labels(root / LABELS)
    videos = sorted({*labels, *(path for path in files if path.lower().endswith(VIDEO_SUFFIXES))})
    if not videos:
        raise UserError(f"{root}: no videos here ({' '.join(VIDEO_SUFFIXES)}); name another folder")
    stems = Counter(_stem(path) for path in videos)
    sounds = {path for path in files if path.lower().endswith(AUDIO_SUFFIXES)}
    return ordered([_item(root, path, labels.get(path, {}), sounds, stems[_stem(path)] == 1) for path in videos])


def copy_metadata(origin: Path, root: Path) -> None:
    """Copy ``labels.csv``, if there is one, and the list of files."""
    copy_tables(origin, root, [LABELS] if (origin / LABELS).is_file() else [])


def _item(root: Path, path: str, label: dict[str, str], sounds: set[str], distinct: bool) -> Item:
    """``distinct``: no other video has this stem; then the suffix is no part of the id."""
    return Item(
        item_id=f"folder/{_stem(path) if distinct else path}",
        dataset="folder",
        person=label.get("person") or _stem(path),
        emotion=label.get("emotion") or None,
        level=int(label["level"]) if label.get("level") else None,
        sentence=label.get("sentence") or None,
        video=path,
        audio=label.get("audio") or _sound_beside(root, path, sounds),
    )


def _stem(path: str) -> str:
    return str(PurePosixPath(path).with_suffix(""))


def _sound_beside(root: Path, path: str, sounds: set[str]) -> str | None:
    """A sound file of the video's name, when the video has no sound, cannot be read or is not here yet."""
    stems = dict.fromkeys((_stem(path), _stem(path).removesuffix("_aligned")))
    beside = [stem + suffix for stem in stems for suffix in AUDIO_SUFFIXES if stem + suffix in sounds]
    return beside[0] if beside and not _has_sound(root / path) else None


def _has_sound(file: Path) -> bool:
    try:
        return probe(file).has_audio
    except MediaError:
        return False


def _labels(table: Path) -> dict[str, dict[str, str]]:
    """Rows of ``labels.csv`` by file; {} without it."""
    if not table.is_file():
        return {}
    with open(table, encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        names = reader.fieldnames or []
        unknown = sorted(set(names) - set(COLUMNS))
        if unknown or "file" not in names:
            raise UserError(f"{table}: columns are {', '.join(COLUMNS)}; found {', '.join(map(repr, names))}")
        rows = {}
        for row in reader:
            _check(f"{table}:{reader.line_num}", row, rows)
            rows[row["file"]] = row
    return rows


def _check(where: str, row: dict[str, str], seen: dict[str, dict[str, str]]) -> None:
    if not stays_inside(row["file"]) or not stays_inside(row.get("audio") or "x"):
        raise UserError(f"{where}: paths must lie under the folder of labels.csv")
    if row["file"] in seen:
        raise UserError(f"{where}: {row['file']} has two rows; keep one")
    if row.get("emotion") and row["emotion"] not in EMOTIONS:
        raise UserError(f"{where}: unknown emotion {row['emotion']!r}; known are {', '.join(EMOTIONS)}")
    if row.get("level") and row["level"] not in {"1", "2", "3"}:
        raise UserError(f"{where}: level {row['level']!r} is not 1, 2 or 3")
