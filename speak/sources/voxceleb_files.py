"""The files of VoxCeleb by their paths, and its speaker tables."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from speak.sources.voxceleb_crops import NAME as CROPS

KEY = r"(?P<person>id\d{5})/(?P<video>[A-Za-z0-9_-]{11})"
TEXT = re.compile(rf"(?:.*/)?txt/{KEY}/(?P<number>\d{{5}})\.txt")
CROP = re.compile(rf"(?:.*/)?mp4/{KEY}/(?P<number>\d{{5}})\.mp4")
CHUNK = re.compile(rf"(?:.*/)?{KEY}/chunk_videos/(?P=video)#(?P<number>\d{{5}})#(?P<first>\d+)-(?P<last>\d+)\.mp4")
SOURCE = re.compile(r"(?:.*/)?videos/(?P<video>[A-Za-z0-9_-]{11})\.[A-Za-z0-9]+")
STRETCH = re.compile(r"(?:.*/)?(?P<name>id\d{5}#[A-Za-z0-9_-]{11}#\d{6}#\d{6})\.mp4")
META = ("vox1_meta.csv", "vox2_meta.csv")

Key = tuple[str, str, str]
"""speaker, video, utterance number."""


@dataclass(frozen=True)
class Tree:
    """The paths of a root by what they are."""

    texts: dict[Key, str] = field(default_factory=dict)
    crops: dict[Key, str] = field(default_factory=dict)
    chunks: dict[Key, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    stretches: dict[str, str] = field(default_factory=dict)


def is_table(path: str) -> bool:
    """Whether a file says something about others: an utterance's text, a speaker table, the list of crops."""
    return bool(TEXT.fullmatch(path)) or PurePosixPath(path).name in META or path == CROPS


def is_media(path: str) -> bool:
    """Whether a file is named like one of VoxCeleb's videos, whole or in part."""
    return any(pattern.fullmatch(path) for pattern in (CROP, CHUNK, SOURCE, STRETCH))


def sorted_out(files: Iterable[str]) -> Tree:
    """Paths by what they are; others are left out."""
    tree = Tree()
    for path in files:
        for pattern, group in ((TEXT, tree.texts), (CROP, tree.crops), (CHUNK, tree.chunks)):
            if match := pattern.fullmatch(path):
                group[match["person"], match["video"], match["number"]] = path
        if match := SOURCE.fullmatch(path):
            tree.sources[match["video"]] = path
        if match := STRETCH.fullmatch(path):
            tree.stretches[match["name"]] = path
    return tree


def read_speakers(root: Path, files: Iterable[str]) -> dict[str, dict[str, str]]:
    """Rows of the speaker tables by id: tab separated, fields may end in a space, columns in any order."""
    speakers = {}
    for table in (path for path in files if PurePosixPath(path).name in META and (root / path).is_file()):
        with open(root / table, encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
                clean = {key.strip(): (value or "").strip() for key, value in row.items() if key}
                speakers[clean.get("VoxCeleb1 ID") or clean.get("VoxCeleb2 ID", "")] = clean
    return speakers
