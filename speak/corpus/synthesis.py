"""A formant synthesiser after Klatt (1980): sources shaped by resonators.

    glottal pulses + breath noise -> cascade of resonators (the vocal tract) --+
    white noise -> band of the constriction ---------------------------------- + -> 50 Hz high-pass -> level

The glottal source is the derivative of the KLGLOTT88 pulse (Klatt & Klatt 1990): over a cycle's open phase,
x in [0, 1), it is 2x - 3x². It is made at four times the sample rate and decimated, lest it alias.
"""

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import butter, resample_poly, sosfilt

from speak.corpus.phones import NOISE_BANDS, Phone
from speak.corpus.prosody import melody
from speak.corpus.tracks import GRID_HZ, Tracks, articulate
from speak.corpus.voice import Voice

SAMPLE_RATE = 16000
OVERSAMPLING = 4
HOP = 80
"""Samples between two positions of the vocal tract: 5 ms."""
RINGING = 1024
"""Samples kept of a window of 2 ``HOP`` and its ringing. At the narrowest bandwidth it has faded by 95 dB."""

HIGHER_FORMANTS_HZ = (3500.0, 4500.0, 5500.0, 6500.0, 7500.0)
"""Odd quarter-wave resonances of a 17.5 cm tube above the third."""
BANDWIDTHS_HZ = (65.0, 90.0, 140.0, 220.0, 300.0, 400.0, 500.0, 600.0)
TILT_HZ = 2500.0
"""The glottis closes softly: its pulses lose 6 dB per octave more from here on (Klatt's TL)."""
NASAL_BANDWIDTH = 2.5
"""Factor on the bandwidths of a nasal: the soft walls of the nose take energy."""
HIGHEST_HZ = 7600.0

JITTER_S, DRIFT_S, DRIFT = 0.010, 0.150, 0.012
"""Time scales of the fast and the slow random changes of f0, and the size of the slow ones."""
HISS_LEVEL = 0.7
BREATH_LEVEL = 0.16
ROOM_NOISE_RMS = 0.0006
PEAK = 0.95
AUDIBLE = 0.05
"""Sum of the source levels above which a moment counts as spoken."""


def synthesise(phones: tuple[Phone, ...], voice: Voice, num_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Sound of ``phones``: (num_samples,) float32 in [-0.95, 0.95] at 16 kHz, without DC.

    While there is speech, its RMS is ``voice.rms``, less only where a peak would pass 0.95.
    """
    tracks = articulate(phones)
    f0_hz = _f0(phones, tracks, voice, rng)
    source, opening = _glottis(tracks, f0_hz, voice, num_samples)
    breath = (voice.breathiness * _at_samples(tracks, tracks.voice, num_samples)) * opening
    breath += BREATH_LEVEL * _at_samples(tracks, tracks.breath, num_samples)
    source += breath * rng.standard_normal(num_samples)
    wave = _tract(source, tracks, voice.tract_scale)
    wave += HISS_LEVEL * _hiss(tracks, voice.tract_scale, num_samples, rng)
    wave = sosfilt(butter(2, 50, "high", fs=SAMPLE_RATE, output="sos"), wave)
    return _levelled(wave, tracks, voice.rms, rng)


def _f0(phones: tuple[Phone, ...], tracks: Tracks, voice: Voice, rng: np.random.Generator) -> np.ndarray:
    """Fundamental frequency on the grid, in Hz."""
    semitones = voice.f0_range * melody(phones, tracks.times_s, rng)
    noise = rng.standard_normal((2, len(tracks.times_s)))
    jitter = voice.jitter * _smoothed(noise[0], JITTER_S * GRID_HZ)
    drift = DRIFT * _smoothed(noise[1], DRIFT_S * GRID_HZ)
    smooth = gaussian_filter1d(semitones, 0.03 * GRID_HZ, mode="nearest")
    return voice.f0_hz * 2 ** (smooth / 12) * np.exp(jitter + drift)


def _glottis(tracks: Tracks, f0_hz: np.ndarray, voice: Voice, num_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Voice source, and how open the glottis is (breath noise comes in puffs)."""
    fine_s = (np.arange(num_samples * OVERSAMPLING) + 0.5) / (SAMPLE_RATE * OVERSAMPLING)
    cycles = np.cumsum(np.interp(fine_s, tracks.times_s, f0_hz)) / (SAMPLE_RATE * OVERSAMPLING)
    phase = (cycles % 1.0) / voice.open_quotient
    pulses = np.where(phase < 1, 2 * phase - 3 * phase**2, 0.0)
    tilted = sosfilt(butter(1, TILT_HZ, fs=SAMPLE_RATE, output="sos"), resample_poly(pulses, 1, OVERSAMPLING))
    source = tilted * _at_samples(tracks, tracks.voice, num_samples)
    return source, np.where(phase[::OVERSAMPLING] < 1, 1.0, 0.4)


def _tract(source: np.ndarray, tracks: Tracks, tract_scale: float) -> np.ndarray:
    """Shape the source by the moving resonators.

    The source is cut into overlapping Hann windows. Each passes the resonators as they stand at its centre, in
    the frequency domain and with its ringing, and the results are added: filters that cross-fade cannot click.
    """
    num_blocks = -(-len(source) // HOP) + 1
    padded = np.concatenate([np.zeros(HOP), source, np.zeros(num_blocks * HOP - len(source))])
    window = 0.5 - 0.5 * np.cos(np.pi * np.arange(2 * HOP) / HOP)
    wave = np.zeros(num_blocks * HOP + RINGING)
    for first in range(0, num_blocks, 256):
        blocks = np.arange(first, min(first + 256, num_blocks))
        pieces = padded[blocks[:, None] * HOP + np.arange(2 * HOP)] * window
        response = _response(tracks, blocks * HOP / SAMPLE_RATE, tract_scale)
        shaped = np.fft.irfft(np.fft.rfft(pieces, RINGING) * response, RINGING)
        for block, piece in zip(blocks, shaped, strict=True):
            wave[block * HOP : block * HOP + RINGING] += piece
    return wave[HOP : HOP + len(source)]


def _response(tracks: Tracks, times_s: np.ndarray, tract_scale: float) -> np.ndarray:
    """Frequency response of the cascade at each time: (N, RINGING / 2 + 1) complex, unit gain at 0 Hz.

    A resonator of frequency f and bandwidth w is y = a x + b y[-1] + c y[-2] with c = -exp(-2 pi w T),
    b = 2 exp(-pi w T) cos(2 pi f T) and a = 1 - b - c (Klatt 1980).
    """
    lower = np.stack([np.interp(times_s, tracks.times_s, track) for track in tracks.formants.T])
    upper = np.repeat(np.array(HIGHER_FORMANTS_HZ)[:, None], len(times_s), axis=1)
    frequencies = np.concatenate([lower, upper]) * tract_scale
    widening = 1 + (NASAL_BANDWIDTH - 1) * np.interp(times_s, tracks.times_s, tracks.nasal)
    delay = np.exp(-2j * np.pi * np.arange(RINGING // 2 + 1) / RINGING)
    response = np.ones((len(times_s), len(delay)), dtype=complex)
    for frequency, bandwidth in zip(frequencies, BANDWIDTHS_HZ, strict=True):
        if frequency.max() > HIGHEST_HZ:
            break
        radius = np.exp(-np.pi * bandwidth * widening / SAMPLE_RATE)
        b = 2 * radius * np.cos(2 * np.pi * frequency / SAMPLE_RATE)
        c = -(radius**2)
        response *= (1 - b - c)[:, None]
        response /= 1 - b[:, None] * delay - c[:, None] * delay**2
    return response


def _hiss(tracks: Tracks, tract_scale: float, num_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Noise of the constrictions: one band-passed noise per place, each with its own level track."""
    total = np.zeros(num_samples)
    for band, (low_hz, high_hz) in NOISE_BANDS.items():
        noise = rng.standard_normal(num_samples)
        level = tracks.hiss[band]
        if not level.any():
            continue
        edges = np.minimum([low_hz * tract_scale, high_hz * tract_scale], [0.8 * HIGHEST_HZ, 7900.0])
        shaped = sosfilt(butter(2, edges, "band", fs=SAMPLE_RATE, output="sos"), noise)
        total += _unit(shaped) * _at_samples(tracks, level, num_samples)
    return total


def _levelled(wave: np.ndarray, tracks: Tracks, rms: float, rng: np.random.Generator) -> np.ndarray:
    """Bring the spoken part to ``rms``, or its peak to ``PEAK`` if that is less, and add a room's faint noise."""
    level = _at_samples(tracks, tracks.voice + tracks.breath + sum(tracks.hiss.values()), len(wave))
    spoken = wave[level > AUDIBLE]
    gain = min(rms / np.sqrt(np.mean(spoken**2)), PEAK / np.abs(wave).max()) if spoken.size else 0.0
    noisy = gain * wave + ROOM_NOISE_RMS * rng.standard_normal(len(wave))
    return np.clip(noisy, -PEAK, PEAK).astype(np.float32)


def _at_samples(tracks: Tracks, values: np.ndarray, num_samples: int) -> np.ndarray:
    return np.interp((np.arange(num_samples) + 0.5) / SAMPLE_RATE, tracks.times_s, values)


def _smoothed(noise: np.ndarray, sigma: float) -> np.ndarray:
    """White noise smoothed over ``sigma`` steps, again with deviation 1 (by theory, so that short takes work too)."""
    return gaussian_filter1d(noise, sigma) * np.sqrt(2 * np.sqrt(np.pi) * sigma)


def _unit(values: np.ndarray) -> np.ndarray:
    return values / values.std()
