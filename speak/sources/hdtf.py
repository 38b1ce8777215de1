"""HDTF: intervals of public speeches, named by URL, with one square crop each.

An item is an interval. Its video is the whole source (``videos/KatieHill.mp4``) or, where the usual download
script has been used, the finished clip ``WDA_KatieHill_000.mp4``. Crops belong to the source at its stated
height; the item carries that height so that they scale to what was obtained. An interval without a crop, or
with a crop for a video of unknown height, has no box: the face is then searched in the whole frame.
"""

import re
from pathlib import Path, PurePosixPath

from speak.errors import UserError
from speak.sources.hdtf_tables import TABLES, Interval, Video, people, read_subset
from speak.sources.item import Item, ordered
from speak.sources.tree import copy_tables, fetch, files_of

__all__ = ["SUBSETS", "catalogue", "copy_metadata", "fetch", "videos"]

SUBSETS = ("RD", "WDA", "WRA")
"""Radio addresses, and senators and representatives of the two parties."""
CLIP = re.compile(r"(?P<subset>RD|WDA|WRA)_(?P<name>.+)_(?P<k>\d{3})")


def videos(root: Path) -> list[Video]:
    """Every source video of the tables, those without intervals included; [] where there are no tables."""
    tables = [path for path in files_of(root) if path.endswith("_annotion_time.txt")]
    found = {PurePosixPath(path).name.split("_")[0]: root / PurePosixPath(path).parent for path in tables}
    return [video for subset in SUBSETS if subset in found for video in read_subset(found[subset], subset)]


def catalogue(root: Path) -> list[Item]:
    """One item per interval of the tables; without tables, one per finished clip.

    Raises UserError when there is neither, or a table is damaged.
    """
    clips = {PurePosixPath(path).stem: path for path in files_of(root) if _is_clip(path)}
    sources = videos(root)
    if sources:
        person = people(sources)
        items = [
            _item(video, k, interval, person[video.subset, video.name], clips)
            for video in sources
            for k, interval in enumerate(video.intervals)
        ]
    else:
        items = [_clip_only(stem, path) for stem, path in clips.items()]
    if not items:
        raise UserError(
            f"{root}: no HDTF here; expected RD_annotion_time.txt and its sisters, or WDA_KatieHill_000.mp4"
        )
    return ordered(items)


def copy_metadata(origin: Path, root: Path) -> None:
    """Copy the text files and the list of files."""
    names = {f"{subset}_{table}.txt" for subset in SUBSETS for table in TABLES}
    copy_tables(origin, root, [path for path in files_of(origin) if PurePosixPath(path).name in names])


def clip_name(subset: str, name: str, k: int) -> str:
    """The usual download script's name of an interval: ``WDA_KatieHill_000``."""
    return f"{subset}_{name}_{k:03d}"


def _item(video: Video, k: int, interval: Interval, person: str, clips: dict[str, str]) -> Item:
    name = clip_name(video.subset, video.name, k)
    finished = name in clips
    usable = not finished and interval.box is not None and video.height is not None
    return Item(
        item_id=f"hdtf/{name}",
        dataset="hdtf",
        person=person,
        emotion=None,
        level=None,
        sentence=None,
        video=clips.get(name, f"videos/{video.name}.mp4"),
        audio=None,
        start_s=None if finished else float(interval.start_s),
        end_s=None if finished else float(interval.end_s),
        box=interval.box if usable else None,
        boxes=None,
        url=f"https://www.youtube.com/watch?v={video.youtube_id}" if video.youtube_id else video.url,
        partition=None,
        box_height=video.height if usable else None,
    )


def _clip_only(stem: str, path: str) -> Item:
    subset, name, k = CLIP.fullmatch(stem).groups()
    interval = Interval(start_s=0, end_s=0, box=None, crop_ratio=None)
    video = Video(subset=subset, name=name, url=None, youtube_id=None, height=None, intervals=(interval,))
    return _item(video, int(k), interval, people([video])[subset, name], {stem: path})


def _is_clip(path: str) -> bool:
    file = PurePosixPath(path)
    return file.suffix == ".mp4" and CLIP.fullmatch(file.stem) is not None
