"""Mel cepstra and the windows of them that ATVG and EAMM hear: the defaults of ``python_speech_features``."""

import functools

import numpy as np
from scipy.fft import dct

SAMPLE_RATE = 16_000
FRAME, STEP, FFT = 400, 160, 512
FILTERS, CEPSTRA, LIFTER = 26, 13, 22
EMPHASIS = 0.97
SILENCE_AROUND = 1920
"""Samples of silence before and after, three video frames of 25 a second."""
ROWS_PER_FRAME, FRAMES_AROUND = 4, 3
WINDOW = (2 * FRAMES_AROUND + 1) * ROWS_PER_FRAME
SHORTEST = (WINDOW - 1) * STEP + FRAME - 2 * SILENCE_AROUND
"""Samples that make one window; shorter sounds are followed by silence."""


def cepstra(audio: np.ndarray) -> np.ndarray:
    """Thirteen numbers each 10 ms; the first is the logarithm of the frame's energy.

    Args:
        audio: (S,) float, 16 kHz mono.

    Returns:
        (1 + ceil((S - 400) / 160), 13) float64, one row for S of 400 and less.
    """
    audio = np.asarray(audio, np.float64)
    emphasised = np.append(audio[:1], audio[1:] - EMPHASIS * audio[:-1])
    count = 1 + max(0, -(-(len(audio) - FRAME) // STEP))
    padded = np.pad(emphasised, (0, (count - 1) * STEP + FRAME - len(audio)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::STEP]
    power = np.abs(np.fft.rfft(frames, FFT, axis=1)) ** 2 / FFT
    bands = _log(power @ _filters().T)
    rows = dct(bands, type=2, axis=1, norm="ortho")[:, :CEPSTRA]
    rows = rows * (1 + LIFTER / 2 * np.sin(np.pi * np.arange(CEPSTRA) / LIFTER))
    rows[:, 0] = _log(power.sum(axis=1))
    return rows


def windows(audio: np.ndarray) -> np.ndarray:
    """What is heard at each video frame: seven frames of 25 a second, the frame in the middle.

    Args:
        audio: (S,) float, 16 kHz mono.

    Returns:
        (N, 28, 12) float32, cepstra 1 to 12. N = rows // 4 - 6 where rows = 1 + ceil((S + 3440) / 160): the duration
        in frames rounded down, or one fewer.
    """
    padding = (SILENCE_AROUND, SILENCE_AROUND + max(0, SHORTEST - len(audio)))
    rows = cepstra(np.pad(np.asarray(audio, np.float64), padding))[:, 1:]
    starts = np.arange(len(rows) // ROWS_PER_FRAME - 2 * FRAMES_AROUND) * ROWS_PER_FRAME
    return rows[starts[:, None] + np.arange(WINDOW)].astype(np.float32)


@functools.cache
def _filters() -> np.ndarray:
    """(26, 257): triangles with peak 1 between whole bins, corners equally spaced in mel (O'Shaughnessy) to 8 kHz."""
    mel = np.linspace(0, 2595 * np.log10(1 + SAMPLE_RATE / 2 / 700), FILTERS + 2)
    corners = np.floor((FFT + 1) * 700 * (10 ** (mel / 2595) - 1) / SAMPLE_RATE)[:, None]
    bins = np.arange(FFT // 2 + 1)
    left, centre, right = corners[:-2], corners[1:-1], corners[2:]
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)
    return np.where(bins < centre, rising, falling).clip(0) * (bins < right)


def _log(power: np.ndarray) -> np.ndarray:
    """Natural logarithm; of nothing, that of the smallest step from 1."""
    return np.log(np.where(power == 0, np.finfo(np.float64).eps, power))
