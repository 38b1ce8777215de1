"""What holds for every metric, on random clips: identity, symmetry, order, number types, frames in another order."""

from dataclasses import replace

import numpy as np
import pytest
from clip_pairs import CONFIG
from hypothesis import given, settings
from hypothesis import strategies as st

from speak.faces.track import FaceTrack
from speak.metrics import METRICS, ClipPair, Judges
from speak.metrics.ssim import ssim, ssim_luma, ssim_uniform

PERFECT = dict.fromkeys(METRICS, 0.0) | dict.fromkeys(("ssim", "ssim_uniform", "ssim_luma", "identity_similarity"), 1.0)
NO_PERFECT_VALUE = {name for name in METRICS if name.startswith("psnr")}
"""Infinite, and so null, for equal pictures."""
OFFICIAL = {"sync_conf_official", "sync_dist_official", "sync_offset_official"}
ABSOLUTE = {
    "sync_conf",
    "sync_conf_other",
    "sync_dist",
    "sync_offset",
    "mouth_sound_corr",
    "emotion_accuracy",
} | OFFICIAL
"""Do not look at the reference: what is perfect for them is not the identity."""
ASYMMETRIC = ABSOLUTE | {"sync_gap", "f_lmd_missfill", "m_lmd_missfill", "landmark_jitter"}
ASYMMETRIC |= {"f_lmd_aligned", "m_lmd_aligned", "f_lmd_normalised", "m_lmd_normalised"}
IN_TIME = ABSOLUTE - {"emotion_accuracy"} | {"sync_gap", "landmark_jitter", "velocity_error", "blink_rate_error"}
COUNTS = {"blink_rate_error", "sync_offset", "sync_offset_official"}
"""May be equal by chance."""
LENGTH, SIZE = 90, 12
SAME = {"rel": 1e-6, "abs": 1e-6}

clips = st.builds(lambda seed: clip_pair(np.random.default_rng(seed)), st.integers(0, 2**32 - 1))
few = settings(max_examples=8, derandomize=True)


def embed(frames, audio, landmarks):
    """A sync network in miniature: two numbers of each frame's picture and mouth, and of its stretch of sound."""
    pieces = np.array_split(audio, len(frames))
    video = np.stack([frames.mean(axis=(1, 2, 3)) / 255, landmarks[:, 14, 1] / 256], axis=1)
    return video, np.array([[np.abs(piece).mean(), piece[0]] for piece in pieces])


def codes(frames, landmarks):
    """A judge of identity in miniature: colours and two points of each frame."""
    return np.concatenate([frames.mean(axis=(1, 2)) / 255, landmarks[:, 14, :2] / 256], axis=1)


def emotions(landmarks, neutral):
    return {"happy": (landmarks[:, 61, 1] - neutral[61, 1]).mean(), "sad": 0.0}


def differences(one, other):
    return np.abs(one.astype(float) - other).mean(axis=(1, 2, 3))


JUDGES = Judges(sync=embed, sync_official=embed, identity=codes, emotion=emotions, lpips=differences)


def track(rng, missing):
    base = rng.uniform(60, 200, (478, 3))
    found = {
        "landmarks": base + rng.normal(0, 2, (LENGTH, 478, 3)),
        "head_pose": rng.uniform(-30, 30, (LENGTH, 3)),
        "blendshapes": rng.uniform(0, 1, (LENGTH, 52)),
    }
    for values in found.values():
        values[missing] = np.nan
    return FaceTrack(**{name: values.astype(np.float32) for name, values in found.items()})


def clip_pair(rng):
    missing = rng.random(LENGTH) < 0.1
    first, second = rng.integers(0, 256, (2, LENGTH, SIZE, SIZE, 3), dtype=np.uint8)
    own, other = rng.normal(0, 0.1, (2, LENGTH * 16000 // 30)).astype(np.float32)
    return ClipPair(
        reference_frames=first, generated_frames=second, fps=30.0, audio=own, other_audio=other, judges=JUDGES,
        reference_face=track(rng, missing), generated_face=track(rng, missing),
        still_landmarks=rng.uniform(60, 200, (LENGTH, 478, 3)).astype(np.float32),
        emotion="happy", neutral_landmarks=rng.uniform(60, 200, (478, 3)).astype(np.float32),
    )  # fmt: skip


def identical(pair):
    return replace(pair, generated_frames=pair.reference_frames, generated_face=pair.reference_face)


def swapped(pair):
    frames = {"reference_frames": pair.generated_frames, "generated_frames": pair.reference_frames}
    return replace(pair, **frames, reference_face=pair.generated_face, generated_face=pair.reference_face)


def reordered(pair, order):
    faces = {
        name: FaceTrack(**{part: values[order] for part, values in vars(getattr(pair, name)).items()})
        for name in ("reference_face", "generated_face")
    }
    names = ("reference_frames", "generated_frames", "still_landmarks")
    return replace(pair, **faces, **{name: getattr(pair, name)[order] for name in names})


def check_same(one, other):
    assert one.reason == other.reason and one.found_share == other.found_share
    assert one.value == (None if other.value is None else pytest.approx(other.value, **SAME))


@pytest.mark.parametrize("name", METRICS)
@few
@given(pair=clips)
def test_random_clips_are_scored(name, pair):
    result = METRICS[name].compute(pair, CONFIG)
    assert result.value is not None, result.reason


@pytest.mark.parametrize("name", METRICS)
@few
@given(pair=clips)
def test_identity_is_perfect_or_null_with_a_reason(name, pair):
    metric = METRICS[name]
    result = metric.compute(identical(pair), CONFIG)
    if name in NO_PERFECT_VALUE:
        assert result.value is None and "identical frames" in result.reason
    elif name not in ABSOLUTE:
        assert result.value == pytest.approx(PERFECT[name], abs=1e-6)
        different = metric.compute(pair, CONFIG).value
        assert different <= result.value if metric.higher_is_better else different >= result.value


@pytest.mark.parametrize("name", [name for name in METRICS if name not in ASYMMETRIC])
@few
@given(pair=clips)
def test_reference_and_generated_may_be_exchanged(name, pair):
    check_same(METRICS[name].compute(swapped(pair), CONFIG), METRICS[name].compute(pair, CONFIG))


@few
@given(pair=clips, order=st.permutations(list(METRICS)))
def test_a_score_depends_on_no_other_score(pair, order):
    alone = {name: metric.compute(replace(pair), CONFIG) for name, metric in METRICS.items()}  # nothing kept in a copy
    assert {name: METRICS[name].compute(pair, CONFIG) for name in order} == alone


@pytest.mark.parametrize("name", [name for name in METRICS if name not in IN_TIME])
@few
@given(pair=clips, seed=st.integers(0, 1000))
def test_frames_may_come_in_any_order_where_time_does_not_count(name, pair, seed):
    mixed = reordered(pair, np.random.default_rng(seed).permutation(LENGTH))
    check_same(METRICS[name].compute(mixed, CONFIG), METRICS[name].compute(pair, CONFIG))


@pytest.mark.parametrize(
    "name", sorted(IN_TIME - {"blink_rate_error", "sync_offset", "sync_offset_official"})
)  # counts: equal by chance
def test_frames_may_not_where_it_does(name):
    pair = clip_pair(np.random.default_rng(0))
    mixed = reordered(pair, np.random.default_rng(1).permutation(LENGTH))
    assert METRICS[name].compute(mixed, CONFIG).value != METRICS[name].compute(pair, CONFIG).value


@pytest.mark.parametrize("measure", [ssim, ssim_luma, ssim_uniform])
@few
@given(pair=clips)
def test_float_and_8_bit_pictures_agree(measure, pair):
    first, second = pair.reference_frames[0], pair.generated_frames[0]
    for kind in (np.float32, np.float64):
        assert measure(first.astype(kind), second.astype(kind)) == pytest.approx(measure(first, second), abs=1e-6)


@pytest.mark.parametrize("name", [name for name in METRICS if "landmarks" in METRICS[name].inputs])
def test_single_and_double_precision_landmarks_agree(name):
    pair = clip_pair(np.random.default_rng(2))
    faces = (pair.reference_face, pair.generated_face)
    doubles = [replace(face, landmarks=face.landmarks.astype(np.float64)) for face in faces]
    finer = replace(pair, reference_face=doubles[0], generated_face=doubles[1])
    check_same(METRICS[name].compute(finer, CONFIG), METRICS[name].compute(pair, CONFIG))


def test_clips_are_left_as_they_are():
    pair, untouched = (clip_pair(np.random.default_rng(3)) for _ in range(2))
    for metric in METRICS.values():
        metric.compute(pair, CONFIG)
    for name in ("reference_frames", "generated_frames", "audio", "other_audio", "still_landmarks"):
        assert np.array_equal(getattr(pair, name), getattr(untouched, name), equal_nan=name == "still_landmarks")
    for name in ("reference_face", "generated_face"):
        for part, values in vars(getattr(pair, name)).items():
            assert np.array_equal(values, getattr(getattr(untouched, name), part), equal_nan=True)
