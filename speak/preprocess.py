"""From a source file to a clip: one face in a fixed box, constant rate, sound on the same clock.

Two passes over the video, neither holding more than one source frame: the first looks for the face every few
frames and fixes the box, the second cuts, resamples by timestamps and encodes. Landmarks are then detected on
the frames as they come back from the encoded video, so that everything measured later is measured on the same
pixels.

What goes wrong with a file is a ``Rejected`` row with a reason; what goes wrong with the code is an
exception.
"""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from speak.data.clip import Clip
from speak.faces.box import Box, inside, side
from speak.faces.crop import CropConfig, crop_resize, fixed_box
from speak.faces.follow import FollowConfig, Followed, Run, follow_face
from speak.faces.landmarker import Landmarker
from speak.faces.search import SearchConfig
from speak.faces.track import FaceTrack
from speak.files import sha256_of
from speak.media.audio import encode_flac, read_audio
from speak.media.errors import MediaError
from speak.media.timeline import at_rate, num_ticks
from speak.media.video import VideoCodec, VideoInfo, encode_video, probe, read_frames, span
from speak.sources.item import Item

RECIPE_VERSION = 1
"""Part of every clip's recipe; raise it when the code makes different clips from the same parameters."""


@dataclass(frozen=True, kw_only=True)
class PreprocessConfig:
    """How clips are made.

    Attributes:
        size: side of the square frames in pixels.
        sample_rate: of the sound, in Hz.
        codec: frame rate and quality of the clips' video; good enough to serve as ground truth (crf 12 to
            16).
        search: how faces are looked for.
        follow: when a run of one face ends.
        crop: how the fixed box follows from the faces.
        min_found_share: share of the finished frames in which landmarks must be found.
        min_duration_s: shorter clips are not used.
        max_duration_s: only this much is taken from the start of the item's interval.
        missing_audio: what to do with a video without sound (or with digital silence): ``reject`` it, or keep
            it
            with ``silence``.
        max_silent_end_s: how much earlier than the picture the sound may end (it is padded with silence); a
            longer
            clip is cut where its sound ends.
    """

    size: int
    sample_rate: int
    codec: VideoCodec
    search: SearchConfig
    follow: FollowConfig
    crop: CropConfig
    min_found_share: float
    min_duration_s: float
    max_duration_s: float
    missing_audio: Literal["reject", "silence"]
    max_silent_end_s: float


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """An item that gave no clip: at which step (video, face, sound, landmarks), and why."""

    item_id: str
    dataset: str
    stage: str
    reason: str
    source: str


def recipe_hash(config: PreprocessConfig) -> str:
    """16 hex digits that change with any parameter and with ``RECIPE_VERSION``."""
    content = json.dumps([RECIPE_VERSION, asdict(config)], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


class _Unusable(Exception):
    """The file is readable but no clip can be made of it."""


@dataclass(frozen=True, kw_only=True)
class _Shot:
    """The part of a video that becomes a clip, on the video's clock, and the box that is cut out of it."""

    info: VideoInfo
    first_s: float
    start_s: float
    end_s: float
    box: tuple[int, int, int, int]


def process(item: Item, root: Path, config: PreprocessConfig, landmarker: Landmarker) -> Clip | Rejected:
    """Make one clip.

    Args:
        item: from a source's catalogue.
        root: the dataset's folder.
        config: parameters.
        landmarker: looks for faces in the source and for landmarks in the clip.

    Returns:
        The clip, or why there is none. Only programming errors raise.
    """
    video, stage = root / item.video, "video"
    try:
        info, (first_s, last_s) = probe(video), span(video)
        start_s, end_s = _interval(item, first_s, last_s, config)
        stage = "face"
        shot = _find_shot(item, video, info, (first_s, start_s, end_s), config, landmarker)
        stage = "sound"
        audio = _sound(item, root, shot, config)
        stage = "video"
        num_frames = _num_frames(shot, audio, config)
        content = encode_video(_cut(video, shot, num_frames, config), config.codec)
        stage = "landmarks"
        track = landmarker.detect(frame for _, frame in read_frames(content))
        _check_track(track, config)
    except (MediaError, _Unusable) as error:
        return Rejected(item_id=item.item_id, dataset=item.dataset, stage=stage, reason=str(error), source=item.video)
    return _clip(item, video, config, shot=shot, content=content, audio=audio, track=track)


def _interval(item: Item, first_s: float, last_s: float, config: PreprocessConfig) -> tuple[float, float]:
    start_s = max(first_s, item.start_s or 0.0)
    end_s = last_s if item.end_s is None else min(last_s, item.end_s)
    if end_s - start_s < config.min_duration_s:
        raise _Unusable(f"too short: {max(end_s - start_s, 0):.2f} s of picture, {config.min_duration_s} s needed")
    return start_s, min(end_s, start_s + config.max_duration_s)


def _find_shot(
    item: Item,
    video: Path,
    info: VideoInfo,
    times: tuple[float, float, float],
    config: PreprocessConfig,
    landmarker: Landmarker,
) -> _Shot:
    first_s, start_s, end_s = times
    every = max(1, round(config.search.every_s * info.fps))
    frames = read_frames(video, start_s=start_s, every=every)
    looked_at = itertools.takewhile(lambda timed: timed[0] < end_s, frames)
    followed = follow_face(looked_at, landmarker, _hints(item, info), config.search, config.follow)
    run = followed.run
    if run is None:
        raise _Unusable(f"no face found in {len(followed.looks)} frames looked at")
    face_px = float(np.median([side(box) for box in run.boxes]))
    if face_px < config.crop.min_face_px:
        raise _Unusable(f"the face is too small: {face_px:.0f} px, {config.crop.min_face_px} px needed")
    start_s, end_s = _extent(followed, run, start_s, end_s)
    if end_s - start_s < config.min_duration_s:
        raise _Unusable(f"the longest run of one face lasts {end_s - start_s:.2f} s, {config.min_duration_s} s needed")
    box = fixed_box(run.boxes, config.crop, info.width, info.height)
    return _Shot(info=info, first_s=first_s, start_s=start_s, end_s=end_s, box=box)


def _hints(item: Item, info: VideoInfo) -> Callable[[float], Box | None]:
    """Where the dataset says the face is at a time."""
    track = item.boxes_in(info.width, info.height)
    if not track:
        still = item.box_in(info.width, info.height)
        return lambda _: still
    times = np.array([time_s for time_s, _ in track])
    return lambda time_s: track[int(np.abs(times - time_s).argmin())][1]


def _extent(followed: Followed, run: Run, start_s: float, end_s: float) -> tuple[float, float]:
    """The run's own times, stretched to the interval's ends where the face was there at the first or last
    look."""
    begins = start_s if run.times[0] == followed.looks[0] else run.times[0]
    ends = end_s if run.times[-1] == followed.looks[-1] else run.times[-1]
    return begins, ends


def _sound(item: Item, root: Path, shot: _Shot, config: PreprocessConfig) -> np.ndarray | None:
    """The shot's sound, possibly shorter than the shot; None for allowed silence.

    A separate file has no clock in common with the video: its beginning belongs to the first frame.
    """
    offset_s = 0.0 if item.audio is None else shot.first_s
    source = root / (item.audio or item.video)
    try:
        audio = read_audio(source, config.sample_rate, start_s=shot.start_s - offset_s, end_s=shot.end_s - offset_s)
        if not audio.any():
            raise MediaError("the audio track is digitally silent")
    except MediaError as error:
        if config.missing_audio == "silence":
            return None
        raise MediaError(str(error) if item.audio is None else f"{item.audio}: {error}") from error
    return audio


def _num_frames(shot: _Shot, audio: np.ndarray | None, config: PreprocessConfig) -> int:
    picture_s = shot.end_s - shot.start_s
    sound_s = picture_s if audio is None else len(audio) / config.sample_rate
    usable_s = picture_s if picture_s - sound_s <= config.max_silent_end_s else sound_s
    if usable_s < config.min_duration_s:
        raise _Unusable(f"too short: {usable_s:.2f} s of sound with the picture, {config.min_duration_s} s needed")
    return num_ticks(config.codec.fps, 0.0, usable_s)


def _cut(video: Path, shot: _Shot, num_frames: int, config: PreprocessConfig) -> Iterator[np.ndarray]:
    """The clip's frames; only the box (as far as it lies in the frame) is ever converted to RGB."""
    left, top, right, bottom = shot.box
    region = inside(shot.box, shot.info.width, shot.info.height)
    box = (left - region[0], top - region[1], right - region[0], bottom - region[1])
    frames = read_frames(video, start_s=shot.start_s, region=region)
    fps = config.codec.fps
    for frame in at_rate(frames, fps, shot.start_s, shot.start_s + num_frames / fps):
        yield crop_resize(frame, box, config.size)


def _check_track(track: FaceTrack, config: PreprocessConfig) -> None:
    share = float(track.found.mean())
    if share < config.min_found_share:
        raise _Unusable(f"landmarks found in {share:.1%} of the frames, {config.min_found_share:.1%} needed")


def _clip(
    item: Item,
    video: Path,
    config: PreprocessConfig,
    *,
    shot: _Shot,
    content: bytes,
    audio: np.ndarray | None,
    track: FaceTrack,
) -> Clip:
    num_frames = len(track.landmarks)
    duration_s = num_frames / config.codec.fps
    whole = np.zeros(round(duration_s * config.sample_rate), np.float32)
    if audio is not None:
        whole[: len(audio)] = audio[: len(whole)]
    return Clip(
        clip_id=item.item_id,
        dataset=item.dataset,
        person=item.person,
        emotion=item.emotion,
        level=item.level,
        sentence=item.sentence,
        num_frames=num_frames,
        fps=config.codec.fps,
        video=content,
        audio=encode_flac(whole, config.sample_rate),
        landmarks=track.landmarks,
        head_pose=track.head_pose,
        blendshapes=track.blendshapes,
        box=tuple(map(float, shot.box)),
        source_file=item.video,
        source_sha256=sha256_of(video),
        source_url=item.url,
        source_start_s=shot.start_s,
        source_end_s=shot.start_s + duration_s,
        recipe=recipe_hash(config),
    )
