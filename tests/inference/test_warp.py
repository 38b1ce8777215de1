import numpy as np
import pytest
from drawn_clips import drawn_arrays

from speak.faces import mouth_shape, mouth_view
from speak.inference.mouth import MOUTH_RADII, fill_mouth
from speak.inference.warp import Ring, Warper


@pytest.fixture
def face():
    frames, landmarks, _ = drawn_arrays(2)
    to_face = mouth_view.face_transforms(landmarks)
    return frames[5], to_face[5], mouth_shape.mouth_points(landmarks, to_face)[5]


def warper_of(frame, to_face, points) -> Warper:
    return Warper(frame, to_face, Ring(points[[0, 10]].mean(axis=0), MOUTH_RADII))


def test_nothing_moves_without_displacement(face):
    frame, _, points = face
    assert np.array_equal(warper_of(*face).warp(points, np.zeros_like(points)), frame)


def test_outside_the_ring_nothing_changes(face):
    frame, to_face, points = face
    warper = warper_of(*face)
    warped = warper.warp(points, np.full_like(points, 0.05))
    pixels = np.stack(np.meshgrid(np.arange(256), np.arange(256)), axis=-1) @ to_face[:, :2].T + to_face[:, 2]
    outside = warper.ring.depth(pixels) == 0
    assert np.array_equal(warped[outside], frame[outside]) and (warped != frame).any()


def test_a_point_goes_where_it_is_sent(face):
    frame, to_face, points = face
    frame = frame.copy()
    target = points[15]
    x, y = np.rint((target - to_face[:, 2]) @ np.linalg.inv(to_face[:, :2]).T).astype(int)
    frame[y - 1 : y + 2, x - 1 : x + 2] = (0, 255, 0)
    moves = np.zeros_like(points)
    moves[:, 1] = 0.1
    warped = warper_of(frame, to_face, points).warp(points, moves).astype(int)
    rows, columns = np.nonzero(warped[..., 1] - warped[..., 0] > 120)
    scale = 1 / np.sqrt(np.linalg.det(to_face[:, :2]))
    assert rows.mean() == pytest.approx(y + 0.1 * scale, abs=1.0) and columns.mean() == pytest.approx(x, abs=1.0)


def test_mouth_is_filled_between_the_lips_only(face):
    frame, to_face, points = face
    points = points.copy()
    points[mouth_shape.INNER_SLICE, 1] = 0.85 + 0.15 * np.sin(np.pi + np.arange(20) * np.pi / 10)
    filled = fill_mouth(frame, points, np.full((6, 10, 3), (0, 0, 255), np.uint8), to_face)
    rows, columns = np.nonzero((filled != frame).any(axis=2))
    inner = (points[mouth_shape.INNER_SLICE] - to_face[:, 2]) @ np.linalg.inv(to_face[:, :2]).T
    assert abs(columns.min() - inner[:, 0].min()) < 4 and abs(rows.max() - inner[:, 1].max()) < 4
    middle = inner.mean(axis=0).round().astype(int)
    assert tuple(filled[middle[1], middle[0]]) == (0, 0, 255)
