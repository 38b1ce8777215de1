"""Linear probes: known codes give known answers; equal to an independent ridge regression; chance is chance."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from benchmarks.probes import ProbeConfig, _hat, probe_labels, probe_pose, r_squared

CONFIG = ProbeConfig(ridge=1e-3, shuffles=60, seed=1)
PERSONS = np.repeat([f"p{i}" for i in range(6)], 4)
CLIPS = np.array([f"c{i:02d}" for i in range(24)])


def codes_of(labels, rng, noise=0.05):
    """A direction for each label, the same in all frames, with noise."""
    places = {name: rng.normal(size=12) for name in dict.fromkeys(labels)}
    return np.stack([places[name] + noise * rng.normal(size=(5, 12)) for name in labels])


def test_a_code_made_of_persons_tells_persons_and_not_emotions():
    rng = np.random.default_rng(0)
    codes = codes_of(PERSONS, rng)
    emotions = np.tile(["happy", "sad", "angry", "fear"], 6)
    who = probe_labels(codes, PERSONS, CLIPS, CONFIG)
    feels = probe_labels(codes, emotions, PERSONS, CONFIG)
    assert who.value == 1.0 and who.readable and who.clips == 24
    assert who.chance < 0.35
    assert not feels.readable and feels.value == pytest.approx(feels.chance, abs=0.25)


def test_noise_tells_nothing():
    rng = np.random.default_rng(2)
    readable = []
    for seed in range(20):
        config = ProbeConfig(ridge=1e-2, shuffles=60, seed=seed)
        readable.append(probe_labels(rng.normal(size=(24, 5, 12)), PERSONS, CLIPS, config).readable)
    assert np.mean(readable) < 0.25


def test_pose_is_read_on_unseen_persons():
    rng = np.random.default_rng(2)
    pose = rng.normal(0, 8, (24, 5, 3))
    codes = pose @ rng.normal(size=(3, 12)) + 0.1 * rng.normal(size=(24, 5, 12))
    found = probe_pose(codes, pose, PERSONS, CONFIG)
    assert found.value > 0.95 and set(found.parts) == {"yaw", "pitch", "roll"} and found.readable
    nothing = probe_pose(rng.normal(size=codes.shape), pose, PERSONS, CONFIG)
    assert nothing.value < 0.05 and not nothing.readable


def test_a_person_held_out_cannot_help():
    """Codes that are the person's name alone: pose constant per person is unreadable, though it fits in training."""
    rng = np.random.default_rng(3)
    codes = codes_of(PERSONS, rng, noise=0.0)
    pose = np.repeat(np.repeat(rng.normal(size=(6, 1, 3)), 4, axis=0), 5, axis=1)
    assert probe_pose(codes, pose, PERSONS, CONFIG).value < 0.3
    assert probe_labels(codes, PERSONS, CLIPS, CONFIG).value == 1.0


@pytest.mark.parametrize("width", [4, 40])
def test_ridge_equals_least_squares_on_stacked_rows(width):
    """Penalised least squares is plain least squares with rows of sqrt(penalty) added (both ways of solving)."""
    rng = np.random.default_rng(4)
    train, test, target = rng.normal(size=(3, 6, width)), rng.normal(size=(2, 6, width)), rng.normal(size=(18, 2))
    rows = train.reshape(18, width)
    scaled = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    stacked = np.concatenate([scaled, np.sqrt(0.3 * 18) * np.eye(width)])
    weights = np.linalg.lstsq(stacked, np.concatenate([target, np.zeros((width, 2))]), rcond=None)[0]
    expected = (test.reshape(12, width) - rows.mean(axis=0)) / rows.std(axis=0) @ weights
    assert_allclose(_hat(train, test, 0.3) @ target, expected, atol=1e-6)


def test_r_squared_by_hand():
    truth = np.array([[[0.0, 1.0]], [[2.0, 3.0]]])
    assert_allclose(r_squared(truth, truth), [1, 1])
    assert_allclose(r_squared(np.full_like(truth, 1.0), truth), [0, -1])


def test_what_cannot_be_asked_has_a_reason():
    codes = np.zeros((3, 2, 4))
    assert probe_labels(codes, ["a", "a", "a"], ["x", "y", "z"], CONFIG).reason
    assert probe_labels(codes[:0], [], [], CONFIG).value is None
    assert probe_pose(codes, np.zeros((3, 2, 3)), ["a", "a", "a"], CONFIG).reason


def test_same_seed_same_numbers():
    codes = np.random.default_rng(5).normal(size=(24, 5, 12))
    assert probe_labels(codes, PERSONS, CLIPS, CONFIG) == probe_labels(codes, PERSONS, CLIPS, CONFIG)
