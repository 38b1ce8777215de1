"""Blink-rate error: does the face blink as often as the reference's?

The eyes are closed from where the mean of the blendshapes ``eyeBlinkLeft`` and ``eyeBlinkRight`` exceeds ``CLOSED``
until it falls below ``OPEN``: two thresholds, so that a signal that hovers around one does not count many times. On
real clips open eyes lie at 0.02 to 0.4 (looking down raises them) and blinks peak at 0.5 to 0.8. Each closing inside
the clip is a blink; eyes that are closed from the first frame on have not closed in it.

People blink about every two to six seconds, so a clip of a few seconds says little: within ``LEAST_S`` one blink
more or less would be half a blink a second, more than a person's whole rate. Shorter clips are null, and the mean over
many clips is what can be read. Blinks need not come at the same moments, and a method that is given the reference's
emotion or pose is not given its blinks.
"""

import numpy as np

from speak.metrics.found import has_face, too_few
from speak.metrics.measurement import ClipPair, Measurement, Metric, MetricConfig

EYE_BLINKS = (9, 10)
"""``eyeBlinkLeft`` and ``eyeBlinkRight`` in MediaPipe's order."""

CLOSED, OPEN = 0.5, 0.3
LEAST_S = 2.0


def blink_rate_error(pair: ClipPair, config: MetricConfig) -> Measurement:
    """|blinks per second - the reference's| over frames in which both faces were found."""
    wanted = has_face(pair.reference_landmarks)
    both = wanted & has_face(pair.generated_landmarks)
    null = too_few(both, wanted, config)
    if null:
        return null
    share, seconds = float(both[wanted].mean()), both.sum() / pair.fps
    if seconds < LEAST_S:
        return Measurement(None, f"{seconds:.1f} s with a face, {LEAST_S:g} s needed to count blinks", share)
    shapes = (face.blendshapes[both][:, EYE_BLINKS].mean(axis=1) for face in (pair.reference_face, pair.generated_face))
    reference, generated = (blinks(closure) for closure in shapes)
    return Measurement(float(abs(generated - reference) / seconds), None, share)


def blinks(closure: np.ndarray) -> int:
    """How often the eyes close in (T,) values in [0, 1], no NaN."""
    count, closed = 0, closure[0] > CLOSED
    for value in closure[1:]:
        if not closed and value > CLOSED:
            count, closed = count + 1, True
        elif value < OPEN:
            closed = False
    return count


BLINK_RATE_ERROR = Metric(
    name="blink_rate_error",
    id="blink_rate_error-hyst50-30-v1",
    title="Blink-rate error",
    unit="1/s",
    higher_is_better=False,
    decimals=3,
    summary="Absolute difference of blinks per second. Eyes close where the mean of the two eyeBlink blendshapes "
    "exceeds 0.5, and open again below 0.3. Means little on a single clip of a few seconds.",
    inputs="blendshapes, frame rate",
    source="this project; blendshapes of MediaPipe's FaceLandmarker",
    null_when="faces are found for less than 2 s, or in too few frames",
    compute=blink_rate_error,
)
