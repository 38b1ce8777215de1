"""Peak signal-to-noise ratio on 8-bit RGB, or on its luma: ``10 log10(255² / MSE)`` in dB per frame, then the mean of
the frames' dB.

The mean squared error is taken over all pixels and channels of one frame in exact integers, or over its luma
(``speak.metrics.luma``), where errors of opposite sign in the channels cancel. Equal frames have
an infinite ratio, and a mean with an infinite term is no number: such a clip is null with the reason
"identical frames" (the paper prints a dash for ground truth).
"""

from collections.abc import Callable

import numpy as np

from speak.metrics.luma import luma
from speak.metrics.measurement import ClipPair, Measurement, MetricConfig

PEAK = 255.0


def psnr(first: np.ndarray, second: np.ndarray) -> float:
    """PSNR of two pictures in dB.

    Args:
        first: (H, W, 3) uint8 RGB.
        second: the same shape.

    Returns:
        dB; ``inf`` for equal pictures.
    """
    difference = _difference(first, second)
    return _decibels(np.sum(difference * difference, dtype=np.int64) / difference.size)


def psnr_luma(first: np.ndarray, second: np.ndarray) -> float:
    """The same on luma instead of RGB; ``inf`` for pictures of equal luma."""
    return _decibels(np.mean(luma(_difference(first, second)) ** 2))


def clip_psnr(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """Mean over the clip's frames; null when any frame equals its reference."""
    return _clip_mean(pair, psnr)


def clip_psnr_luma(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """Mean over the clip's frames, on luma; null when any frame equals its reference."""
    return _clip_mean(pair, psnr_luma)


def _difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    if first.shape != second.shape:
        raise ValueError(f"two pictures of one size wanted, got {first.shape} and {second.shape}")
    return first.astype(np.int32) - second


def _decibels(error: float) -> float:
    return float(10 * np.log10(PEAK**2 / error)) if error else float("inf")


def _clip_mean(pair: ClipPair, measure: Callable[[np.ndarray, np.ndarray], float]) -> Measurement:
    frames = zip(pair.reference_frames, pair.generated_frames, strict=True)
    decibels = np.array([measure(reference, generated) for reference, generated in frames])
    identical = int(np.isinf(decibels).sum())
    if identical == len(decibels):
        return Measurement(None, "identical frames")
    if identical:
        return Measurement(None, f"identical frames: {identical} of {len(decibels)}")
    return Measurement(float(decibels.mean()))
