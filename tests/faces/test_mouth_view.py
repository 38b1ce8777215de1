import cv2
import numpy as np
import pytest
from drawn_clips import drawn_arrays, landmarks_of
from hypothesis import given, settings
from hypothesis import strategies as st

from speak.faces import mouth_shape, mouth_view


def moved(landmarks: np.ndarray, angle_deg: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    turn = np.deg2rad(angle_deg)
    matrix = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    result = landmarks.copy()
    result[..., :2] = landmarks[..., :2] @ matrix.T + shift
    return result


@settings(max_examples=25, deadline=None)
@given(st.floats(-40, 40), st.floats(0.5, 2), st.floats(-50, 50), st.floats(-50, 50))
def test_points_do_not_depend_on_where_the_head_is(angle, scale, dx, dy):
    opening = np.linspace(0, 1, 5)
    upright, turned = landmarks_of(opening), moved(landmarks_of(opening), angle, scale, (dx, dy))
    seen = [mouth_shape.mouth_points(x, mouth_view.face_transforms(x)) for x in (upright, turned)]
    assert np.allclose(seen[0], seen[1], atol=1e-3)


def test_template_maps_to_itself():
    landmarks = landmarks_of(np.zeros(2))
    to_face = mouth_view.face_transforms(landmarks)
    stable = mouth_view.transform(to_face, landmarks[:, mouth_view.STABLE, :2])
    assert np.allclose(stable, mouth_view.TEMPLATE, atol=1e-4)
    assert np.allclose(mouth_view.mouth_centre(landmarks, to_face), (0, 0.85), atol=1e-4)


def test_view_holds_the_mouth_at_its_place():
    frames, landmarks, _ = drawn_arrays(0)
    to_face = mouth_view.face_transforms(landmarks)
    centre = mouth_view.mouth_centre(landmarks, to_face)
    matrices = mouth_view.view_transforms(to_face, centre, (64, 48), (0.4, 0.2, 0.4))
    corner = mouth_view.transform(matrices, landmarks[:, [61, 291], :2])
    assert np.allclose(corner.mean(axis=1), (32, 16), atol=0.1)
    views = mouth_view.cut_views(frames, matrices, (64, 48))
    assert views.shape == (45, 48, 64, 3)
    picture = cv2.warpAffine(frames[3], matrices[3], (64, 48), borderMode=cv2.BORDER_REPLICATE)
    assert np.array_equal(views[3], picture)


def test_missing_frames_are_interpolated():
    landmarks = np.arange(6, dtype=np.float32)[:, None, None] * np.ones((6, 4, 3), np.float32)
    holed = landmarks.copy()
    holed[[0, 2, 3, 5]] = np.nan
    filled = mouth_view.fill_missing(holed)
    assert np.allclose(filled[:, 0, 0], [1, 1, 2, 3, 4, 4])
    assert mouth_view.fill_missing(landmarks) is landmarks
    with pytest.raises(ValueError, match="no face found"):
        mouth_view.fill_missing(np.full((3, 4, 3), np.nan))


def test_traits_measure_the_mouth():
    landmarks = landmarks_of(np.array([0.0, 1.0]))
    points = mouth_shape.mouth_points(landmarks, np.stack([mouth_view.face_transforms(landmarks[:1])[0]] * 2))
    opening, width, height, chin, _ = mouth_shape.traits(points).T
    assert np.allclose(opening, [0.01, 0.33], atol=1e-3) and np.allclose(width, 0.6, atol=1e-3)
    assert np.allclose(height, [0.16, 0.48], atol=1e-3) and np.allclose(np.diff(chin), 0.1, atol=1e-3)


def test_inner_picture_shows_the_inside():
    frames, landmarks, _ = drawn_arrays(0)
    frame = int(np.argmax(landmarks[:, 14, 1] - landmarks[:, 13, 1]))
    to_face = mouth_view.face_transforms(landmarks)
    points = mouth_shape.mouth_points(landmarks, to_face)
    box = mouth_shape.inner_boxes(points)[frame]
    picture = mouth_shape.inner_picture(frames[frame], to_face[frame], box, (16, 10))
    assert picture.shape == (10, 16, 3) and np.abs(picture[5, 8].astype(int) - (40, 10, 10)).max() <= 2
