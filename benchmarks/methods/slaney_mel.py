"""Mel filters as most talking-head methods use them: Slaney's scale and norm, the defaults of librosa."""

import functools

import numpy as np

LINEAR_HZ_PER_MEL = 200.0 / 3.0
"""Below the break the scale is linear."""

BREAK_HZ = 1000.0
LOG_STEP = np.log(6.4) / 27.0
"""Above it, 27 mel are a factor of 6.4."""


@functools.cache
def slaney_filters(bands: int, fft: int, sample_rate: int, low_hz: float, high_hz: float) -> np.ndarray:
    """Triangles with centres equally spaced on Slaney's scale, each of area 2 in hertz times height.

    Args:
        bands: number of filters.
        fft: length of the Fourier transform.
        sample_rate: in Hz.
        low_hz, high_hz: where the first filter begins and the last ends.

    Returns:
        (bands, fft // 2 + 1) float64.
    """
    edges = _hertz(np.linspace(_mel(low_hz), _mel(high_hz), bands + 2))[:, None]
    bins = np.linspace(0, sample_rate / 2, fft // 2 + 1)
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    filters = np.clip(np.minimum(rising, falling), 0, None) * 2 / (edges[2:] - edges[:-2])
    filters.flags.writeable = False  # one array for all callers
    return filters


def _mel(hertz: float) -> float:
    if hertz < BREAK_HZ:
        return hertz / LINEAR_HZ_PER_MEL
    return BREAK_HZ / LINEAR_HZ_PER_MEL + np.log(hertz / BREAK_HZ) / LOG_STEP


def _hertz(mel: np.ndarray) -> np.ndarray:
    break_mel = BREAK_HZ / LINEAR_HZ_PER_MEL
    return np.where(mel < break_mel, mel * LINEAR_HZ_PER_MEL, BREAK_HZ * np.exp(LOG_STEP * (mel - break_mel)))
