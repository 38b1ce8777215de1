"""Mouth against sound: planted correlations and lags, and real clips whose sound is shifted."""

import numpy as np
import pytest
from clip_pairs import CONFIG, landmarks, pair

from speak.metrics.landmark_distance import EYE_CORNERS
from speak.metrics.mouth_sound_corr import (
    LOWER_LIP,
    MOUTH_SOUND_CORR,
    UPPER_LIP,
    aperture,
    best_correlation,
    envelope,
    mouth_sound_corr,
)

FPS, LENGTH = 30.0, 90
RNG = np.random.default_rng(0)
LOUDNESS = np.convolve(RNG.uniform(0, 1, LENGTH), [0.25, 0.5, 0.25], mode="same")


def sound(loudness, hz=1000.0):
    """A tone whose amplitude follows a loudness given at the middles of frames."""
    times = np.arange(round(len(loudness) / FPS * 16000)) / 16000
    amplitude = np.interp(times, (np.arange(len(loudness)) + 0.5) / FPS, loudness**3)
    return (0.5 * amplitude * np.sin(2 * np.pi * hz * times)).astype(np.float32)


def mouth(opening, missing=()):
    """Faces 100 px between the eye corners, whose lips are open by ``opening`` px."""
    track = landmarks(len(opening))
    track[:, EYE_CORNERS[0]], track[:, EYE_CORNERS[1]] = (78, 100, 0), (178, 100, 0)
    for upper, lower in zip(UPPER_LIP, LOWER_LIP, strict=True):
        track[:, upper] = (128, 160, 0)
        track[:, lower] = track[:, upper]
        track[:, lower, 1] += opening
    track[list(missing)] = np.nan
    return track


def measure(opening, audio, missing=()):
    frames = np.zeros((len(opening), 8, 8, 3), np.uint8)
    return mouth_sound_corr(pair(frames, frames, generated_landmarks=mouth(opening, missing), audio=audio), CONFIG)


def test_aperture_by_hand_in_any_pose():
    opening = np.linspace(0, 20, LENGTH)
    assert aperture(mouth(opening)) == pytest.approx(opening / 100, abs=1e-6)
    turn = np.array([[0.8, 0, 0.6], [0, 1, 0], [-0.6, 0, 0.8]]) @ np.array([[1, 0, 0], [0, 0.6, -0.8], [0, 0.8, 0.6]])
    assert aperture(1.7 * mouth(opening) @ turn.T) == pytest.approx(opening / 100, abs=1e-6)


def test_envelope_is_the_band_and_beyond_the_end_silence():
    inside, below = envelope(sound(LOUDNESS), LENGTH, FPS), envelope(sound(LOUDNESS, hz=60), LENGTH, FPS)
    assert np.corrcoef(inside, LOUDNESS)[0, 1] > 0.9 and below.max() < 0.3 * inside.max()
    steady = envelope(sound(np.ones(60)), LENGTH, FPS)
    assert steady[2:58] == pytest.approx((0.5 / np.sqrt(2)) ** (1 / 3), rel=0.01)
    assert np.array_equal(steady[61:], np.zeros(LENGTH - 61))


def test_a_mouth_that_follows_the_sound_is_near_one_and_one_that_does_not_is_not():
    assert measure(5 + 10 * LOUDNESS, sound(LOUDNESS)).value > 0.9
    assert measure(5 + 10 * RNG.permutation(LOUDNESS), sound(LOUDNESS)).value < 0.5
    assert measure(15 - 10 * LOUDNESS, sound(LOUDNESS)).value < 0.5  # opens in the pauses


@pytest.mark.parametrize(("delay", "found"), [(-3, True), (2, True), (3, True), (6, False), (-8, False)])
def test_lags_of_a_tenth_of_a_second_are_forgiven(delay, found):
    late = np.roll(LOUDNESS, delay)
    assert (measure(5 + 10 * late, sound(LOUDNESS)).value > 0.8) == found


@pytest.mark.parametrize("lag", [-4, 0, 3])
def test_best_correlation_is_pearsons(lag):
    first, second = RNG.normal(size=(2, 50))
    shifted = np.roll(first, lag)
    assert best_correlation(first, shifted, 5) == pytest.approx(1)
    assert best_correlation(first, second, 0) == pytest.approx(np.corrcoef(first, second)[0, 1])
    first[7] = np.nan
    kept = np.isfinite(first)
    assert best_correlation(first, second, 0) == pytest.approx(np.corrcoef(first[kept], second[kept])[0, 1])


def test_nulls():
    assert measure(np.full(LENGTH, 5.0), sound(LOUDNESS)).reason == "the mouth does not move"
    assert measure(5 + 10 * LOUDNESS, np.zeros(48000, np.float32)).reason == "silence"
    assert measure(5 + 10 * LOUDNESS[:20], sound(LOUDNESS)).reason == "0.7 s with a face and sound, 1 s needed"
    assert measure(5 + 10 * LOUDNESS, sound(LOUDNESS)[:1000]).value is None
    assert measure(5 + 10 * LOUDNESS, np.zeros(0, np.float32)).value is None
    lost = measure(5 + 10 * LOUDNESS, sound(LOUDNESS), missing=range(10, 70))
    assert "% needed" in lost.reason and lost.found_share == pytest.approx(1 / 3)
    assert measure(5 + 10 * LOUDNESS, sound(LOUDNESS), missing=range(10, 20)).value > 0.9
    assert MOUTH_SOUND_CORR.higher_is_better


def test_a_real_take_with_its_sound_shifted(realdata):
    pytest.importorskip("mediapipe")
    from speak.assets import asset
    from speak.faces.landmarker import Landmarker
    from speak.media.audio import read_audio
    from speak.media.video import read_clip

    path = realdata / "sync_offsets/test_offset_0.avi"
    frames = read_clip(path)[:150]
    with Landmarker(asset("face_landmarker")) as landmarker:
        opening = aperture(landmarker.detect(frames).landmarks)
    loudness = envelope(read_audio(path, 16000), len(opening), 25.0)
    wide = np.array([best_correlation(opening, np.roll(loudness, shift), 2) for shift in (4, 12, -8)])
    assert wide[0] > 0.5 > wide[1:].max()  # this take's mouth trails its sound by 4 frames
