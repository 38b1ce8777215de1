"""Jitter and velocity: motions whose differences are known, trembling, freezing, and missing faces."""

import numpy as np
import pytest
from clip_pairs import CONFIG, landmarks, pair
from scipy.spatial.transform import Rotation

from speak.faces.rigid import STEADY
from speak.metrics.landmark_distance import FACE
from speak.metrics.landmark_jitter import jitter, landmark_jitter
from speak.metrics.velocity_error import velocity_error

LENGTH = 30
FRAMES = np.zeros((LENGTH, 8, 8, 3), np.uint8)
MOVING = [point for point in FACE if point not in STEADY]
TIME = np.arange(LENGTH)


def talking(amplitude=3.0):
    """Points that neither skull nor picture holds go up and down; second difference by hand."""
    track = landmarks(LENGTH).astype(np.float64)
    track[:, MOVING, 1] += amplitude * np.cos(0.8 * TIME)[:, None]
    return track


def tossed(track, seed=0):
    """Each frame's face turned, scaled and moved at random."""
    rng = np.random.default_rng(seed)
    turns = Rotation.from_rotvec(rng.normal(0, 0.2, (len(track), 3))).as_matrix()
    sizes, shifts = rng.uniform(0.8, 1.2, (len(track), 1, 1)), rng.normal(0, 9, (len(track), 1, 3))
    return (track - 128) @ turns.transpose(0, 2, 1) * sizes + 128 + shifts


def measure(metric, reference, generated):
    return metric(pair(FRAMES, FRAMES, reference_landmarks=reference, generated_landmarks=generated), CONFIG)


def test_jitter_by_hand():
    share = len(MOVING) / len(FACE)
    wanted = 3 * np.abs(2 * np.cos(0.8) - 2) * np.abs(np.cos(0.8 * TIME[1:-1])) * share
    assert jitter(talking(), talking()[0]) == pytest.approx(wanted, rel=1e-6)


def test_head_motion_is_no_jitter():
    track = talking()
    assert jitter(tossed(track), track[0]) == pytest.approx(jitter(track, track[0]), rel=1e-6)


def test_trembling_and_freezing_are_both_off():
    still, lively = landmarks(LENGTH), talking()
    own = jitter(lively, lively[0]).mean()
    assert measure(landmark_jitter, lively, lively).value == 0
    assert measure(landmark_jitter, lively, np.repeat(lively[:1], LENGTH, 0)).value == pytest.approx(own, rel=1e-6)
    assert measure(landmark_jitter, still, lively).value == pytest.approx(own, rel=1e-3)
    errors = [measure(landmark_jitter, lively, talking(3 + more)).value for more in (0, 1, 3, 9)]
    assert errors == sorted(errors) and errors[-1] == pytest.approx(3 * own, rel=1e-6)


def test_velocity_by_hand():
    reference = landmarks(LENGTH)
    drifting = reference + TIME[:, None, None] * np.array([3, 4, 100], np.float32)
    assert measure(velocity_error, reference, drifting).value == pytest.approx(5, abs=1e-3)
    elsewhere = drifting + np.float32(25)
    assert measure(velocity_error, drifting, elsewhere).value == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(("metric", "faces"), [(landmark_jitter, 3), (velocity_error, 2)])
def test_missing_faces_break_the_runs_they_are_part_of(metric, faces):
    reference, generated = landmarks(LENGTH, missing=(0,)), landmarks(LENGTH, missing=(10,))
    result = measure(metric, reference, generated)
    wanted = LENGTH - faces  # runs in the reference, whose first frame is lost
    assert result.value == pytest.approx(0, abs=1e-4) and result.found_share == pytest.approx(1 - faces / wanted)
    holes = landmarks(LENGTH, missing=range(0, LENGTH, 2))
    assert "in a row" in measure(metric, holes, generated).reason
    assert "% needed" in measure(metric, reference, holes).reason
    few = pair(FRAMES[:1], FRAMES[:1])
    assert metric(few, CONFIG).value is None


def test_points_on_one_spot_are_no_face():
    spot = np.full((LENGTH, 478, 3), 9, np.float32)
    assert measure(landmark_jitter, landmarks(LENGTH), spot).value is None
