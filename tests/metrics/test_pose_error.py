import numpy as np
import pytest
from clip_pairs import CONFIG, landmarks, pair
from scipy.spatial.transform import Rotation

from speak.metrics.pose_error import pose_error

FRAMES = np.zeros((4, 8, 8, 3), np.uint8)


def turned(axis, degrees, scale=1.0, shift=(0.0, 0.0, 0.0)):
    """The faces of ``landmarks``, each turned about an axis, scaled and moved."""
    faces = landmarks(4).astype(np.float64)
    rotation = Rotation.from_rotvec(np.radians(degrees) * np.asarray(axis) / np.linalg.norm(axis)).as_matrix()
    return (scale * (faces - 128) @ rotation.T + 128 + np.asarray(shift)).astype(np.float32)


@pytest.mark.parametrize(("axis", "degrees"), [((0, 1, 0), 10), ((1, 0, 0), -25), ((1, 2, 3), 90), ((0, 0, 1), 0)])
def test_a_turned_head_is_off_by_its_turn(axis, degrees):
    result = pose_error(pair(FRAMES, FRAMES, generated_landmarks=turned(axis, degrees)), CONFIG)
    assert result.value == pytest.approx(abs(degrees), abs=1e-2) and result.found_share == 1.0


def test_place_size_and_speech_do_not_count():
    faces = turned((0, 1, 0), 7, scale=1.3, shift=(20, -9, 4))
    faces[:, [13, 14, 17, 152]] += 12  # lips and chin
    assert pose_error(pair(FRAMES, FRAMES, generated_landmarks=faces), CONFIG).value == pytest.approx(7, abs=1e-2)


def test_frames_without_a_face_are_left_out_and_counted():
    faces = turned((0, 1, 0), 5)
    faces[1] = np.nan
    result = pose_error(pair(FRAMES, FRAMES, generated_landmarks=faces), CONFIG)
    assert result.value == pytest.approx(5, abs=1e-2) and result.found_share == 0.75
    faces[:3] = np.nan
    result = pose_error(pair(FRAMES, FRAMES, generated_landmarks=faces), CONFIG)
    assert result.value is None and "1 of 4 frames" in result.reason
    nobody = np.full_like(faces, np.nan)
    assert pose_error(pair(FRAMES, FRAMES, reference_landmarks=nobody), CONFIG).reason == "no face in the reference"
