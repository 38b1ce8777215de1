"""Expression error: how far the blendshapes (how open is the jaw, how raised a brow, ...) are from the reference's.

The landmarker gives 52 numbers in [0, 1]. The first, ``_neutral``, is left out: it is below 0.0001 on every face
(measured on real and drawn clips), so it would only shrink the mean.
"""

import numpy as np

from speak.metrics.found import has_face, mean_over_found
from speak.metrics.measurement import ClipPair, Measurement, Metric, MetricConfig

FIRST_SHAPE = 1
"""``_neutral`` is 0."""


def expression_error(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Mean absolute difference of 51 blendshapes, over frames in which both faces were found."""
    first, second = (face.blendshapes.astype(np.float64) for face in (pair.reference_face, pair.generated_face))
    errors = np.abs(first - second)[:, FIRST_SHAPE:].mean(axis=1)
    return mean_over_found(errors, has_face(pair.reference_landmarks), config)


EXPRESSION_ERROR = Metric(
    name="expression_error",
    id="expression_error-blend51-v1",
    title="Expression error",
    unit="",
    higher_is_better=False,
    decimals=4,
    summary="Mean absolute difference of 51 blendshapes in [0, 1] (all of the landmarker's but `_neutral`, which is "
    "always near 0), over frames in which both faces are found.",
    inputs="blendshapes",
    source="this project; blendshapes of MediaPipe's FaceLandmarker",
    null_when="the reference shows no face, or too few of its faces are found in the generated frames",
    compute=expression_error,
)
