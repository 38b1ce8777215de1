"""MEAD: the path is the label, ``M003/video/front/happy/level_1/001.mp4`` and
``M003/audio/happy/level_1/001.m4a``.

There is no other metadata, so the catalogue is the tree itself. Archives unpack with or without the person's
folder, or into an extra one (``video28/video``, ``W009_video/video``); all are accepted. The person is the
last ``M003``-like name above the view. Other people's copies name the take in one word
(``M003_level_1_disgusted_015.mp4``, ``M030_front_angry_level3_001.mp4``); without a view it is the front. The
authors' split (the last takes of each emotion are test) shares people between train and test, so it is not
used here.

What an archive holds is not known before it is unpacked; until then it is one item, missing by its name.
"""

import csv
from pathlib import Path, PurePosixPath

from speak.data.clip import EMOTIONS
from speak.errors import UserError
from speak.fetching.unpack import archive_kind, draft_of
from speak.fetching.wanted import Wanted
from speak.files import stays_inside
from speak.sources.item import Item, ordered, packed_item
from speak.sources.mead_names import PERSON, Take, sound_of, take_of
from speak.sources.tree import copy_tables, fetch, files_of, listing_at, mirrored, packed

__all__ = ["PUBLISHED", "catalogue", "copy_metadata", "fetch", "tables", "wanted"]

PUBLISHED = "https://drive.google.com/drive/folders/1GwXP-KpWOxOenOxITTsURJZQ_1pkd4-j"
"""The authors' public folder: one folder a person, with video.tar and audio.tar."""
DRIVE = "https://drive.google.com/"
DRIVE_TABLE = "drive.csv"
"""What is in the Drive folder: path, address."""
SEX = {"M": "male", "W": "female"}


def catalogue(root: Path) -> list[Item]:
    """One item per take and view, all views present; separate sound where it lies beside the video. Archives of
    video that have not been unpacked are an item each.

    Raises UserError when nothing follows the layout or an emotion has an unknown name.
    """
    files = sorted({*files_of(root), *_in_drive(root)})
    takes = [(path, take) for path in files if (take := take_of(path, root.name))]
    sounds = {key: path for path in files if (key := sound_of(path, root.name))}
    items = [_item(root, path, take, sounds.get(take.spoken)) for path, take in takes]
    items += _archives(root, files, [path for path, _ in takes])
    if not items:
        raise UserError(f"{root}: no MEAD takes here; expected paths such as M003/video/front/happy/level_1/001.mp4")
    return ordered(items)


def copy_metadata(origin: Path, root: Path) -> None:
    """Leave the origin's list of files under ``root``: it is all the metadata MEAD has."""
    copy_tables(origin, root, [])


def tables(base: str) -> list[Wanted]:
    """The list of files: of a Drive folder, or of a mirror."""
    if base.startswith(DRIVE):
        return [Wanted(path=DRIVE_TABLE, address=base, way="drive")]
    return [listing_at(base)]


def wanted(root: Path, base: str) -> list[Wanted]:
    """Every archive, take and sound in that list."""
    if not base.startswith(DRIVE):
        return mirrored(root, base, lambda path: bool(take_of(path, root.name) or sound_of(path, root.name)))
    return [
        Wanted(path=path, address=address, way="drive", archive=archive_kind(path))
        for path, address in _in_drive(root).items()
        if archive_kind(path) or take_of(path, root.name) or sound_of(path, root.name)
    ]


def _in_drive(root: Path) -> dict[str, str]:
    """Addresses of the Drive folder's files by path; {} where the media come from elsewhere."""
    table = root / DRIVE_TABLE
    if not table.is_file():
        return {}
    with open(table, encoding="utf-8", newline="") as stream:
        files = {row["path"]: row["address"] for row in csv.DictReader(stream)}
    if strange := [path for path in files if not stays_inside(path)]:
        raise UserError(f"{table}: {strange[0]!r} leads out of the dataset's folder; delete that line")
    return files


def _archives(root: Path, files: list[str], takes: list[str]) -> list[Item]:
    """Archives of video without a trace of having been unpacked: no note, no take in their own folder (unless that
    was left half done)."""
    unpacked = {str(folder) for take in takes for folder in PurePosixPath(take).parents} - {"."}
    return [
        packed_item("mead", path, (PERSON.findall(path) or PERSON.findall(root.name) or [PurePosixPath(path).stem])[-1])
        for path in packed(root, files)
        if "audio" not in PurePosixPath(path).name
        and (str(PurePosixPath(path).parent) not in unpacked or draft_of(root / path, (root / path).parent).is_dir())
    ]


def _item(root: Path, path: str, take: Take, audio: str | None) -> Item:
    if take.emotion not in EMOTIONS:
        raise UserError(f"{root / path}: unknown emotion {take.emotion!r}; MEAD's are {', '.join(EMOTIONS)}")
    return Item(
        item_id=f"mead/{take.person}/{take.view}/{take.emotion}/level_{take.level}/{take.number}",
        dataset="mead",
        person=take.person,
        emotion=take.emotion,
        level=int(take.level),
        video=path,
        audio=audio,
        sex=SEX.get(take.person[0]) if PERSON.fullmatch(take.person) else None,
    )
