"""Sharpness error: is the picture as sharp as the reference?

Sharpness is the variance of the Laplacian (``speak.media.sharpness``). The metric is, per frame, the absolute logarithm
to base 2 of the ratio to the reference's: 0 where they are equal, 1 where the generated frame has half the variance
(blurred) or twice (noisy, oversharpened). It sees the whole frame, so a pasted mouth in an untouched picture changes it
little.
"""

import numpy as np

from speak.media.sharpness import sharpness
from speak.metrics.measurement import ClipPair, Measurement, Metric, MetricConfig


def sharpness_error(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """Mean over the clip's frames of |log2(sharpness / the reference's)|; null when a frame is flat."""
    first, second = (
        np.array([sharpness(frame) for frame in frames]) for frames in (pair.reference_frames, pair.generated_frames)
    )
    flat = int(((first == 0) | (second == 0)).sum())
    if flat:
        return Measurement(None, f"flat frames: {flat} of {len(first)}")
    return Measurement(float(np.abs(np.log2(second / first)).mean()))


SHARPNESS = Metric(
    name="sharpness",
    id="sharpness-laplacian-abslog2-v1",
    title="Sharpness error",
    unit="",
    higher_is_better=False,
    decimals=3,
    summary="Mean over frames of |log₂| of the ratio of sharpness to the reference's. Sharpness is the variance of the "
    "Laplacian of the grey picture: 1 is half or twice as much of it.",
    inputs="frames",
    source="variance of the Laplacian, Pech-Pacheco et al. 2000",
    null_when="a frame is of one brightness only",
    compute=sharpness_error,
)
