"""Clip pairs as metrics want them, made in a worker: landmarker and judges are loaded once in each process."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.judges.files import JudgeFiles, judges
from benchmarks.protocol import NEUTRAL, first_face
from speak.assets import asset
from speak.data.samples import DecodedClip, decoded_clips
from speak.faces.landmarker import Landmarker
from speak.faces.track import FaceTrack
from speak.metrics import ClipPair


def clip_pair(
    clip: DecodedClip,
    identity: DecodedClip,
    generated: tuple[np.ndarray, FaceTrack],
    other_audio: np.ndarray | None,
    files: JudgeFiles,
) -> ClipPair:
    """What metrics are given: a clip, and the frames of its generated version with their face."""
    frames, face = generated
    given = identity.landmarks[first_face(identity)]
    return ClipPair(
        reference_frames=clip.frames,
        generated_frames=frames,
        reference_face=clip.face,
        generated_face=face,
        fps=clip.fps,
        emotion=clip.emotion,
        audio=clip.audio,
        other_audio=other_audio,
        still_landmarks=np.broadcast_to(given, clip.landmarks.shape),
        neutral_landmarks=given if identity.emotion == NEUTRAL and np.isfinite(given).all() else None,
        judges=judges(files),
    )


def face_of(frames: np.ndarray) -> FaceTrack:
    """The face in (T, H, W, 3) uint8 RGB, found frame by frame."""
    return _landmarker(asset("face_landmarker")).detect(frames)


def sound_of(folders: Iterable[Path], clip_id: str | None) -> np.ndarray | None:
    """A clip's sound; None for no clip."""
    if clip_id is None:
        return None
    (clip,) = decoded_clips(folders, [clip_id], pictures=False)
    return clip.audio


@cache
def _landmarker(model: Path) -> Landmarker:
    """One landmarker per worker process; it keeps no state between frames."""
    return Landmarker(model)
