"""Peak signal-to-noise ratio on 8-bit RGB: ``10 log10(255² / MSE)`` in dB per frame, then the mean of the
frames' dB.

The mean squared error is taken over all pixels and channels of one frame in exact integers. Equal frames have
an infinite ratio, and a mean with an infinite term is no number: such a clip is null with the reason
"identical frames" (the paper prints a dash for ground truth).
"""

import numpy as np

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
    if first.shape != second.shape:
        raise ValueError(f"two pictures of one size wanted, got {first.shape} and {second.shape}")
    difference = first.astype(np.int32) - second
    error = np.sum(difference * difference, dtype=np.int64) / difference.size
    return float(10 * np.log10(PEAK**2 / error)) if error else float("inf")


def clip_psnr(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """Mean over the clip's frames; null when any frame equals its reference."""
    frames = zip(pair.reference_frames, pair.generated_frames, strict=True)
    decibels = np.array([psnr(reference, generated) for reference, generated in frames])
    identical = int(np.isinf(decibels).sum())
    if identical == len(decibels):
        return Measurement(None, "identical frames")
    if identical:
        return Measurement(None, f"identical frames: {identical} of {len(decibels)}")
    return Measurement(float(decibels.mean()))
