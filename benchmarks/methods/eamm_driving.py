"""EAMM: from the key points of sound and emotion to those that drive the renderer."""

import numpy as np
import torch
from torch import Tensor

from benchmarks.methods.one_euro import one_euro

KeyPoints = dict[str, Tensor]
"""value (T, K, 2) and jacobian (T, K, 2, 2)."""

EMOTION_SCALE, EMOTION_CUTOFF_HZ, EMOTION_BETA = 100.0, 1.0, 0.2
SPEECH_SCALE, SPEECH_CUTOFF_HZ, SPEECH_BETA = 10.0, 0.05, 8.0
DISPLACED = ((1, 0, 0.2), (4, 1, 1.0), (6, 2, 1.0))
"""Key point, displacement, and the displacement's share. The fourth displacement, of key point 8, is trained and left
out by the published program."""


def smooth_emotion(displacements: KeyPoints) -> KeyPoints:
    """One-euro filter of the emotion's displacements."""
    return _smooth(displacements, EMOTION_SCALE, EMOTION_CUTOFF_HZ, EMOTION_BETA)


def smooth_speech(points: KeyPoints) -> KeyPoints:
    """One-euro filter of the sound's key points."""
    return _smooth(points, SPEECH_SCALE, SPEECH_CUTOFF_HZ, SPEECH_BETA)


def displaced(points: KeyPoints, displacements: KeyPoints) -> KeyPoints:
    """Add the displacements (T, 4, ...) of key points 1, 4 and 6 to key points (T, 10, ...)."""
    result = {name: points[name].clone() for name in ("value", "jacobian")}
    for name, tensor in result.items():
        for point, displacement, share in DISPLACED:
            tensor[:, point] += share * displacements[name][:, displacement]
    return result


def _smooth(points: KeyPoints, scale: float, cutoff_hz: float, beta: float) -> KeyPoints:
    """Filter values ``scale`` times as large: only the filter's speed depends on their size."""
    tracks = {name: points[name].numpy() * np.float64(scale) for name in ("value", "jacobian")}
    return {
        name: torch.from_numpy((one_euro(track, cutoff_hz, beta) / scale).astype(np.float32))
        for name, track in tracks.items()
    }
