"""Head-pose error against matrices multiplied by hand, and the landmarker's own reading of a transform."""

import numpy as np
import pytest
from clip_pairs import CONFIG, face, landmarks, pair
from hypothesis import given
from hypothesis import strategies as st

from speak.faces.landmarker import pose_angles
from speak.metrics.head_pose_error import geodesic_angles, head_pose_error

FRAMES = np.zeros((4, 8, 8, 3), np.uint8)
poses = st.tuples(st.floats(-80, 80), st.floats(-80, 80), st.floats(-170, 170))


def matrix(pose):
    """R_y(yaw) R_x(pitch) R_z(-roll), written out."""
    (cy, cp, cr), (sy, sp, sr) = (f(np.radians(np.asarray(pose) * [1, 1, -1])) for f in (np.cos, np.sin))
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    nod = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    return turn @ nod @ np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])


@given(first=poses, second=poses)
def test_equals_the_angle_of_the_matrices(first, second):
    wanted = np.degrees(np.arccos(np.clip((np.trace(matrix(first).T @ matrix(second)) - 1) / 2, -1, 1)))
    (angle,) = geodesic_angles(np.array([first]), np.array([second]))
    assert angle == pytest.approx(wanted, abs=1e-5)


@given(pose=poses)
def test_the_convention_is_the_landmarkers(pose):
    (angle,) = geodesic_angles(pose_angles(matrix(pose))[None], np.array([pose]))
    assert angle == pytest.approx(0, abs=1e-3)


def test_a_clip_by_hand():
    reference, generated = face(landmarks(4)), face(landmarks(4, missing=(3,)))
    generated.head_pose[:3] = [(10, 0, 0), (0, -20, 0), (0, 0, 30)]
    result = head_pose_error(pair(FRAMES, FRAMES, reference_face=reference, generated_face=generated), CONFIG)
    assert result.value == pytest.approx(20) and result.found_share == 0.75


def test_no_pose_is_null():
    nobody = landmarks(4, missing=range(4))
    assert head_pose_error(pair(FRAMES, FRAMES, generated_landmarks=nobody), CONFIG).value is None
    result = head_pose_error(pair(FRAMES, FRAMES, reference_landmarks=nobody), CONFIG)
    assert result.reason == "no face in the reference"
