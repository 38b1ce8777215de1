"""A formant synthesiser after Klatt (1980): sources shaped by resonators.

    glottal pulses + breath noise -> cascade of resonators (the vocal tract) --+
    white noise -> band of the constriction ---------------------------------- + -> 50 Hz high-pass -> level

The glottal source is the derivative of the KLGLOTT88 pulse (Klatt & Klatt 1990): over a cycle's open phase,
x in [0, 1), it is 2x - 3x². It is made at four times the sample rate and decimated, so that it does not alias.
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
BLOCK = 80
"""Samples between two updates of the resonators: 5 ms."""

HIGHER_FORMANTS_HZ = (3500.0, 4500.0, 5500.0, 6500.0, 7500.0)
"""Odd quarter-wave resonances of a 17.5 cm tube above the third."""
BANDWIDTHS_HZ = (65.0, 90.0, 140.0, 220.0, 300.0, 400.0, 500.0, 600.0)
NASAL_BANDWIDTH = 2.5
"""Factor on the bandwidths of a nasal: the soft walls of the nose take energy."""
HIGHEST_HZ = 7600.0

JITTER_S, DRIFT_S, DRIFT = 0.010, 0.150, 0.012
"""Time scales of the fast and the slow random changes of f0, and the size of the slow ones."""
HISS_LEVEL = 1.0
BREATH_LEVEL = 0.35
ROOM_NOISE_RMS = 0.0006
PEAK = 0.95


def synthesise(phones: tuple[Phone, ...], voice: Voice, num_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Sound of ``phones``: (num_samples,) float32 in [-0.95, 0.95] at 16 kHz, without DC, RMS of speech ``voice.rms``."""
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
    jitter = voice.jitter * _unit(gaussian_filter1d(noise[0], JITTER_S * GRID_HZ))
    drift = DRIFT * _unit(gaussian_filter1d(noise[1], DRIFT_S * GRID_HZ))
    smooth = gaussian_filter1d(semitones, 0.03 * GRID_HZ, mode="nearest")
    return voice.f0_hz * 2 ** (smooth / 12) * np.exp(jitter + drift)


def _glottis(tracks: Tracks, f0_hz: np.ndarray, voice: Voice, num_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Voice source, and how open the glottis is (breath noise comes in puffs)."""
    fine_s = (np.arange(num_samples * OVERSAMPLING) + 0.5) / (SAMPLE_RATE * OVERSAMPLING)
    cycles = np.cumsum(np.interp(fine_s, tracks.times_s, f0_hz)) / (SAMPLE_RATE * OVERSAMPLING)
    phase = (cycles % 1.0) / voice.open_quotient
    pulses = np.where(phase < 1, 2 * phase - 3 * phase**2, 0.0)
    source = resample_poly(pulses, 1, OVERSAMPLING) * _at_samples(tracks, tracks.voice, num_samples)
    return source, np.where(phase[::OVERSAMPLING] < 1, 1.0, 0.4)


def _tract(source: np.ndarray, tracks: Tracks, tract_scale: float) -> np.ndarray:
    """Run the source through the resonators, moved every ``BLOCK`` samples."""
    num_blocks = -(-len(source) // BLOCK)
    middle_s = (np.arange(num_blocks) + 0.5) * BLOCK / SAMPLE_RATE
    lower = np.stack([np.interp(middle_s, tracks.times_s, tracks.formants[:, i]) for i in range(3)], axis=1)
    upper = np.broadcast_to(HIGHER_FORMANTS_HZ, (num_blocks, len(HIGHER_FORMANTS_HZ)))
    frequencies = np.concatenate([lower, upper], axis=1) * tract_scale
    frequencies = frequencies[:, frequencies.max(axis=0) < HIGHEST_HZ]
    nasal = np.interp(middle_s, tracks.times_s, tracks.nasal)[:, None]
    bandwidths = np.array(BANDWIDTHS_HZ[: frequencies.shape[1]]) * (1 + (NASAL_BANDWIDTH - 1) * nasal)
    sections = _resonators(frequencies, bandwidths)
    b, c = -sections[:, :, 4], -sections[:, :, 5]
    last = before_last = np.zeros(frequencies.shape[1])
    wave = np.empty_like(source)
    for i in range(num_blocks):
        # What a resonator keeps are its last two outputs. Handing on the filter's own state, which has the old
        # coefficients multiplied in, would click at every move.
        state = np.stack([b[i] * last + c[i] * before_last, c[i] * last], axis=1)
        block = slice(i * BLOCK, (i + 1) * BLOCK)
        wave[block], state = sosfilt(sections[i], source[block], zi=state)
        last = state[:, 1] / c[i]
        before_last = (state[:, 0] - b[i] * last) / c[i]
    return wave


def _resonators(frequencies_hz: np.ndarray, bandwidths_hz: np.ndarray) -> np.ndarray:
    """Second-order sections (N, F, 6) of Klatt's resonator, with unit gain at 0 Hz: y = a x + b y[-1] + c y[-2]."""
    radius = np.exp(-np.pi * bandwidths_hz / SAMPLE_RATE)
    b = 2 * radius * np.cos(2 * np.pi * frequencies_hz / SAMPLE_RATE)
    c = -(radius**2)
    zero, one = np.zeros_like(b), np.ones_like(b)
    return np.stack([one - b - c, zero, zero, one, -b, -c], axis=-1)


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
    """Bring the spoken part to ``rms`` (less if a peak would pass ``PEAK``) and add the faint noise of a room."""
    level = _at_samples(tracks, tracks.voice + tracks.breath + sum(tracks.hiss.values()), len(wave))
    spoken = wave[level > 0.05]
    gain = min(rms / np.sqrt(np.mean(spoken**2)), PEAK / np.abs(wave).max())
    noisy = gain * wave + ROOM_NOISE_RMS * rng.standard_normal(len(wave))
    return np.clip(noisy, -PEAK, PEAK).astype(np.float32)


def _at_samples(tracks: Tracks, values: np.ndarray, num_samples: int) -> np.ndarray:
    return np.interp((np.arange(num_samples) + 0.5) / SAMPLE_RATE, tracks.times_s, values)


def _unit(values: np.ndarray) -> np.ndarray:
    return values / values.std()
