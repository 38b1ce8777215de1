"""Log-mel spectrogram: how loud each band of the ear's frequency scale is, a hundred times a second.

Frame ``k`` describes the 25 ms of sound around (k + ½) · 10 ms, so that video frame ``i`` at 25 fps owns exactly the
mel frames ``4 i`` to ``4 i + 3``. One implementation serves every network that listens.
"""

import functools

import numpy as np

SAMPLE_RATE = 16_000
HOP = 160
RATE = SAMPLE_RATE // HOP
"""Mel frames a second."""
WINDOW = 400
FFT = 512
LOW_HZ, HIGH_HZ = 60.0, 7600.0
FLOOR = 1e-4
"""Silence: magnitudes below this are taken as this, which keeps the logarithm finite and the noise floor flat."""


def log_mel(audio: np.ndarray, bands: int) -> np.ndarray:
    """Natural logarithm of mel-band magnitudes.

    Args:
        audio: (S,) float in [-1, 1], 16 kHz mono.
        bands: number of triangular bands between 60 and 7600 Hz.

    Returns:
        (S // 160, bands) float32.
    """
    count = len(audio) // HOP
    margin = (WINDOW - HOP) // 2
    padded = np.pad(np.asarray(audio, np.float32), (margin, margin + WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[: count * HOP : HOP]
    taper = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    magnitudes = np.abs(np.fft.rfft(frames * taper, FFT, axis=1)) / taper.sum()
    return np.log(np.maximum(magnitudes @ mel_filters(bands).T, FLOOR)).astype(np.float32)


@functools.cache
def mel_filters(bands: int) -> np.ndarray:
    """Triangular filters with centres equally spaced in mel (O'Shaughnessy): (bands, 257), peak 1."""
    edges = _hertz(np.linspace(_mel(LOW_HZ), _mel(HIGH_HZ), bands + 2))[:, None]
    bins = np.arange(FFT // 2 + 1) * SAMPLE_RATE / FFT
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(rising, falling), 0.0, None).astype(np.float32)


def windows(mel: np.ndarray, starts: np.ndarray, length: int) -> np.ndarray:
    """Cut ``length`` mel frames from each start; beyond the clip there is silence.

    Args:
        mel: (M, bands).
        starts: (N,) integers, may lie outside [0, M).

    Returns:
        (N, length, bands) float32.
    """
    index = starts[:, None] + np.arange(length)
    cut = mel[np.clip(index, 0, len(mel) - 1)]
    return np.where(((index >= 0) & (index < len(mel)))[..., None], cut, np.float32(np.log(FLOOR)))


def _mel(hertz: float) -> float:
    return 1127.0 * np.log1p(hertz / 700.0)


def _hertz(mel: np.ndarray) -> np.ndarray:
    return 700.0 * np.expm1(mel / 1127.0)
