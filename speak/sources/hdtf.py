"""HDTF: intervals of public speeches, named by URL, with one square crop each.

An item is an interval. Its video is the whole source (``videos/KatieHill.mp4``) or, where the usual download
script has been used, the finished clip ``WDA_KatieHill_000.mp4``. Crops belong to the source at its stated
height; the item carries that height so that they scale to what was obtained. An interval without a crop, or
with a crop for a video of unknown height, has no box: the face is then searched in the whole frame. A YouTube
video that the tables name twice (``WhipJimClyburn``, ``JamesClyburn1``) is one file, under the first name.
"""

import re
from pathlib import Path, PurePosixPath

from speak.errors import UserError
from speak.fetching.wanted import Wanted
from speak.sources.hdtf_tables import TABLES, Interval, Video, people, read_subset
from speak.sources.item import Item, ordered
from speak.sources.tree import address_in, copy_tables, fetch, files_of

__all__ = ["PUBLISHED", "SUBSETS", "catalogue", "copy_metadata", "fetch", "tables", "videos", "wanted"]

PUBLISHED = "https://raw.githubusercontent.com/MRzzm/HDTF/main/HDTF_dataset"
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
    files = files_of(root)
    clips = {PurePosixPath(path).stem: path for path in files if _is_clip(path)}
    sources = videos(root)
    if sources:
        person = people(sources)
        media = _media(sources, set(files))
        items = [
            _item(video, k, interval, person[video.subset, video.name], clips, media[video.subset, video.name])
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
    names = set(_table_names())
    copy_tables(origin, root, [path for path in files_of(origin) if PurePosixPath(path).name in names])


def tables(base: str) -> list[Wanted]:
    """The fifteen text files."""
    return [Wanted(path=name, address=address_in(base, name), way="http") for name in _table_names()]


def wanted(root: Path, base: str) -> list[Wanted]:
    """Every source video that an item lies in: from YouTube, or ``videos/<name>.mp4`` of a mirror."""
    remote = {item.video: item for item in catalogue(root) if item.start_s is not None}
    if base.rstrip("/") != PUBLISHED:
        return [Wanted(path=path, address=address_in(base, path), way="http") for path in sorted(remote)]
    addresses = {path: item.url for path, item in sorted(remote.items()) if item.url is not None}
    return [Wanted(path=path, address=url, way="youtube") for path, url in addresses.items()]


def _table_names() -> list[str]:
    return [f"{subset}_{table}.txt" for subset in SUBSETS for table in TABLES]


def _media(sources: list[Video], files: set[str]) -> dict[tuple[str, str], str]:
    """The file of each (subset, name): its own where that is there, else the one its YouTube video is kept in."""
    first: dict[str, str] = {}
    media = {}
    for video in sources:
        own = f"videos/{video.name}.mp4"
        media[video.subset, video.name] = own if own in files else first.get(video.youtube_id or own, own)
        first.setdefault(video.youtube_id or own, own)
    return media


def clip_name(subset: str, name: str, k: int) -> str:
    """The usual download script's name of an interval: ``WDA_KatieHill_000``."""
    return f"{subset}_{name}_{k:03d}"


def _item(video: Video, k: int, interval: Interval, person: str, clips: dict[str, str], media: str) -> Item:
    name = clip_name(video.subset, video.name, k)
    finished = name in clips
    usable = not finished and interval.box is not None and video.height is not None
    return Item(
        item_id=f"hdtf/{name}",
        dataset="hdtf",
        person=person,
        video=clips.get(name, media),
        start_s=None if finished else float(interval.start_s),
        end_s=None if finished else float(interval.end_s),
        box=interval.box if usable else None,
        url=f"https://www.youtube.com/watch?v={video.youtube_id}" if video.youtube_id else video.url,
        box_height=video.height if usable else None,
    )


def _clip_only(stem: str, path: str) -> Item:
    subset, name, k = CLIP.fullmatch(stem).groups()
    interval = Interval(start_s=0, end_s=0, box=None, crop_ratio=None)
    video = Video(subset=subset, name=name, url=None, youtube_id=None, height=None, intervals=(interval,))
    return _item(video, int(k), interval, people([video])[subset, name], {stem: path}, path)


def _is_clip(path: str) -> bool:
    file = PurePosixPath(path)
    return file.suffix == ".mp4" and CLIP.fullmatch(file.stem) is not None
