"""The one-euro filter (Casiez et al. 2012): smooth where a signal is slow, quick where it is fast."""

import numpy as np

RATE_HZ = 100.0
SPEED_CUTOFF_HZ = 1.0


def one_euro(values: np.ndarray, cutoff_hz: float, beta: float) -> np.ndarray:
    """Filter each number of a track by itself.

    A first-order low-pass filter whose cut-off is ``cutoff_hz + beta · |speed|``; the speed, between unfiltered values,
    is itself low-passed at 1 Hz. Values count as 100 a second, as in EAMM, whatever their true rate.

    Args:
        values: (T, ...).
        cutoff_hz: cut-off of a signal at rest.
        beta: how much speed raises it.

    Returns:
        (T, ...) float64; the first row is unchanged.
    """
    values = np.asarray(values, np.float64)
    filtered = values.copy()
    speed = np.zeros_like(values[0])
    for step in range(1, len(values)):
        speed += _share(SPEED_CUTOFF_HZ) * ((values[step] - values[step - 1]) * RATE_HZ - speed)
        share = _share(cutoff_hz + beta * np.abs(speed))
        filtered[step] = filtered[step - 1] + share * (values[step] - filtered[step - 1])
    return filtered


def _share(cutoff_hz: float | np.ndarray) -> float | np.ndarray:
    """What a new value counts: 1 / (1 + rate / (2π · cut-off))."""
    return 1 / (1 + RATE_HZ / (2 * np.pi * cutoff_hz))
