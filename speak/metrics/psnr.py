"""Peak signal-to-noise ratio on 8-bit RGB, or on its luma: ``10 log10(255² / MSE)`` in dB per frame, then the mean of
the frames' dB.

The mean squared error is taken over all pixels and channels of one frame in exact integers, or over its luma
(``speak.metrics.luma``), where errors of opposite sign in the channels cancel. Equal frames have
an infinite ratio, and a mean with an infinite term is no number: such a clip is null with the reason
"identical frames" (the paper prints a dash for ground truth).

Two further readings:

- ``psnr_of_mean``: the errors are averaged first, ``10 log10(255² / mean over frames of MSE)``. By Jensen's inequality
  never above the mean of dB, and equal frames have a place in it.
- ``psnr_wrap8``: an ARTEFACT of arithmetic, not a quality measure. Public evaluation scripts subtract and square
  8-bit grey pictures in 8 bits: 3 - 5 becomes 254, and 16² becomes 0. What is left of a large error is as good as
  random, so unrelated pictures score about 28 dB, and every method lies a little above. It is here because published
  columns of 28 to 29 dB beside an SSIM of 0.4 to 0.8 look like it.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from speak.metrics.luma import grey, luma
from speak.metrics.measurement import ClipPair, Measurement, Metric, MetricConfig

PEAK = 255.0


def psnr(first: np.ndarray, second: np.ndarray) -> float:
    """PSNR of two pictures in dB.

    Args:
        first: (H, W, 3) uint8 RGB.
        second: the same shape.

    Returns:
        dB; ``inf`` for equal pictures.
    """
    return _decibels(_squared_error(first, second))


def psnr_luma(first: np.ndarray, second: np.ndarray) -> float:
    """The same on luma instead of RGB; ``inf`` for pictures of equal luma."""
    return _decibels(np.mean(luma(_difference(first, second)) ** 2))


def psnr_wrap8(first: np.ndarray, second: np.ndarray) -> float:
    """The artefact: on 8-bit grey, differences and squares modulo 256; ``inf`` where nothing is left of them."""
    _check(first, second)
    difference = grey(first) - grey(second)
    return _decibels(np.mean(difference * difference, dtype=np.float64))


def clip_psnr(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """Mean over the clip's frames; null when any frame equals its reference."""
    return _clip_mean(pair, psnr)


def clip_psnr_luma(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """Mean over the clip's frames, on luma; null when any frame equals its reference."""
    return _clip_mean(pair, psnr_luma)


def clip_psnr_of_mean(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """PSNR of the clip's mean squared error; null only when all frames equal their references."""
    frames = zip(pair.reference_frames, pair.generated_frames, strict=True)
    error = float(np.mean([_squared_error(reference, generated) for reference, generated in frames]))
    return Measurement(_decibels(error)) if error else Measurement(None, "identical frames")


def clip_psnr_wrap8(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """The artefact: mean over the clip's frames; null when nothing is left of a frame's error."""
    return _clip_mean(pair, psnr_wrap8)


def _check(first: np.ndarray, second: np.ndarray) -> None:
    if first.shape != second.shape:
        raise ValueError(f"two pictures of one size wanted, got {first.shape} and {second.shape}")


def _difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    _check(first, second)
    return first.astype(np.int32) - second


def _squared_error(first: np.ndarray, second: np.ndarray) -> float:
    """Mean squared error, exact up to the division."""
    difference = _difference(first, second)
    return np.sum(difference * difference, dtype=np.int64) / difference.size


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


PSNR = Metric(
    name="psnr",
    id="psnr-rgb8-meandb-v1",
    title="PSNR",
    unit="dB",
    higher_is_better=True,
    decimals=2,
    summary="Peak signal-to-noise ratio on 8-bit RGB, per frame; mean of the frames' dB. Identical frames have none.",
    inputs="frames",
    source="10 log10(255² / MSE)",
    null_when="a frame equals its reference: its ratio is infinite",
    compute=clip_psnr,
)
PSNR_LUMA = replace(
    PSNR,
    name="psnr_luma",
    id="psnr-luma601-meandb-v1",
    title="PSNR, luma",
    summary="PSNR on luma (ITU-R BT.601 Y of 8-bit RGB, full range, not rounded).",
    source="10 log10(255² / MSE), on luma of ITU-R BT.601",
    null_when="a frame has the luma of its reference",
    compute=clip_psnr_luma,
)
PSNR_OF_MEAN = replace(
    PSNR,
    name="psnr_of_mean",
    id="psnr-rgb8-dbofmean-v1",
    title="PSNR of the mean error",
    summary="PSNR of the clip's mean squared error on 8-bit RGB, instead of the mean of the frames' dB.",
    source="10 log10(255² / mean MSE)",
    null_when="all frames equal their references",
    compute=clip_psnr_of_mean,
)
PSNR_WRAP8 = replace(
    PSNR,
    name="psnr_wrap8",
    id="psnr-grey8-wrap-meandb-v1",
    title="ARTEFACT: PSNR in wrapped 8 bits",
    summary="An ARTEFACT, not a quality measure: differences of 8-bit grey pictures and their squares taken modulo "
    "256, as some public scripts do. Unrelated pictures score about 28 dB.",
    source="public evaluation scripts for ATVG",
    null_when="nothing is left of a frame's error, as where it equals its reference",
    compute=clip_psnr_wrap8,
    ranked=False,
)
