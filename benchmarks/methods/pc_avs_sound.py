"""PC-AVS: the log-mel spectrogram and the windows that its audio network hears."""

import numpy as np

from benchmarks.methods.slaney_mel import slaney_filters

SAMPLE_RATE = 16_000
LOUDNESS, SILENCE = 0.1, 1e-4
"""Root mean square that sound is brought to, and the least that it is taken to have."""
FRAME, HOP = 1280, 160
BANDS, LOW_HZ, HIGH_HZ = 80, 125.0, 7600.0
FLOOR, REFERENCE_DB, RANGE_DB = 1e-5, 20.0, 100.0
ROWS_PER_FRAME = 4
"""100 rows a second, 25 frames a second."""
WINDOW_FRAMES = 5
FIRST_FRAME = WINDOW_FRAMES // 2
"""No window lies around earlier frames."""
WINDOW = WINDOW_FRAMES * ROWS_PER_FRAME
SHORTEST = (WINDOW + 1 - FRAME // HOP) * HOP
"""Samples that make one window; shorter sounds are followed by silence."""


def spectrogram(audio: np.ndarray) -> np.ndarray:
    """Log-mel magnitudes between 0 (-80 dB and below) and 1 (20 dB and above).

    Row m is made of samples 160 m - 1120 to 160 m + 159 under half a sine arch, the analysis window with which the
    ``lws`` package reconstructs perfectly; there is silence around the sound.

    Args:
        audio: (S,) float in [-1, 1], 16 kHz mono.

    Returns:
        (7 + ceil(S / 160), 80) float32.
    """
    audio = np.asarray(audio, np.float64)
    audio = np.pad(audio, (0, max(SHORTEST - len(audio), 0)))
    audio = audio * (LOUDNESS / max(SILENCE, np.sqrt(np.mean(audio**2))))
    count = FRAME // HOP - 1 + -(-len(audio) // HOP)
    padded = np.pad(audio, (FRAME - HOP, (count - 1) * HOP + FRAME - len(audio) - (FRAME - HOP)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]
    arch = 0.5 * np.sin(np.pi * (np.arange(FRAME) + 0.5) / FRAME)
    magnitudes = np.abs(np.fft.rfft(frames * arch, axis=1))
    mel = magnitudes @ slaney_filters(BANDS, FRAME, SAMPLE_RATE, LOW_HZ, HIGH_HZ).T
    decibels = 20 * np.log10(np.maximum(FLOOR, mel)) - REFERENCE_DB
    return np.clip((decibels + RANGE_DB) / RANGE_DB, 0, 1).astype(np.float32)


def windows(rows: np.ndarray) -> np.ndarray:
    """Cut 20 rows around each frame that has them, at 25 frames a second.

    Args:
        rows: (M, 80) of ``spectrogram``, M at least 20.

    Returns:
        (M // 4 - 4, 1, 80, 20); entry k belongs to frame k + 2 and starts at row 4 k.
    """
    count = len(rows) // ROWS_PER_FRAME - WINDOW_FRAMES + 1
    starts = np.arange(count) * ROWS_PER_FRAME
    return rows[starts[:, None] + np.arange(WINDOW)].transpose(0, 2, 1)[:, None]
