"""Sound moved against the picture; what is missing at one end is silence."""

import numpy as np

from benchmarks.degradation.material import Material


def late(material: Material, frames: float) -> np.ndarray:
    """The sound comes ``frames`` video frames after its picture: (S,)."""
    missing = _samples(material, frames)
    return np.concatenate([np.zeros(missing, np.float32), material.audio[: len(material.audio) - missing]])


def early(material: Material, frames: float) -> np.ndarray:
    """The sound comes ``frames`` video frames before its picture: (S,)."""
    missing = _samples(material, frames)
    return np.concatenate([material.audio[missing:], np.zeros(missing, np.float32)])


def _samples(material: Material, frames: float) -> int:
    return min(round(frames * len(material.audio) / len(material.frames)), len(material.audio))
