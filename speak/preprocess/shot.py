"""Which part of a video becomes the clip: one face in one shot, and the box around it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from speak.faces.box import Box, side
from speak.faces.crop import fixed_box
from speak.faces.follow import Followed, follow_face
from speak.faces.search import FaceFinder
from speak.media.cuts import Shots
from speak.media.video import VideoInfo, probe, span, watch
from speak.preprocess.config import PreprocessConfig
from speak.sources.item import Item


class Unusable(Exception):
    """The file is readable but no clip can be made of it; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """The part of a video that an item means, in seconds on the file's clock.

    Attributes:
        first_s: when the video's first frame is shown.
    """

    info: VideoInfo
    first_s: float
    start_s: float
    end_s: float


@dataclass(frozen=True, kw_only=True)
class Shot(Interval):
    """The part that becomes the clip, and the box that is cut out of its frames, in pixels."""

    box: tuple[int, int, int, int]


def find_interval(item: Item, video: Path, config: PreprocessConfig) -> Interval:
    """What lies in the file of the item's interval. Raises MediaError or Unusable."""
    info, (first_s, last_s) = probe(video), span(video)
    start_s = max(first_s, item.start_s or 0.0)
    end_s = last_s if item.end_s is None else min(last_s, item.end_s)
    if end_s - start_s < config.min_duration_s:
        raise Unusable(f"too short: {max(end_s - start_s, 0):.2f} s of picture, {config.min_duration_s} s needed")
    end_s = min(end_s, start_s + config.max_duration_s)
    return Interval(info=info, first_s=first_s, start_s=start_s, end_s=end_s)


def find_shot(item: Item, video: Path, interval: Interval, config: PreprocessConfig, finder: FaceFinder) -> Shot:
    """Look for the item's face every now and then, and for cuts in every frame. Raises MediaError or Unusable."""
    info, start_s, end_s = interval.info, interval.start_s, interval.end_s
    frames = watch(video, start_s=start_s, end_s=end_s, every_s=config.search.every_s)
    shots = Shots(frames, config.cuts)
    followed = follow_face(shots, finder, _hints(item, info), config.search, config.follow)
    run = followed.run
    if run is None:
        raise Unusable(f"no face found in {len(followed.looks)} frames looked at")
    face_px = float(np.median([side(box) for box in run.boxes]))
    if face_px < config.crop.min_face_px:
        raise Unusable(f"the face is too small: {face_px:.0f} px, {config.crop.min_face_px} px needed")
    if end_s - shots.last_s > config.follow.max_gap_s:  # a picture that stands that long is a face lost
        end_s = shots.last_s
    start_s, end_s = _extent(followed, shots.cuts, start_s, end_s)
    if end_s - start_s < config.min_duration_s:
        raise Unusable(f"the longest run of one face lasts {end_s - start_s:.2f} s, {config.min_duration_s} s needed")
    box = fixed_box(run.boxes, config.crop, info.width, info.height)
    return Shot(info=info, first_s=interval.first_s, start_s=start_s, end_s=end_s, box=box)


def _hints(item: Item, info: VideoInfo) -> Callable[[float], Box | None]:
    """Where the dataset says the face is at a time."""
    track = item.boxes_in(info.width, info.height)
    if not track:
        still = item.box_in(info.width, info.height)
        return lambda _: still
    times = np.array([time_s for time_s, _ in track])
    return lambda time_s: track[int(np.abs(times - time_s).argmin())][1]


def _extent(followed: Followed, cuts: list[float], start_s: float, end_s: float) -> tuple[float, float]:
    """The run's own times, stretched to the ends of its shot (or of the interval) where the face was there at the
    shot's first or last look.
    """
    first, last = followed.run.times[0], followed.run.times[-1]
    began_s = max(cut for cut in [-np.inf, *cuts] if cut <= first)
    over_s = min(cut for cut in [*cuts, np.inf] if cut > last)
    looks = [time_s for time_s in followed.looks if began_s <= time_s < over_s]
    begins = max(began_s, start_s) if first == looks[0] else first
    ends = min(over_s, end_s) if last == looks[-1] else last
    return begins, ends
