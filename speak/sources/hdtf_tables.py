"""HDTF's five text files per subset, with all their faults.

One record a line, fields split by a space. The files come with a byte-order mark, without a last newline,
with trailing spaces, without crops for some intervals, with intervals out of order, with a height of 0. ``K``
in a crop's name is the interval's place on its line, in line order. A crop is x, width, y, height.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from speak.errors import UserError
from speak.sources.item import Box

TABLES = ("video_url", "resolution", "annotion_time", "crop_wh", "crop_ratio")
"""``annotion_time`` is the authors' spelling."""
NUMERIC = {"resolution", "crop_wh", "crop_ratio"}
NUMBER = re.compile(r"-?\d+(\.\d+)?")
INTERVAL = re.compile(r"(\d+):(\d\d)-(\d+):(\d\d)")
YOUTUBE_ID = re.compile(r"[?&]v=([A-Za-z0-9_-]+)")


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Whole seconds of a video; ``box`` in pixels at the video's stated height, or None."""

    start_s: int
    end_s: int
    box: Box | None
    crop_ratio: float | None


@dataclass(frozen=True, kw_only=True)
class Video:
    """One source video. ``height`` is the stated one, None when the table says 0 or nothing."""

    subset: str
    name: str
    url: str | None
    youtube_id: str | None
    height: int | None
    intervals: tuple[Interval, ...]


def read_subset(folder: Path, subset: str) -> list[Video]:
    """All videos that any of a subset's tables names, sorted by name; videos without intervals included.

    Raises UserError naming file and line when a record is not of its form, or the interval table is absent.
    """
    urls = {name: fields[0] for name, fields in _records(folder, subset, "video_url", 1).items()}
    heights = {name: int(float(fields[0])) for name, fields in _records(folder, subset, "resolution", 1).items()}
    times = _records(folder, subset, "annotion_time", None)
    crops = _records(folder, subset, "crop_wh", 4)
    ratios = _records(folder, subset, "crop_ratio", 1)
    videos = []
    for name in sorted({*urls, *heights, *times}):
        spans = [_seconds(folder, subset, name, field) for field in times.get(name, ())]
        found = YOUTUBE_ID.search(urls.get(name, ""))
        intervals = tuple(
            Interval(
                start_s=start,
                end_s=end,
                box=_box(crops.get(f"{name}_{k}")),
                crop_ratio=_ratio(ratios, f"{name}_{k}"),
            )
            for k, (start, end) in enumerate(spans)
        )
        videos.append(
            Video(
                subset=subset,
                name=name,
                url=urls.get(name),
                youtube_id=found[1] if found else None,
                height=heights.get(name) or None,
                intervals=intervals,
            )
        )
    return videos


def people(videos: list[Video]) -> dict[tuple[str, str], str]:
    """The person of each (subset, name).

    Senators and representatives are numbered per video (``AmyKlobuchar0``): the name without its digits is
    the person, and videos with one YouTube id are one person. Radio addresses (``Radio34``) say nothing: each
    is its own person.
    """
    person = {
        (video.subset, video.name): video.name if video.subset == "RD" else video.name.rstrip("0123456789")
        for video in videos
    }
    first: dict[str, str] = {}
    same: dict[str, str] = {}
    for video in videos:
        if video.youtube_id:
            one = _root(same, person[video.subset, video.name])
            other = _root(same, first.setdefault(video.youtube_id, one))
            if one != other:
                same[max(one, other)] = min(one, other)
    return {key: _root(same, name) for key, name in person.items()}


def _root(same: dict[str, str], name: str) -> str:
    while name in same:
        name = same[name]
    return name


def _records(folder: Path, subset: str, table: str, fields: int | None) -> dict[str, list[str]]:
    """Lines of a table by name without ``.mp4``; an absent table is empty, except that of the intervals."""
    path = folder / f"{subset}_{table}.txt"
    if not path.is_file():
        if table == "annotion_time":
            raise UserError(f"{path}: missing; it is part of HDTF's repository, beside {subset}_video_url.txt")
        return {}
    records = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        name, *values = line.split()
        if fields is not None and len(values) != fields:
            raise UserError(f"{path}:{number}: expected {fields} fields after the name, found {len(values)}")
        if table in NUMERIC and (wrong := [value for value in values if not NUMBER.fullmatch(value)]):
            raise UserError(f"{path}:{number}: {wrong[0]!r} is no number")
        records[name.removesuffix(".mp4")] = values
    return records


def _seconds(folder: Path, subset: str, name: str, field: str) -> tuple[int, int]:
    match = INTERVAL.fullmatch(field)
    if not match:
        raise UserError(f"{folder / f'{subset}_annotion_time.txt'}: {name}: {field!r} is not MM:SS-MM:SS")
    start_min, start_s, end_min, end_s = map(int, match.groups())
    return start_min * 60 + start_s, end_min * 60 + end_s


def _box(fields: list[str] | None) -> Box | None:
    if fields is None:
        return None
    x, width, y, height = map(float, fields)
    return x, y, x + width, y + height


def _ratio(ratios: dict[str, list[str]], key: str) -> float | None:
    return float(ratios[key][0]) if key in ratios else None
