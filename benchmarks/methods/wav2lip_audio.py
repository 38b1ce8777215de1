"""What Wav2Lip hears: 80 mel bands, 80 columns a second, and the 16 columns that belong to each frame.

The spectrogram's ends are padded by reflection, as with the librosa of the authors' time; later versions pad with
zeros, which changes the first and the last two columns by up to 1.2 (of a range of 8).
"""

import numpy as np

from benchmarks.methods.slaney_mel import slaney_filters
from speak.errors import UserError

SAMPLE_RATE = 16_000
FFT, HOP = 800, 200
COLUMNS_PER_S = SAMPLE_RATE // HOP
PREEMPHASIS = 0.97
BANDS, LOW_HZ, HIGH_HZ = 80, 55.0, 7600.0
QUIETEST, REFERENCE_DB = 1e-5, 20.0
RANGE_DB, LIMIT = 100.0, 4.0
"""100 dB become [-4, 4]."""

WINDOW = 16
SHORTEST = (WINDOW - 1) * HOP
"""Samples that make one window; shorter sounds are followed by silence."""


def long_enough(audio: np.ndarray) -> np.ndarray:
    """(S,) sound, followed by silence where it would not fill one window (ours; the published rule has no answer)."""
    return np.pad(audio, (0, max(SHORTEST - len(audio), 0)))


def mel(audio: np.ndarray) -> np.ndarray:
    """Normalised log-mel spectrogram.

    Args:
        audio: (S,) float in [-1, 1], 16 kHz mono; at least two samples.

    Returns:
        (80, 1 + S // 200) float32 in [-4, 4]; column k is centred on sample 200 k.
    """
    sound = np.asarray(audio, np.float64)
    emphasised = np.append(sound[:1], sound[1:] - PREEMPHASIS * sound[:-1])
    padded = np.pad(emphasised, FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP]
    taper = np.hanning(FFT + 1)[:-1]  # periodic
    magnitudes = np.abs(np.fft.rfft(frames * taper, axis=1))
    bands = slaney_filters(BANDS, FFT, SAMPLE_RATE, LOW_HZ, HIGH_HZ) @ magnitudes.T
    decibels = 20 * np.log10(np.maximum(bands, QUIETEST)) - REFERENCE_DB
    return np.clip(2 * LIMIT * (decibels + RANGE_DB) / RANGE_DB - LIMIT, -LIMIT, LIMIT).astype(np.float32)


def windows(columns: np.ndarray, fps: float) -> np.ndarray:
    """The 0.2 s of sound from each frame's moment on, as the authors' demonstration cuts them.

    The first window that would leave the sound is replaced by the last 16 columns, and no frame follows it.

    Args:
        columns: (80, K) from ``mel``.
        fps: frames a second of the video.

    Returns:
        (T, 1, 80, 16): one window for each frame that can be made.

    Raises:
        UserError: fewer than 16 columns, which is less than 0.19 s of sound.
    """
    last = columns.shape[1] - WINDOW
    if last < 0:
        raise UserError(f"the sound is too short for Wav2Lip: {columns.shape[1]} mel columns, {WINDOW} are needed")
    starts, frame = [], 0
    while (start := int(frame * COLUMNS_PER_S / fps)) <= last:
        starts.append(start)
        frame += 1
    starts.append(last)
    return np.stack([columns[None, :, start : start + WINDOW] for start in starts])
