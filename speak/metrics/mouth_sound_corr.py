"""Mouth-sound correlation: does the mouth open when the sound is loud? A measure of lip sync without a trained network.

- The mouth: mean distance of three pairs of facing inner-lip points, divided by the distance of the outer eye corners,
  both in three dimensions, so that turning and nodding change it little.
- The sound: the band of 300 to 3000 Hz, in which most of a vowel's energy lies; its root mean square over two frames'
  time around each frame's middle, to the power 1/3 (roughly loudness).
- The number: Pearson's correlation of the two over the clip, the best over lags of at most 0.1 s each way, at the
  clip's own frame rate. Mouth area and envelope go together in natural speech (Chandrasekaran et al. 2009).

What it can and cannot do, measured on real clips at 30 fps. On one take of 12.7 s whose sound comes 0, 0.20 and 0.48 s
late, a search over lags of 20 frames finds equal peaks (0.61, 0.59, 0.60) that lie 0.17 and 0.47 s after the first, and
the metric itself, with its small lags, gives 0.54, 0.59 and 0.16 (in the take as it is the mouth trails the sound by
0.13 s). But speech is not only loudness: on 18 pieces of at most 3 s from 11 clips, right pairs of picture and sound
score 0.29 on average and wrong pairs 0.12, and a right pair beats a wrong one in 68 % of cases. So it separates methods
over many clips, not clips; it is blind to which sounds are spoken (a jaw that flaps with loudness does well); and real
speech is far from 1. A frozen mouth has no correlation: such clips are null, so read it beside its coverage.
"""

import numpy as np
from scipy.signal import butter, sosfiltfilt

from speak.metrics.found import has_face, too_few
from speak.metrics.landmark_distance import EYE_CORNERS
from speak.metrics.measurement import ClipPair, Measurement, Metric, MetricConfig

UPPER_LIP, LOWER_LIP = (13, 82, 312), (14, 87, 317)
"""Facing points of the inner lips: middle, right and left of it."""

RATE = 16_000
BAND_HZ = (300.0, 3000.0)
BAND_ORDER = 2
LOUDNESS_POWER = 1 / 3
MAX_LAG_S = 0.1
LEAST_S = 1.0
LEAST_MOTION = 0.005
"""Standard deviation of the aperture in inter-ocular distances. Real speech has 0.04 to 0.08, a still picture through
a video encoder 0.0005."""
LEAST_SOUND = 1e-3
"""Root mean square of the band: -60 dB of full scale. Quiet recorded speech has 0.004."""


def mouth_sound_corr(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Best correlation over small lags, in frames in which both faces were found."""
    wanted = has_face(pair.reference_landmarks)
    found = wanted & has_face(pair.generated_landmarks)
    null = too_few(found, wanted, config)
    if null:
        return null
    share = float(found[wanted].mean())
    seconds = min(found.sum() / pair.fps, len(pair.audio) / RATE)
    if seconds < LEAST_S:
        return Measurement(None, f"{seconds:.1f} s with a face and sound, {LEAST_S:g} s needed", share)
    opening = np.where(found, aperture(pair.generated_landmarks), np.nan)
    if not np.nanstd(opening) >= LEAST_MOTION:
        return Measurement(None, "the mouth does not move", share)
    loudness = envelope(pair.audio, len(opening), pair.fps)
    if np.sqrt(np.mean(loudness ** (2 / LOUDNESS_POWER))) < LEAST_SOUND:
        return Measurement(None, "silence", share)
    value = best_correlation(opening, loudness, int(MAX_LAG_S * pair.fps))
    return Measurement(value, None, share) if np.isfinite(value) else Measurement(None, "a constant sound", share)


def aperture(landmarks: np.ndarray) -> np.ndarray:
    """(T, 478, 3) pixels to (T,): opening of the inner lips in inter-ocular distances."""
    points = landmarks.astype(np.float64)
    gap = np.linalg.norm(points[:, UPPER_LIP] - points[:, LOWER_LIP], axis=-1).mean(axis=-1)
    right, left = EYE_CORNERS
    with np.errstate(invalid="ignore", divide="ignore"):
        return gap / np.linalg.norm(points[:, left] - points[:, right], axis=-1)


def envelope(audio: np.ndarray, num_frames: int, fps: float) -> np.ndarray:
    """(S,) audio at 16 kHz to (T,) loudness around the middle of each frame; beyond the sound's end, silence."""
    band = sosfiltfilt(butter(BAND_ORDER, BAND_HZ, "bandpass", fs=RATE, output="sos"), audio.astype(np.float64))
    energy = np.concatenate([[0.0], np.cumsum(band**2)])
    starts = (np.arange(num_frames) - 0.5) * RATE / fps
    first, last = (np.round(edge).astype(int).clip(0, len(band)) for edge in (starts, starts + 2 * RATE / fps))
    return np.sqrt((energy[last] - energy[first]) / (2 * RATE / fps)) ** LOUDNESS_POWER


def best_correlation(opening: np.ndarray, loudness: np.ndarray, max_lag: int) -> float:
    """Highest Pearson correlation of two (T,) signals over lags of ``-max_lag`` to ``max_lag`` frames.

    NaN in ``opening`` is left out; NaN where no lag has a correlation (one of the two is constant).
    """
    length = len(opening)
    values = []
    for lag in range(-max_lag, max_lag + 1):
        mouth, sound = opening[max(0, -lag) : length - max(0, lag)], loudness[max(0, lag) : length - max(0, -lag)]
        values.append(_correlation(mouth[np.isfinite(mouth)], sound[np.isfinite(mouth)]))
    return float(np.fmax.reduce(values))


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    first, second = first - first.mean(), second - second.mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.dot(first, second) / np.sqrt(np.dot(first, first) * np.dot(second, second))


MOUTH_SOUND_CORR = Metric(
    name="mouth_sound_corr",
    id="mouth_sound_corr-300-3000hz-100ms-v1",
    title="Mouth-sound correlation",
    unit="",
    higher_is_better=True,
    decimals=3,
    summary="Pearson's correlation of the inner lips' opening with the loudness of the sound from 300 to 3000 Hz, the "
    "best over lags of at most 0.1 s. No network; real speech is far from 1, and single clips scatter widely.",
    inputs="landmarks, sound",
    source="this project, after Chandrasekaran et al. 2009",
    null_when="the mouth does not move, the sound is silent, faces are found for less than 1 s or in too few frames",
    compute=mouth_sound_corr,
)
