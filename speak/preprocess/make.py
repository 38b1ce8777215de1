"""One item to one clip.

Two passes over the video, neither holding more than one source frame: the first looks for the face every few
frames and for cuts in all of them and fixes the box, the second cuts, resamples by timestamps and encodes.
Landmarks and quality are then measured on the frames as they come back from the encoded video, so that everything
later is about the same pixels.

What goes wrong with a file is a ``Rejected`` row with a reason; what goes wrong with the code is an
exception.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from speak.data.clip import Clip
from speak.faces.box import inside
from speak.faces.crop import crop_resize
from speak.faces.landmarker import Landmarker
from speak.faces.track import FaceTrack
from speak.files import sha256_of
from speak.media.audio import encode_flac, read_audio
from speak.media.errors import MediaError, NoSound
from speak.media.timeline import TIMESTAMP_ROUNDING_S, at_rate, num_ticks
from speak.media.video import encode_video, read_frames
from speak.preprocess.config import PreprocessConfig, recipe_hash
from speak.preprocess.quality import Quality, SyncEmbed, Viewer, complaint, measure
from speak.preprocess.shot import Shot, Unusable, find_interval, find_shot
from speak.sources.item import Item

TIE_S = 0.0007
"""A source frame that begins in a frame's very middle, up to a rounded stamp, is left to the next one; or 60 frames a
second would give now the even and now the odd ones."""


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """An item that gave no clip: at which step (video, face, sound, landmarks, quality), and why."""

    item_id: str
    dataset: str
    stage: str
    reason: str
    source: str


@dataclass(frozen=True, kw_only=True)
class _Made:
    """A finished clip's content."""

    video: bytes
    audio: np.ndarray
    track: FaceTrack
    quality: Quality


def process(
    item: Item, root: Path, config: PreprocessConfig, landmarker: Landmarker, sync: SyncEmbed | None = None
) -> Clip | Rejected:
    """Make one clip.

    Args:
        item: from a source's catalogue.
        root: the dataset's folder.
        config: parameters.
        landmarker: looks for faces in the source and for landmarks in the clip.
        sync: embeds the clip for the search of its sync offset; None leaves that unmeasured.

    Returns:
        The clip, or why there is none. Only programming errors raise.
    """
    video, stage = root / item.video, "video"
    try:
        interval = find_interval(item, video, config)
        stage = "face"
        shot = find_shot(item, video, interval, config, landmarker)
        stage = "sound"
        sound = _sound(item, root, shot, config)
        stage = "video"
        num_frames = _num_frames(shot, sound, config)
        content = encode_video(_cut(video, shot, num_frames, config), config.codec)
        stage = "landmarks"
        viewer = Viewer(keep=sync is not None)
        track = landmarker.detect(viewer.through(frame for _, frame in read_frames(content)))
        stage = "quality"
        audio = _fitted(sound, num_frames, config)
        quality = measure(viewer, track, audio, config, sync)
        if reason := complaint(quality, config):
            raise Unusable(reason)
    except (MediaError, Unusable) as error:
        return Rejected(item_id=item.item_id, dataset=item.dataset, stage=stage, reason=str(error), source=item.video)
    return _clip(item, video, config, shot, _Made(video=content, audio=audio, track=track, quality=quality))


def _sound(item: Item, root: Path, shot: Shot, config: PreprocessConfig) -> np.ndarray | None:
    """The shot's sound, possibly shorter than the shot; None for allowed silence.

    A separate file has no clock in common with the video: its beginning belongs to the first frame.
    """
    offset_s = 0.0 if item.audio is None else shot.first_s
    source = root / (item.audio or item.video)
    try:
        audio = read_audio(source, config.sample_rate, start_s=shot.start_s - offset_s, end_s=shot.end_s - offset_s)
        if not audio.any():
            raise NoSound("the audio track is digitally silent")
    except MediaError as error:
        if isinstance(error, NoSound) and config.missing_audio == "silence":
            return None
        raise MediaError(str(error) if item.audio is None else f"{item.audio}: {error}") from error
    return audio


def _num_frames(shot: Shot, audio: np.ndarray | None, config: PreprocessConfig) -> int:
    picture_s = shot.end_s - shot.start_s
    sound_s = picture_s if audio is None else len(audio) / config.sample_rate
    usable_s = picture_s if picture_s - sound_s <= config.max_silent_end_s else sound_s
    if usable_s < config.min_duration_s:
        raise Unusable(f"too short: {usable_s:.2f} s of sound with the picture, {config.min_duration_s} s needed")
    return num_ticks(config.codec.fps, 0.0, usable_s)


def _cut(video: Path, shot: Shot, num_frames: int, config: PreprocessConfig) -> Iterator[np.ndarray]:
    """The clip's frames; only the box (as far as it lies in the frame) is ever converted to RGB, and shrunk before
    where that is all that is to be done.

    Each shows what the source shows in its middle, so that no picture is moved by more than half a frame against the
    sound.
    """
    (left, top, right, bottom), size, fps = shot.box, config.size, config.codec.fps
    region = inside(shot.box, shot.info.width, shot.info.height)
    if region == shot.box and right - left > size:
        box, shrunk = (0, 0, size, size), (size, size)
    else:
        box, shrunk = (left - region[0], top - region[1], right - region[0], bottom - region[1]), None
    frames = read_frames(video, start_s=shot.start_s, region=region, size=shrunk)
    middle_s = shot.start_s + 0.5 / fps - TIMESTAMP_ROUNDING_S - TIE_S
    for frame in at_rate(frames, fps, middle_s, middle_s + num_frames / fps):
        yield crop_resize(frame, box, size)


def _fitted(sound: np.ndarray | None, num_frames: int, config: PreprocessConfig) -> np.ndarray:
    """The sound as long as the picture, silence where it ends earlier or there is none."""
    whole = np.zeros(round(num_frames / config.codec.fps * config.sample_rate), np.float32)
    if sound is not None:
        whole[: len(sound)] = sound[: len(whole)]
    return whole


def _clip(item: Item, video: Path, config: PreprocessConfig, shot: Shot, made: _Made) -> Clip:
    num_frames = len(made.track.landmarks)
    return Clip(
        clip_id=item.item_id,
        dataset=item.dataset,
        person=item.person,
        emotion=item.emotion,
        level=item.level,
        sentence=item.sentence,
        num_frames=num_frames,
        fps=config.codec.fps,
        video=made.video,
        audio=encode_flac(made.audio, config.sample_rate),
        landmarks=made.track.landmarks,
        head_pose=made.track.head_pose,
        blendshapes=made.track.blendshapes,
        box=tuple(map(float, shot.box)),
        **asdict(made.quality),
        source_file=item.video,
        source_sha256=sha256_of(video),
        source_url=item.url,
        source_start_s=shot.start_s,
        source_end_s=shot.start_s + num_frames / config.codec.fps,
        recipe=recipe_hash(config),
    )
