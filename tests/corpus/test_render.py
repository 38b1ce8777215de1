"""Rendered clips: bytes by seed, tracks within their limits, and truth that a landmarker confirms after encoding."""

import hashlib
import json
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest

from speak.corpus.background import background
from speak.corpus.performance import POSE_LIMIT_DEG, Style, blinks, perform, smooth_noise, style_for
from speak.corpus.render import render
from speak.media.video import read_clip
from speak.media.writing import VideoCodec, encode_video

IN_ANOTHER_PROCESS = """
import hashlib, json, sys
from speak.corpus.render import Take, render
take = json.loads(sys.argv[1])
take["view_deg"] = tuple(take["view_deg"])
clip = render(Take(**take))
print(hashlib.sha256(clip.frames.tobytes() + clip.truth["points"].tobytes()).hexdigest())
"""


class Humming:
    """Stands in for speech: lips that open and press in turn."""

    def visemes(self, times_s: np.ndarray) -> np.ndarray:
        jaw = 0.5 + 0.5 * np.sin(2 * np.pi * 2 * times_s)
        return np.stack([jaw, 0 * jaw, (jaw < 0.1) * 1.0, 0 * jaw], 1).astype(np.float32)


def test_same_take_same_bytes_in_a_fresh_process(new_take):
    take = new_take(duration_s=0.5, seed=9, emotion="happy")
    clip = render(take)
    digest = hashlib.sha256(clip.frames.tobytes() + clip.truth["points"].tobytes()).hexdigest()
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS, json.dumps(asdict(take))]
    other = subprocess.run(command, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == digest
    assert (render(new_take(duration_s=0.5, seed=10, emotion="happy")).frames != clip.frames).any()


def test_shapes_and_truth_of_a_wide_shot(new_take):
    clip = render(new_take(width=640, height=360, face_scale=0.5, duration_s=0.4, fps=25.0))
    assert clip.frames.shape == (10, 360, 640, 3) and clip.frames.dtype == np.uint8
    assert clip.truth["points"].shape == (10, len(clip.meta["point_names"]), 2)
    assert clip.speech.duration_s == pytest.approx(0.4, abs=1e-3)
    left, top, right, bottom = clip.truth["face_box"].T
    assert ((left > 0) & (left < right) & (right < 640) & (top > 0) & (top < bottom) & (bottom < 360)).all()
    assert 0.6 * 0.5 * 360 < np.median(bottom - top) < 0.5 * 360
    np.testing.assert_allclose(clip.truth["visemes"], clip.speech.visemes(np.arange(10) / 25.0), atol=1e-6)
    json.dumps(clip.meta)


def test_supersampling_shows_the_same_scene(new_take):
    once, twice = (render(new_take(duration_s=0.4, supersample=n)) for n in (1, 2))
    np.testing.assert_allclose(once.truth["points"], twice.truth["points"], atol=0.02)
    assert np.abs(once.frames.astype(float) - twice.frames).mean() < 4.0


def test_tracks_stay_within_their_limits():
    style = Style(motion=1.5, articulation=1.0, liveliness=1.0, view_deg=(0.0, 0.0))
    acted = perform(Humming(), "angry", 3, 30.0, 3000, 5, style)
    assert (np.abs(acted.pose_deg) <= POSE_LIMIT_DEG + 1e-4).all()
    assert (np.abs(np.diff(acted.pose_deg, axis=0)) < 4.0).all()  # no jumps
    still = perform(Humming(), "angry", 3, 30.0, 30, 5, Style(**{**asdict(style), "motion": 0.0}))
    np.testing.assert_allclose(still.pose_deg, 0.0, atol=1e-6)
    assert style_for(3, 1.0) == style_for(3, 1.0) != style_for(4, 1.0)


def test_smooth_noise_has_unit_deviation():
    values = smooth_noise(np.random.default_rng(0), 60_000, 3, 12.0)
    np.testing.assert_allclose(values.std(0), 1.0, atol=0.1)


def test_blinks_come_every_one_and_a_half_to_four_seconds():
    shut = blinks(np.random.default_rng(2), 30 * 200, 30.0)
    starts = np.flatnonzero((shut[1:] > 0.9) & (shut[:-1] <= 0.9)) / 30.0
    assert shut.max() == 1.0 and shut.min() == 0.0
    assert np.diff(starts).min() > 1.3 and np.diff(starts).max() < 4.3


def test_backgrounds_are_never_flat():
    for seed in range(12):
        picture = background(np.random.default_rng(seed), 90, 160)
        assert picture.shape == (90, 160, 3) and np.isfinite(picture).all()
        assert picture.std(axis=(0, 1)).max() > 0.004


@pytest.mark.parametrize(("person", "emotion", "size"), [(501, "happy", (256, 256)), (502, "neutral", (224, 224))])
def test_landmarks_of_the_encoded_clip_confirm_the_truth(landmarker, new_take, person, emotion, size):
    width, height = size
    take = new_take(person_seed=person, seed=person, emotion=emotion, width=width, height=height, duration_s=3.0)
    clip = render(take)
    frames = read_clip(encode_video(clip.frames, VideoCodec(fps=30.0, crf=20, preset="veryfast")))
    track = landmarker.detect(frames)
    assert track.found.mean() >= 0.99
    gap = np.linalg.norm(track.landmarks[:, 13, :2] - track.landmarks[:, 14, :2], axis=1)
    seen = track.found
    assert np.corrcoef(gap[seen], clip.truth["lip_gap"][seen])[0, 1] >= 0.90
    assert np.corrcoef(track.head_pose[seen, 0], clip.truth["pose_deg"][seen, 0])[0, 1] >= 0.95
    assert np.corrcoef(track.head_pose[seen, 2], clip.truth["pose_deg"][seen, 2])[0, 1] >= 0.80
    mouth = clip.meta["point_names"].index("inner_upper_11")
    error = np.linalg.norm(track.landmarks[seen, 13, :2] - clip.truth["points"][seen, mouth], axis=1)
    between_eyes = np.linalg.norm(track.landmarks[seen, 468, :2] - track.landmarks[seen, 473, :2], axis=1)
    assert np.median(error / between_eyes) < 0.12
