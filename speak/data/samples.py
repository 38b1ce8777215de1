"""From clip shards to what networks are fed: decoded clips, and the mouth views and sound the sync network compares."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from speak.data.shards import read_rows
from speak.faces import mouth_view
from speak.faces.track import FaceTrack
from speak.media.audio import decode_flac
from speak.media.mel import log_mel
from speak.media.timeline import at_rate
from speak.media.video import read_clip
from speak.models.syncnet import FPS, MEL_PER_FRAME, SyncNetConfig

GREY = np.array([0.299, 0.587, 0.114], np.float32)
"""Rec. 601 luma of R, G, B."""

SYNC_EXTENT = (0.42, 0.26, 0.42)
"""Half width and reach above and below the mouth in face units: nose base to chin."""

FACE = ("landmarks", "head_pose", "blendshapes")
"""A clip's columns that make a ``FaceTrack``."""


@dataclass(frozen=True, kw_only=True)
class DecodedClip:
    """A clip as arrays: frames (T, 256, 256, 3) uint8 or None, its face (T frames), audio (S,) at 16 kHz."""

    clip_id: str
    person: str
    emotion: str | None
    fps: float
    frames: np.ndarray | None
    face: FaceTrack
    audio: np.ndarray

    @property
    def landmarks(self) -> np.ndarray:
        """(T, 478, 3) float32 pixels; NaN rows where no face was found."""
        return self.face.landmarks


@dataclass(frozen=True, kw_only=True)
class SyncTrack:
    """One clip as the sync network sees it, 25 fps: views (T, h, w) uint8 grey, mel (4 T, bands) float32."""

    clip_id: str
    person: str
    views: np.ndarray
    mel: np.ndarray


def decoded_clips(folders: Iterable[Path], clip_ids: Iterable[str], *, pictures: bool) -> Iterator[DecodedClip]:
    """Decode the named clips one after another, in the order of the shards.

    Args:
        folders: clip folders.
        clip_ids: which clips.
        pictures: False leaves the video unread.
    """
    columns = ["person", "emotion", "fps", "audio", *FACE, *(["video"] if pictures else [])]
    for row in read_rows(folders, columns, set(clip_ids)):
        yield DecodedClip(
            clip_id=row["clip_id"],
            person=row["person"],
            emotion=row["emotion"],
            fps=row["fps"],
            frames=read_clip(row["video"]) if pictures else None,
            face=FaceTrack(**{name: row[name] for name in FACE}),
            audio=decode_flac(row["audio"])[0],
        )


def sync_views(frames: np.ndarray, landmarks: np.ndarray, fps: float, size: tuple[int, int]) -> np.ndarray:
    """Grey mouth views at 25 fps.

    Args:
        frames: (T, H, W, 3) uint8 RGB.
        landmarks: (T, 478, 3) pixels; NaN rows are interpolated.
        fps: rate of both.
        size: width and height of a view.

    Returns:
        (T at 25 fps, height, width) uint8.

    Raises:
        ValueError: no face found in any frame.
    """
    index = at_sync_rate(len(frames), fps)
    matrices = sync_transforms(mouth_view.fill_missing(landmarks), size)
    views = mouth_view.cut_views(frames[index], matrices[index], size)
    return (views @ GREY + 0.5).astype(np.uint8)


def sync_transforms(landmarks: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """From pixels to the pixels of the sync network's view: landmarks of a whole clip, no NaN, to (T, 2, 3) float64."""
    to_face = mouth_view.face_transforms(landmarks)
    centre = mouth_view.mouth_centre(landmarks, to_face)
    return mouth_view.view_transforms(to_face, centre, size, SYNC_EXTENT)


def sync_mel(audio: np.ndarray, num_frames: int, bands: int) -> np.ndarray:
    """Log-mel of exactly ``num_frames`` frames at 25 fps: (4 * num_frames, bands); short sound is padded."""
    samples = int(num_frames * 16_000 / FPS)
    mel = log_mel(np.pad(audio[:samples], (0, max(0, samples - len(audio)))), bands)
    return mel[: num_frames * MEL_PER_FRAME]


def sync_track(clip: DecodedClip, config: SyncNetConfig) -> SyncTrack:
    """Views and sound of a clip. Raises ValueError when no face was found in it."""
    views = sync_views(clip.frames, clip.landmarks, clip.fps, (config.width, config.height))
    mel = sync_mel(clip.audio, len(views), config.bands)
    return SyncTrack(clip_id=clip.clip_id, person=clip.person, views=views, mel=mel)


def at_sync_rate(num_frames: int, fps: float) -> np.ndarray:
    """Which frame of a clip each 25 fps frame shows: (T at 25 fps,) integers."""
    timed = ((index / fps, index) for index in range(num_frames))
    return np.fromiter(at_rate(timed, FPS, 0.0, num_frames / fps), dtype=np.int64)
