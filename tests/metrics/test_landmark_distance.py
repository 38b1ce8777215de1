"""Landmark distances: hand-made moves, missing faces, and the lip set against MediaPipe's own."""

import numpy as np
import pytest
from clip_pairs import CONFIG, landmarks, pair

from speak.metrics.landmark_distance import FACE, LIPS, f_lmd, f_lmd_missfill, landmark_distances, m_lmd

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
