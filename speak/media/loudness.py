"""How loud a sound is, and how much of it is speech-like."""

import numpy as np
from scipy.signal import butter, sosfiltfilt

SPEECH_BAND_HZ = (200.0, 3500.0)
PIECE_S = 0.02

ABOVE_FLOOR_DB = 9.0
"""A piece counts as speech when it is this much louder than the sound's quietest tenth ..."""

LEAST_DBFS = -55.0
"""... and louder than this."""


def level_dbfs(audio: np.ndarray) -> float | None:
    """Root mean square of (S,) float32 in [-1, 1] in dB of full scale (a square wave at full scale has 0 dB).

    None for digital silence.
    """
    power = float(np.mean(np.square(audio, dtype=np.float64))) if len(audio) else 0.0
    return 10 * np.log10(power) if power else None


def speech_share(audio: np.ndarray, sample_rate: int) -> float | None:
    """Share of a sound that rises and falls as speech does, in [0, 1]; None for digital silence.

    A measure of energy, no recogniser: the share of pieces of 20 ms that are, between 200 and 3500 Hz, at least 9 dB
    above the quietest tenth of them (or above the least level, where that is higher). Speech with its pauses and
    closures passes half of them; steady noise, a hum or silence hardly any. Music and other voices are not told from
    the speaker's.

    Args:
        audio: (S,) float32 in [-1, 1].
        sample_rate: in Hz, above 7000.
    """
    if not audio.any():
        return None
    band = sosfiltfilt(butter(2, SPEECH_BAND_HZ, "bandpass", fs=sample_rate, output="sos"), audio.astype(np.float64))
    length = round(PIECE_S * sample_rate)
    pieces = band[: len(band) // length * length].reshape(-1, length)
    if not len(pieces):
        return None
    levels = 10 * np.log10(np.mean(pieces**2, axis=1) + 1e-12)
    threshold = max(float(np.quantile(levels, 0.1)) + ABOVE_FLOOR_DB, LEAST_DBFS)
    return float(np.mean(levels >= threshold))
