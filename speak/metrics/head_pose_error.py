"""Head-pose error by the landmarker's own head pose: the 4×4 transform from its canonical face to the camera.

``pose_error`` measures the same thing by fitting landmarks of one head to the other's. Two instruments: where they
disagree, the landmarker's canonical face fits one of the heads badly.
"""

import numpy as np
from scipy.spatial.transform import Rotation

from speak.metrics.found import has_face, mean_over_found
from speak.metrics.measurement import ClipPair, Measurement, Metric, MetricConfig


def head_pose_error(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Mean angle between the two heads' rotations, in degrees, over frames in which both faces were found."""
    errors = geodesic_angles(pair.reference_face.head_pose, pair.generated_face.head_pose)
    return mean_over_found(errors, has_face(pair.reference_landmarks), config)


def geodesic_angles(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Angle of the rotation R₁ᵀ R₂ that takes one pose to the other.

    Args:
        first: (T, 3) degrees: yaw, pitch, roll, with R = R_y(yaw) R_x(pitch) R_z(-roll).
        second: the same.

    Returns:
        (T,) degrees in [0, 180]; NaN where a pose is missing.
    """
    found = np.isfinite(first).all(axis=1) & np.isfinite(second).all(axis=1)
    angles = np.full(len(first), np.nan)
    if found.any():
        angles[found] = np.degrees((_rotations(first[found]).inv() * _rotations(second[found])).magnitude())
    return angles


def _rotations(pose: np.ndarray) -> Rotation:
    return Rotation.from_euler("YXZ", pose.astype(np.float64) * [1, 1, -1], degrees=True)


HEAD_POSE_ERROR = Metric(
    name="head_pose_error",
    id="head_pose_error-deg-transform-v1",
    title="Head-pose error",
    unit="°",
    higher_is_better=False,
    decimals=2,
    summary="Mean angle between the generated head's rotation and the reference's, each from the landmarker's 4×4 "
    "face transform, over frames in which both faces are found.",
    inputs="head pose",
    source="geodesic distance of rotations, arccos((trace(R₁ᵀR₂) - 1) / 2)",
    null_when="the reference shows no face, or too few of its faces are found in the generated frames",
    compute=head_pose_error,
)
