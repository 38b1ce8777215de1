"""Metrics that ask a judge: what they ask it, what they make of its answer, and what they say without one."""

import numpy as np
import pytest
from clip_pairs import CONFIG, landmarks, pair

from speak.metrics import METRICS, Judges, Missing
from speak.metrics.sync_conf import sync_confidence

FRAMES = np.random.default_rng(0).integers(0, 256, (10, 8, 8, 3), dtype=np.uint8)
OTHERS = FRAMES[::-1].copy()
CALM = landmarks(1)[0]
JUDGED = {
    "identity_similarity": "identity",
    "emotion_accuracy": "emotion",
    "lpips": "lpips",
    "sync_conf_official": "sync_official",
    "sync_dist_official": "sync_official",
    "sync_offset_official": "sync_official",
}


def measure(name, **parts):
    return METRICS[name].compute(pair(FRAMES, OTHERS, **({"neutral_landmarks": CALM} | parts)), CONFIG)


@pytest.mark.parametrize(("name", "judge"), JUDGED.items())
def test_a_missing_judge_gives_its_reason(name, judge):
    result = measure(name, emotion="happy", judges=Judges(**{judge: Missing("left at home")}))
    assert (result.value, result.reason) == (None, "left at home")


def codes(frames, points):
    """Reference frames at 0 degrees, generated ones at 60; NaN without a face."""
    angle = 0.0 if frames is FRAMES else np.pi / 3
    found = np.isfinite(points[:, 0, 0])
    return np.where(found[:, None], [np.cos(angle), np.sin(angle)], np.nan)


def test_identity_is_the_mean_cosine_over_found_frames():
    judges = Judges(identity=codes)
    assert measure("identity_similarity", judges=judges).value == pytest.approx(0.5)
    some = measure("identity_similarity", generated_landmarks=landmarks(10, missing=range(3)), judges=judges)
    assert some.value == pytest.approx(0.5) and some.found_share == pytest.approx(0.7)
    few = measure("identity_similarity", generated_landmarks=landmarks(10, missing=range(6)), judges=judges)
    assert few.value is None and "4 of 10" in few.reason


@pytest.mark.parametrize(("label", "value"), [("happy", 1.0), ("sad", 0.0)])
def test_emotion_is_right_or_wrong(label, value):
    judges = Judges(emotion=lambda points, calm: {"happy": 1.0 * (len(points) != 7 or calm is not CALM), "sad": 0.5})
    result = measure(
        "emotion_accuracy", emotion=label, generated_landmarks=landmarks(10, missing=range(3)), judges=judges
    )
    assert result.value == value and result.found_share == pytest.approx(0.7)


def test_emotion_without_label_class_or_face_is_null():
    judges = Judges(emotion=lambda *_: {"happy": 1.0})
    assert measure("emotion_accuracy", judges=judges).reason == "the clip has no emotion label"
    assert measure("emotion_accuracy", emotion="fear", judges=judges).reason == "no training clip was labelled fear"
    alone = measure("emotion_accuracy", emotion="happy", neutral_landmarks=None, judges=judges)
    assert alone.reason == "no neutral picture of this person"
    gone = landmarks(10, missing=range(10))
    assert "0 of 10" in measure("emotion_accuracy", emotion="happy", generated_landmarks=gone, judges=judges).reason


def test_lpips_is_the_mean_over_frames():
    judges = Judges(lpips=lambda one, other: np.arange(10.0) * (one is FRAMES) * (other is OTHERS))
    assert measure("lpips", judges=judges).value == 4.5


def test_the_official_search_embeds_once():
    rng = np.random.default_rng(1)
    sound = rng.normal(size=(40, 6))
    asked = []

    def embed(frames, _audio, _points):
        asked.append(frames)
        return np.roll(sound, 3, axis=0), sound

    clip = pair(FRAMES, OTHERS, judges=Judges(sync_official=embed))
    values = [METRICS[f"sync_{name}_official"].compute(clip, CONFIG).value for name in ("conf", "dist", "offset")]
    confidence, distance, offset = sync_confidence(np.roll(sound, 3, axis=0), sound)
    assert values == [confidence, distance, 3.0] and offset == 3
    assert len(asked) == 1 and asked[0] is OTHERS
    short = Judges(sync_official=lambda *_: (sound[:9], sound[:9]))
    assert measure("sync_conf_official", judges=short).reason == "9 sync windows with a face, at least 10 needed"
