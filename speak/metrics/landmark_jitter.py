"""Landmark jitter: does the face tremble more, or less, than the reference's?

The head's own motion is taken out first: each face of both clips is laid on the reference's first found face by the
similarity of its steady points (``speak.faces.rigid``). Jitter is then the mean length of the second difference

    x(t + 1) - 2 x(t) + x(t - 1)

of the mesh's 468 skin points in the picture plane: zero for still and for evenly moving points. The metric is the
absolute difference of the two clips' jitters, so that a trembling face and a frozen one are both off, and only a face
as lively as the reference's is perfect. The landmarker's own noise is part of both.
"""

from dataclasses import replace

import numpy as np

from speak.faces.rigid import rigid_motions, undo
from speak.metrics.found import has_face, mean_over_found, runs
from speak.metrics.landmark_distance import FACE
from speak.metrics.measurement import ClipPair, Measurement, Metric, MetricConfig


def landmark_jitter(pair: ClipPair, config: MetricConfig) -> Measurement:
    """|generated jitter - reference jitter| over the runs of three frames in which all faces were found."""
    faces = has_face(pair.reference_landmarks)
    wanted = runs(faces, 3)
    if not wanted.any():
        return Measurement(None, "no three frames in a row with a face in the reference")
    target = pair.reference_landmarks[faces.argmax()]
    first, second = (jitter(track, target) for track in (pair.reference_landmarks, pair.generated_landmarks))
    result = mean_over_found(second - first, wanted, config, "runs of three frames")
    return result if result.value is None else replace(result, value=abs(result.value))


def jitter(landmarks: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Mean length of the points' second difference around each inner frame.

    Args:
        landmarks: (T, 478, 3) pixels, NaN rows where no face was found.
        target: (478, 3) pixels, the face that all are laid on.

    Returns:
        (max(T - 2, 0),) px per frame²; NaN where one of three frames shows no face.
    """
    found = np.isfinite(landmarks).all(axis=(1, 2))
    steady = np.full(landmarks.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):  # points that all coincide lie nowhere
        steady[found] = undo(*rigid_motions(target, landmarks[found]), landmarks[found])
    points = steady[:, FACE, :2]
    return np.linalg.norm(np.diff(points, n=2, axis=0), axis=-1).mean(axis=-1)


LANDMARK_JITTER = Metric(
    name="landmark_jitter",
    id="landmark_jitter-steady-absdiff-v1",
    title="Jitter error",
    unit="px/frame²",
    higher_is_better=False,
    decimals=3,
    summary="Absolute difference between the generated face's jitter and the reference's. Jitter is the mean length of "
    "the second difference over time of the 468 skin points, head motion taken out. Trembling and freezing both count.",
    inputs="landmarks",
    source="this project; Umeyama 1991 for taking out head motion",
    null_when="no three frames in a row show a face in the reference, or too few of these runs do in the generated "
    "frames",
    compute=landmark_jitter,
)
