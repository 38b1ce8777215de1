"""What is spoiled: one real clip, as a method without fault would hand it in."""

from dataclasses import dataclass

import numpy as np

from speak.media.writing import VideoCodec


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """A clip, and others that may take its place.

    Attributes:
        frames: (T, H, W, 3) uint8 RGB: the clip, once through the codec that stores every method's videos.
        landmarks: (T, 478, 3) pixels of the clip itself; NaN rows where no face was found.
        audio: (S,) float32 in [-1, 1], 16 kHz.
        substitute: as many frames of the clip that takes its place, or None where the degradation needs none.
        codec: as above.
        seed: of what is drawn at random; the same for every level, so that levels differ in strength alone.
    """

    frames: np.ndarray
    landmarks: np.ndarray
    audio: np.ndarray
    substitute: np.ndarray | None
    codec: VideoCodec
    seed: int
