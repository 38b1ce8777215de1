"""Head-pose error: by how many degrees is the generated head turned away from the reference's?"""

import numpy as np

from speak.faces.rigid import rigid_motions
from speak.metrics.found import has_face, mean_over_found
from speak.metrics.measurement import ClipPair, Measurement, Metric, MetricConfig


def pose_error(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Mean angle of the rotation that takes the reference's steady points to the generated ones, in degrees.

    The rotation is the least-squares one (Umeyama 1991) over landmarks that neither speech nor expression moves, so
    place and size do not count. Frames are those in which both faces were found.
    """
    errors = angles(pair.reference_landmarks, pair.generated_landmarks)
    return mean_over_found(errors, has_face(pair.reference_landmarks), config)


def angles(reference: np.ndarray, generated: np.ndarray) -> np.ndarray:
    """(T, 478, 3) landmarks of two heads to the angle between them: (T,) degrees; NaN where one is missing."""
    found = np.isfinite(reference).all(axis=(1, 2)) & np.isfinite(generated).all(axis=(1, 2))
    degrees = np.full(len(reference), np.nan)
    for frame in np.flatnonzero(found):
        (matrix,), _ = rigid_motions(reference[frame], generated[frame, None])
        cosine = (np.trace(matrix) / np.cbrt(np.linalg.det(matrix)) - 1) / 2
        degrees[frame] = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return degrees


POSE_ERROR = Metric(
    name="pose_error",
    id="pose_error-deg-steady-v1",
    title="Pose error",
    unit="°",
    higher_is_better=False,
    decimals=2,
    summary="Mean angle between the generated head and the reference's, from the least-squares rotation over "
    "landmarks that neither speech nor expression moves, over frames in which both faces are found.",
    inputs="landmarks",
    source="Umeyama 1991 for the rotation",
    null_when="the reference shows no face, or too few of its faces are found in the generated frames",
    compute=pose_error,
)
