"""Whole pictures spoiled: each function takes a ``Material`` and a level and returns frames of the same shape.

A level of 0 would change nothing (rounding apart), except for compression, whose level is x264's constant rate factor.
"""

from dataclasses import replace

import cv2
import numpy as np

from benchmarks.degradation.material import Material
from speak.media.video import read_clip
from speak.media.writing import encode_video
from speak.metrics.luma import luma


def blur(material: Material, sigma: float) -> np.ndarray:
    """Gaussian blur of ``sigma`` pixels."""
    return np.stack([cv2.GaussianBlur(frame, (0, 0), sigma) for frame in material.frames])


def noise(material: Material, sigma: float) -> np.ndarray:
    """White Gaussian noise of ``sigma`` grey levels (of 255), drawn for each pixel, channel and frame."""
    draws = np.random.default_rng(material.seed)
    shape = material.frames.shape[1:]
    return np.stack([_pixels(frame + sigma * draws.standard_normal(shape, np.float32)) for frame in material.frames])


def compression(material: Material, crf: float) -> np.ndarray:
    """H.264 once more, at a worse constant rate factor."""
    return read_clip(encode_video(material.frames, replace(material.codec, crf=int(crf))))


def shift(material: Material, distance: float) -> np.ndarray:
    """The picture moved to the right by ``distance`` pixels; its left edge is repeated."""
    return _moved(material.frames, np.tile([distance, 0.0], (len(material.frames), 1)))


def jitter(material: Material, sigma: float) -> np.ndarray:
    """Each picture moved on its own, by ``sigma`` pixels (standard deviation, across and down)."""
    draws = np.random.default_rng(material.seed)
    return _moved(material.frames, sigma * draws.standard_normal((len(material.frames), 2)))


def grey(material: Material, share: float) -> np.ndarray:
    """Colour lost by ``share``; 1 leaves luma alone."""
    frames = material.frames
    return np.stack([_pixels((1 - share) * frame + share * luma(frame)[..., None]) for frame in frames])


def substitute(material: Material, _level: float) -> np.ndarray:
    """Another clip's frames."""
    return material.substitute


def _moved(frames: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Frames moved by (T, 2) pixels to the right and down; edges are repeated."""
    size = frames.shape[2], frames.shape[1]
    matrices = [np.array([[1, 0, right], [0, 1, down]]) for right, down in offsets]
    return np.stack(
        [
            cv2.warpAffine(frame, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for frame, matrix in zip(frames, matrices, strict=True)
        ]
    )


def _pixels(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
