"""Landmark distances: hand-made moves, missing faces, and the lip set against MediaPipe's own."""

import numpy as np
import pytest
from clip_pairs import CONFIG, landmarks, pair

from speak.faces.head_points import MOUTH
from speak.faces.rigid import STEADY
from speak.metrics.landmark_distance import (
    EYE_CORNERS,
    FACE,
    LIPS,
    aligned_distances,
    f_lmd,
    f_lmd_aligned,
    f_lmd_missfill,
    f_lmd_normalised,
    landmark_distances,
    m_lmd,
    m_lmd_aligned,
    normalised_distances,
)

FRAMES = np.zeros((10, 16, 16, 3), np.uint8)


def test_lips_are_mediapipes():
    module = pytest.importorskip("mediapipe.tasks.python.vision.face_landmarker")
    edges = module.FaceLandmarksConnections.FACE_LANDMARKS_LIPS
    assert sorted({point for edge in edges for point in (edge.start, edge.end)}) == list(LIPS)
    irises = module.FaceLandmarksConnections.FACE_LANDMARKS_LEFT_IRIS
    irises = irises + module.FaceLandmarksConnections.FACE_LANDMARKS_RIGHT_IRIS
    assert not {point for edge in irises for point in (edge.start, edge.end)} & set(FACE)


def test_a_shift_of_three_and_four_is_five():
    distances = landmark_distances(landmarks(2), landmarks(2, (3, 4)), FACE)
    assert distances == pytest.approx([5, 5], abs=1e-4)


def test_only_lips_count_in_m_lmd_and_depth_in_neither():
    moved = landmarks(10)
    moved[:, 0, 0] += 8  # one lip point of 40
    moved[:, 10, 1] += 8  # one point of the forehead
    moved[..., 2] += 100
    parts = {"generated_landmarks": moved}
    assert m_lmd(pair(FRAMES, FRAMES, **parts), CONFIG).value == pytest.approx(8 / 40, abs=1e-5)
    assert f_lmd(pair(FRAMES, FRAMES, **parts), CONFIG).value == pytest.approx(16 / 468, abs=1e-5)


def test_irises_do_not_count():
    moved = landmarks(10)
    moved[:, 468:] += 50
    assert f_lmd(pair(FRAMES, FRAMES, generated_landmarks=moved), CONFIG).value == 0


def test_missing_faces_leave_the_mean_and_show_in_the_share():
    generated = landmarks(10, (3, 4), missing=(2, 5))
    reference = landmarks(10, missing=(5, 9))
    result = f_lmd(pair(FRAMES, FRAMES, generated_landmarks=generated, reference_landmarks=reference), CONFIG)
    assert result.value == pytest.approx(5, abs=1e-4)
    assert result.found_share == pytest.approx(7 / 8)  # the reference shows 8 faces; one of those was missed


def test_too_few_faces_is_null_and_not_zero():
    generated = landmarks(10, missing=range(6))
    result = m_lmd(pair(FRAMES, FRAMES, generated_landmarks=generated), CONFIG)
    assert result.value is None and result.found_share == pytest.approx(0.4)
    assert result.reason == "face found in 4 of 10 frames, 50 % needed"
    nobody = landmarks(10, missing=range(10))
    assert f_lmd(pair(FRAMES, FRAMES, reference_landmarks=nobody), CONFIG).reason == "no face in the reference"


def test_misses_count_at_the_still_methods_error():
    generated, still = landmarks(10, (3, 4), missing=(0, 1)), landmarks(10, (30, 40))
    parts = {"generated_landmarks": generated}
    assert "not supplied" in f_lmd_missfill(pair(FRAMES, FRAMES, **parts), CONFIG).reason
    result = f_lmd_missfill(pair(FRAMES, FRAMES, **parts, still_landmarks=still), CONFIG)
    assert result.value == pytest.approx((8 * 5 + 2 * 50) / 10, abs=1e-4)
    assert result.found_share == pytest.approx(0.8)
    lost = landmarks(10, missing=(1,))
    assert "still" in f_lmd_missfill(pair(FRAMES, FRAMES, **parts, still_landmarks=lost), CONFIG).reason


def test_without_misses_both_variants_agree():
    parts = {"generated_landmarks": landmarks(10, (1, 1))}
    first, second = (metric(pair(FRAMES, FRAMES, **parts), CONFIG) for metric in (f_lmd, f_lmd_missfill))
    assert first == second


def similarity_motion(points, angles=(0.3, -0.4, 0.2), scale=1.3, shift=(20, -8, 5)):
    """Rotation about x, y and z, then scale and shift."""
    for axis, angle in enumerate(angles):
        turn = np.eye(3)
        first, second = (axis + 1) % 3, (axis + 2) % 3
        turn[[first, second], [first, second]] = np.cos(angle)
        turn[first, second], turn[second, first] = -np.sin(angle), np.sin(angle)
        points = points @ turn.T
    return scale * points + np.asarray(shift)


@pytest.mark.parametrize("points", [FACE, LIPS])
def test_aligned_distance_forgets_where_the_head_is(points):
    reference = landmarks(3).astype(np.float64)
    talking = reference + np.random.default_rng(2).normal(0, 2, reference.shape)
    wanted = aligned_distances(reference, talking, points)
    assert wanted.min() > 1
    assert aligned_distances(reference, similarity_motion(talking), points) == pytest.approx(wanted, abs=1e-9)
    assert aligned_distances(reference, similarity_motion(reference), points) == pytest.approx([0, 0, 0], abs=1e-9)


@pytest.mark.parametrize("points", [FACE, LIPS])
def test_aligned_distance_is_the_plain_one_where_only_the_mouth_moved(points):
    assert not {*LIPS, *MOUTH} & set(STEADY)
    reference = landmarks(3).astype(np.float64)
    talking = reference.copy()
    talking[:, LIPS, 1] += 6
    wanted = landmark_distances(reference, talking, points)
    assert wanted.min() > 0.5
    assert aligned_distances(reference, talking, points) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("points", [FACE, LIPS])
def test_normalised_distance_forgets_the_size_of_the_face(points):
    reference = landmarks(3).astype(np.float64)
    other = reference + np.random.default_rng(2).normal(0, 2, reference.shape)
    once, twice = (normalised_distances(k * reference, k * other, points) for k in (1, 2.5))
    assert twice == pytest.approx(once, abs=1e-12) and once.min() > 0


def test_readings_by_hand():
    reference = landmarks(10)
    right, left = EYE_CORNERS
    reference[:, right], reference[:, left] = (80, 100, 0), (140, 180, 50)  # 100 apart in the picture plane
    moved = reference.copy()
    moved[:, 13, :2] += (3, 4)  # one lip point of 40, by 5
    clip = pair(FRAMES, FRAMES, reference_landmarks=reference, generated_landmarks=moved)
    values = {metric: metric(clip, CONFIG).value for metric in (m_lmd_aligned, f_lmd_aligned, f_lmd_normalised)}
    assert values[m_lmd_aligned] == pytest.approx(5 / 40, abs=1e-5)
    assert values[f_lmd_aligned] == pytest.approx(5 / 468, abs=1e-5)
    assert values[f_lmd_normalised] == pytest.approx(5 / 468 / 100, abs=1e-7)


@pytest.mark.parametrize("metric", [f_lmd_aligned, f_lmd_normalised])
def test_readings_treat_missing_faces_as_the_plain_distance_does(metric):
    generated = landmarks(10, (3, 4), missing=(2, 5))
    parts = {"generated_landmarks": generated, "reference_landmarks": landmarks(10, missing=(5, 9))}
    result, plain = (m(pair(FRAMES, FRAMES, **parts), CONFIG) for m in (metric, f_lmd))
    assert result.value is not None and result.found_share == plain.found_share
    parts["generated_landmarks"] = landmarks(10, missing=range(2, 10))
    assert metric(pair(FRAMES, FRAMES, **parts), CONFIG) == f_lmd(pair(FRAMES, FRAMES, **parts), CONFIG)


def test_points_on_one_spot_have_no_reading_and_no_zero():
    spot = {"generated_landmarks": np.full((10, 478, 3), 9, np.float32)}
    assert f_lmd_aligned(pair(FRAMES, FRAMES, **spot), CONFIG).value is None
    spot["reference_landmarks"] = spot["generated_landmarks"]
    assert f_lmd_normalised(pair(FRAMES, FRAMES, **spot), CONFIG).value is None
