"""Clip pairs for the metric tests."""

import numpy as np

from speak.faces.track import FaceTrack
from speak.metrics import ClipPair, MetricConfig

CONFIG = MetricConfig(min_found_share=0.5, sync_min_windows=10)


def landmarks(num_frames, shift=(0.0, 0.0), missing=()):
    """The same random face in every frame, moved by ``shift`` pixels; NaN in the ``missing`` frames."""
    face = np.random.default_rng(7).uniform(60, 200, (478, 3)).astype(np.float32)
    track = np.repeat(face[None], num_frames, axis=0)
    track[..., :2] += np.asarray(shift, np.float32)
    track[list(missing)] = np.nan
    return track


def face(points):
    """A face track of these landmarks that looks straight ahead without expression."""
    gone = np.isnan(points[:, 0, :1])
    pose, shapes = (np.where(gone, np.nan, np.zeros((len(points), width), np.float32)) for width in (3, 52))
    return FaceTrack(landmarks=points, head_pose=pose, blendshapes=shapes)


def pair(reference_frames, generated_frames, *, reference_landmarks=None, generated_landmarks=None, **parts):
    """A pair with equal landmarks and silence, unless the arguments say otherwise."""
    length = len(reference_frames)
    defaults = {
        "reference_face": face(landmarks(length) if reference_landmarks is None else reference_landmarks),
        "generated_face": face(
            landmarks(len(generated_frames)) if generated_landmarks is None else generated_landmarks
        ),
        "fps": 30.0,
        "audio": np.zeros(length * 16000 // 30, np.float32),
    }
    return ClipPair(reference_frames=reference_frames, generated_frames=generated_frames, **(defaults | parts))
