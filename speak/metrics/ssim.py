"""Structural similarity (Wang, Bovik, Sheikh and Simoncelli 2004), in three readings of the definition.

With local means, variances and covariance under a window,

    SSIM = (2 mu_x mu_y + C1) (2 sigma_xy + C2) / ((mu_x² + mu_y² + C1) (sigma_x² + sigma_y² + C2)).

``ssim`` has the paper's 11×11 Gaussian window of sigma 1.5 on each RGB channel; ``ssim_luma`` the same window on luma
alone (``speak.metrics.luma``); ``ssim_uniform`` scikit-image's default: a 7×7 window of equal weights on each RGB
channel, with variances and covariance of a sample (divided by 48 instead of 49).

Only windows that lie wholly inside the picture count (a border of half a window is cut), as in scikit-image. With the
difference d = x - y the same number reads

    SSIM = (1 - mu_d² / (mu_x² + mu_y² + C1)) (1 - sigma_d² / (sigma_x² + sigma_y² + C2)),

which needs one blur less, is exactly 1 for equal pictures, and loses nothing in float32: it agrees with
scikit-image's float64 within 2e-6. Variances do not change when a constant is taken from both pictures, so pixels
are centred first. Variances of a sample are 49/48 of the plain ones, which is the same as plain ones with 48/49 of C2.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from speak.metrics.luma import luma
from speak.metrics.measurement import ClipPair, Measurement, Metric, MetricConfig

WINDOW, SIGMA = 11, 1.5
UNIFORM_WINDOW = 7
C1, C2 = np.float32((0.01 * 255) ** 2), np.float32((0.03 * 255) ** 2)
CENTRE = np.float32(128)


_STEPS = np.arange(WINDOW) - WINDOW // 2
_WEIGHTS = np.exp(-0.5 * (_STEPS / SIGMA) ** 2)
GAUSSIAN = (_WEIGHTS / _WEIGHTS.sum()).astype(np.float32)
UNIFORM = np.full(UNIFORM_WINDOW, 1 / UNIFORM_WINDOW, np.float32)


def ssim(first: np.ndarray, second: np.ndarray) -> float:
    """Mean SSIM of two pictures, Gaussian window, per RGB channel.

    Args:
        first: (H, W, 3) uint8 RGB, at least 11×11.
        second: the same shape.

    Returns:
        In [-1, 1]; 1 for equal pictures.
    """
    _check(first, second, GAUSSIAN)
    return _mean(_channels(first), _channels(second), GAUSSIAN, C2)


def ssim_luma(first: np.ndarray, second: np.ndarray) -> float:
    """The same on luma instead of RGB."""
    _check(first, second, GAUSSIAN)
    return _mean([luma(first).astype(np.float32)], [luma(second).astype(np.float32)], GAUSSIAN, C2)


def ssim_uniform(first: np.ndarray, second: np.ndarray) -> float:
    """The same with a uniform 7×7 window and sample covariance; pictures of at least 7×7."""
    _check(first, second, UNIFORM)
    count = UNIFORM_WINDOW**2
    return _mean(_channels(first), _channels(second), UNIFORM, C2 * np.float32((count - 1) / count))


def clip_ssim(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """Mean over the clip's frames."""
    return _clip_mean(pair, ssim)


def clip_ssim_luma(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """Mean over the clip's frames, on luma."""
    return _clip_mean(pair, ssim_luma)


def clip_ssim_uniform(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """Mean over the clip's frames, uniform window."""
    return _clip_mean(pair, ssim_uniform)


def _clip_mean(pair: ClipPair, measure: Callable[[np.ndarray, np.ndarray], float]) -> Measurement:
    frames = zip(pair.reference_frames, pair.generated_frames, strict=True)
    return Measurement(float(np.mean([measure(reference, generated) for reference, generated in frames])))


def _check(first: np.ndarray, second: np.ndarray, kernel: np.ndarray) -> None:
    if first.shape != second.shape or min(first.shape[:2]) < len(kernel):
        raise ValueError(
            f"two pictures of one size of at least {len(kernel)} pixels wanted, got {first.shape}, {second.shape}"
        )


def _channels(picture: np.ndarray) -> Sequence[np.ndarray]:
    return cv2.split(picture.astype(np.float32))


def _mean(first: Sequence[np.ndarray], second: Sequence[np.ndarray], kernel: np.ndarray, c2: np.float32) -> float:
    """Mean over channels and windows. One channel at a time stays in the processor's cache: half the time."""
    maps = [_similarity(x, y, kernel, c2) for x, y in zip(first, second, strict=True)]
    return float(np.mean(np.stack(maps, axis=-1), dtype=np.float64))


def _similarity(x: np.ndarray, y: np.ndarray, kernel: np.ndarray, c2: np.float32) -> np.ndarray:
    """SSIM around each pixel of two float32 channels (H, W) in [0, 255]."""
    x, y = x - CENTRE, y - CENTRE
    difference = x - y
    mean_x, mean_y = _blur(x, kernel), _blur(y, kernel)
    variances = _blur(x * x + y * y, kernel) - mean_x * mean_x - mean_y * mean_y
    mean_difference = mean_x - mean_y
    squared_mean = mean_difference * mean_difference
    mean_x, mean_y = mean_x + CENTRE, mean_y + CENTRE
    brightness = 1 - squared_mean / (mean_x * mean_x + mean_y * mean_y + C1)
    structure = 1 - (_blur(difference * difference, kernel) - squared_mean) / (variances + c2)
    return brightness * structure


def _blur(plane: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Weighted local mean, where the whole window of K × K lies inside: (H - K + 1, W - K + 1)."""
    border = len(kernel) // 2
    return cv2.sepFilter2D(plane, cv2.CV_32F, kernel, kernel)[border:-border, border:-border]


SSIM = Metric(
    name="ssim",
    id="ssim-gauss11-rgb-v1",
    title="SSIM",
    unit="",
    higher_is_better=True,
    decimals=3,
    summary="Structural similarity (Wang et al. 2004) with an 11×11 Gaussian window of sigma 1.5, per "
    "RGB channel on the 256×256 frame; mean over frames.",
    inputs="frames",
    source="Wang, Bovik, Sheikh and Simoncelli 2004, equation 13",
    null_when="never",
    compute=clip_ssim,
)
SSIM_UNIFORM = replace(
    SSIM,
    name="ssim_uniform",
    id="ssim-uniform7-rgb-v1",
    title="SSIM, uniform window",
    summary="SSIM with a 7×7 window of equal weights and sample covariance (scikit-image's default), per RGB channel.",
    source="Wang et al. 2004, with scikit-image's defaults",
    compute=clip_ssim_uniform,
)
SSIM_LUMA = replace(
    SSIM,
    name="ssim_luma",
    id="ssim-gauss11-luma601-v1",
    title="SSIM, luma",
    summary="SSIM with the 11×11 Gaussian window, on luma (ITU-R BT.601 Y of 8-bit RGB, full range, not rounded).",
    source="Wang et al. 2004, on luma of ITU-R BT.601",
    compute=clip_ssim_luma,
)
