"""MEAD: the path is the label, ``M003/video/front/happy/level_1/001.mp4`` and
``M003/audio/happy/level_1/001.m4a``.

There is no other metadata, so the catalogue is the tree itself. Archives unpack with or without the person's
folder, or into an extra one (``video28/video``, ``W009_video/video``); all are accepted. The person is the
last ``M003``-like name above the view. The authors' split (the last takes of each emotion are test) shares
people between train and test, so it is not used here.
"""

import re
from pathlib import Path

from speak.data.clip import EMOTIONS
from speak.errors import UserError
from speak.sources.item import Item, ordered
from speak.sources.tree import copy_tables, fetch, files_of

__all__ = ["VIEWS", "catalogue", "copy_metadata", "fetch"]

VIEWS = ("front", "left_30", "left_60", "right_30", "right_60", "top", "down")
VIDEO = re.compile(
    rf"(?P<home>.*/)?(?P<view>{'|'.join(VIEWS)})/(?P<emotion>[^/]+)/level_(?P<level>[123])/(?P<take>\d+)\.mp4"
)
AUDIO = re.compile(r"(?P<home>.*/)?(?P<emotion>[^/]+)/level_(?P<level>[123])/(?P<take>\d+)\.(?:m4a|wav|aac)")
PERSON = re.compile(r"(?<![A-Za-z0-9])[MW]\d{3}(?![0-9])")
SEX = {"M": "male", "W": "female"}


def catalogue(root: Path) -> list[Item]:
    """One item per take and view, all views present; separate sound where it lies beside the video.

    Raises UserError when nothing follows the layout or an emotion folder has an unknown name.
    """
    files = files_of(root)
    sounds = _sounds(root, files)
    items = [_item(root, path, match, sounds) for path in files if (match := VIDEO.fullmatch(path))]
    if not items:
        raise UserError(f"{root}: no MEAD takes here; expected paths such as M003/video/front/happy/level_1/001.mp4")
    return ordered(items)


def copy_metadata(origin: Path, root: Path) -> None:
    """Leave the origin's list of files under ``root``: it is all the metadata MEAD has."""
    copy_tables(origin, root, [])


def _sounds(root: Path, files: list[str]) -> dict[tuple, str]:
    """Sound files by (person, emotion, level, take); the view plays no part."""
    sounds: dict[tuple, str] = {}
    for path in files:
        if match := AUDIO.fullmatch(path):
            person = person_of(root, match["home"] or "")
            sounds[person, match["emotion"], match["level"], match["take"]] = path
    return sounds


def _item(root: Path, path: str, match: re.Match, sounds: dict[tuple, str]) -> Item:
    emotion, level, take = match["emotion"], match["level"], match["take"]
    if emotion not in EMOTIONS:
        raise UserError(f"{root / path}: unknown emotion folder {emotion!r}; MEAD's are {', '.join(EMOTIONS)}")
    person = person_of(root, match["home"] or "")
    return Item(
        item_id=f"mead/{person}/{match['view']}/{emotion}/level_{level}/{take}",
        dataset="mead",
        person=person,
        emotion=emotion,
        level=int(level),
        sentence=None,
        video=path,
        audio=sounds.get((person, emotion, level, take)),
        start_s=None,
        end_s=None,
        box=None,
        boxes=None,
        url=None,
        partition=None,
        sex=SEX.get(person[0]) if PERSON.fullmatch(person) else None,
    )


def person_of(root: Path, home: str) -> str:
    """The person in the folders above a view: ``M003/video`` is M003; without such a name, the root's, else
    the top.

    ``video28/video`` names nobody in MEAD's way; its first folder then stands for the person.
    """
    names = PERSON.findall(home) or PERSON.findall(root.name)
    return names[-1] if names else home.split("/")[0] or root.name
