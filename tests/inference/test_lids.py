import numpy as np
import pytest
from drawn_clips import drawn_arrays
from small_configs import speak_config

from speak.faces.head_points import USED
from speak.inference.drawing import Drawer, face_axes
from speak.inference.lids import LEAST_GAP, LOWER, UPPER, gaps, kept_apart
from speak.models.mouth_inside import MouthInside

EYE, HALF_WIDTH, HALF_HEIGHT = np.array([96.0, 100.0]), 14.0, 6.0
RIGHT = 7
"""Lid points of one eye."""
UPPER_AT, LOWER_AT = ([USED.index(landmark) for landmark in lid[:RIGHT]] for lid in (UPPER, LOWER))


@pytest.fixture
def face() -> tuple[np.ndarray, np.ndarray]:
    """A picture and its landmarks, with one green eye in it."""
    frames, landmarks, _ = drawn_arrays(3)
    frame, points = frames[0].copy(), landmarks[0].copy()
    across = np.linspace(-0.9, 0.9, RIGHT)
    height = HALF_HEIGHT * np.sqrt(1 - across**2)
    for lid, side in ((UPPER, -1), (LOWER, 1)):
        points[list(lid[:RIGHT]), 0] = EYE[0] + HALF_WIDTH * across
        points[list(lid[:RIGHT]), 1] = EYE[1] + side * height
    away = (np.stack(np.meshgrid(np.arange(256), np.arange(256)), axis=-1) - EYE) / (HALF_WIDTH, HALF_HEIGHT)
    frame[(away**2).sum(axis=-1) < 1] = (0, 255, 0)
    return frame, points


def green(frame: np.ndarray) -> int:
    return int(((frame[..., 1].astype(int) - frame[..., 0]) > 100).sum())


def drawer_of(frame: np.ndarray, landmarks: np.ndarray) -> Drawer:
    template = landmarks[USED, :] + np.random.default_rng(0).normal(size=(len(USED), 3))
    return Drawer(frame, landmarks, template, MouthInside(speak_config().inside))


@pytest.mark.parametrize("crossed", [0.0, 1.0, 3.0])
def test_an_eye_whose_lids_cross_is_drawn_closed(face, crossed):
    frame, landmarks = face
    points = landmarks[USED, :].astype(float)
    drawer = drawer_of(frame, landmarks)
    assert green(drawer.draw(points)) == pytest.approx(np.pi * HALF_WIDTH * HALF_HEIGHT, rel=0.2)
    points[UPPER_AT, 1] = EYE[1] + crossed / 2
    points[LOWER_AT, 1] = EYE[1] - crossed / 2
    assert green(drawer.draw(points)) < 0.5 * green(frame)


def test_open_eyes_keep_their_points(face):
    points = face[1][USED, :].astype(float)
    apart = kept_apart(points, face_axes(points), np.ones(len(UPPER)))
    assert np.array_equal(apart[UPPER_AT + LOWER_AT], points[UPPER_AT + LOWER_AT])


def test_eyes_that_are_closed_in_the_picture_stay_as_they_are(face):
    points = face[1][USED, :].astype(float)
    points[UPPER_AT, 1], points[LOWER_AT, 1] = EYE[1] + 1, EYE[1] - 1
    axes = face_axes(points)
    closed = gaps(points, axes)
    assert closed[:RIGHT] == pytest.approx(np.full(RIGHT, -2 / 80), rel=0.02)
    assert np.array_equal(kept_apart(points, axes, closed), points)


@pytest.mark.parametrize("roll_deg", [0, 40, -90])
def test_lids_part_along_the_face_however_it_is_rolled(face, roll_deg):
    points = face[1][USED, :].astype(float)
    points[UPPER_AT, 1], points[LOWER_AT, 1] = EYE[1] + 1, EYE[1] - 1
    angle = np.deg2rad(roll_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    rolled = points.copy()
    rolled[:, :2] = points[:, :2] @ turn.T
    apart = kept_apart(rolled, face_axes(rolled), np.ones(len(UPPER)))[:, :2] @ turn
    gap_px = LEAST_GAP * 80
    assert apart[LOWER_AT, 1] - apart[UPPER_AT, 1] == pytest.approx(np.full(RIGHT, gap_px), rel=0.02)
    assert apart[UPPER_AT, 0] == pytest.approx(points[UPPER_AT, 0], abs=1e-6)
    assert apart[UPPER_AT + LOWER_AT, 1].mean() == pytest.approx(EYE[1], abs=1e-6)
