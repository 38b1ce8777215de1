import numpy as np
import pytest

from speak.faces import mouth_shape, mouth_view
from speak.faces.rigid import STEADY
from speak.inference.head_motion import REACH, placements


@pytest.fixture
def identity() -> np.ndarray:
    landmarks = np.random.default_rng(0).normal(size=(478, 3)) * (30, 40, 20) + (128, 120, 0)
    landmarks[mouth_view.STABLE, :2] = mouth_view.TEMPLATE * 80 + (128, 100)
    return landmarks


def placed(identity: np.ndarray, driving: np.ndarray, speech: float = 0.0) -> list:
    to_face = mouth_view.face_transforms(identity[None])[0]
    moves = np.full((len(driving), len(mouth_shape.POINTS), 2), speech)
    return list(placements(identity, to_face, moves, driving))


def test_same_pose_and_silence_move_nothing(identity):
    for start, move, lips, axes in placed(identity, np.repeat(identity[None], 3, axis=0)):
        assert np.allclose(move, 0, atol=1e-6) and np.allclose(lips, start[: len(mouth_shape.POINTS)], atol=1e-6)
        assert np.allclose(axes, mouth_view.face_transforms(identity[None])[0], atol=1e-6)


def test_a_shifted_head_carries_everything_along(identity):
    shifted = np.repeat(identity[None] + (8.0, -4.0, 0.0), 3, axis=0)
    for _, move, _, _ in placed(identity, shifted):
        assert np.allclose(move, np.array([8.0, -4.0]) / 80, atol=1e-6)


def test_speech_moves_lips_and_chin_only(identity):
    (_, move, _, _), *_ = placed(identity, np.repeat(identity[None], 2, axis=0), speech=0.1)
    count = len(mouth_shape.POINTS)
    assert np.allclose(move[:count], 0.1, atol=1e-6) and np.allclose(move[count:], 0, atol=1e-6)


def test_the_driving_mouth_does_not_get_through(identity):
    driving = np.repeat(identity[None], 4, axis=0)
    driving[:, np.setdiff1d(np.arange(478), STEADY)] += 20.0
    for _, move, _, _ in placed(identity, driving):
        assert np.allclose(move, 0, atol=1e-6)


def test_missing_frames_are_bridged(identity):
    driving = np.repeat(identity[None], 5, axis=0)
    driving[1:3] = np.nan
    assert all(np.isfinite(move).all() for _, move, _, _ in placed(identity, driving))


def test_the_head_goes_no_further_than_the_picture_can_be_bent(identity):
    far = np.repeat(identity[None] + (0.0, 400.0, 0.0), 2, axis=0)
    for _, move, lips, axes in placed(identity, far):
        assert np.allclose(move, (0.0, REACH), atol=1e-6)
        own = mouth_view.transform(mouth_view.face_transforms(identity[None]), identity[None, mouth_shape.POINTS, :2])
        assert np.allclose(lips, own[0], atol=1e-6) and not np.allclose(axes[:, 2], 0)
