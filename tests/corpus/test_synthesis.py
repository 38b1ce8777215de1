"""Single sounds against measurements that share no code with the synthesiser: linear prediction, spectra."""

import numpy as np
import pytest
from scipy.linalg import solve_toeplitz
from scipy.signal import welch

from speak.corpus.phones import SILENCE, VOWELS, Phone
from speak.corpus.synthesis import SAMPLE_RATE, synthesise
from speak.corpus.voice import voice_for


def hold(symbol: str, voice, seconds: float = 0.5, seed: int = 0) -> np.ndarray:
    """The middle of a sound held for ``seconds`` between two silences."""
    phones = (
        Phone(SILENCE, 0.0, 0.2),
        Phone(symbol, 0.2, 0.2 + seconds),
        Phone(SILENCE, 0.2 + seconds, 0.4 + seconds),
    )
    wave = synthesise(phones, voice, round((0.4 + seconds) * SAMPLE_RATE), np.random.default_rng(seed))
    return wave[round(0.3 * SAMPLE_RATE) : round((0.1 + seconds) * SAMPLE_RATE)]


def formants(wave: np.ndarray, order: int = 18) -> np.ndarray:
    """Resonances in Hz by linear prediction (autocorrelation method, pre-emphasis 0.97)."""
    signal = np.append(wave[0], wave[1:] - 0.97 * wave[:-1]) * np.hamming(len(wave))
    correlation = np.correlate(signal, signal, "full")[len(signal) - 1 : len(signal) + order]
    predictor = solve_toeplitz(correlation[:-1], correlation[1:])
    poles = np.roots(np.append(1, -predictor))
    poles = poles[poles.imag > 0]
    frequency = np.angle(poles) * SAMPLE_RATE / (2 * np.pi)
    bandwidth = -np.log(np.abs(poles)) * SAMPLE_RATE / np.pi
    return np.sort(frequency[(frequency > 150) & (bandwidth < 500)])


def share_above(wave: np.ndarray, hz: float) -> float:
    frequency, power = welch(wave, SAMPLE_RATE, nperseg=512)
    return power[frequency >= hz].sum() / power.sum()


def periodicity(wave: np.ndarray) -> float:
    """Highest autocorrelation at a lag between 1/300 s and 1/70 s, over the first 80 ms."""
    wave = wave[: round(0.08 * SAMPLE_RATE)]
    correlation = np.correlate(wave, wave, "full")[len(wave) - 1 :]
    return correlation[SAMPLE_RATE // 300 : SAMPLE_RATE // 70].max() / correlation[0]


@pytest.mark.parametrize("sex", ["male", "female"])
@pytest.mark.parametrize("symbol", VOWELS)
def test_vowels_resonate_at_their_formants(symbol, sex):
    voice = voice_for(3, sex)
    measured = formants(hold(symbol, voice))
    for target in np.array(VOWELS[symbol].formants[:2]) * voice.tract_scale:
        # Linear prediction is drawn to the nearest harmonic, at most half the pitch away.
        nearest = np.abs(measured - target).min()
        assert nearest < max(0.08 * target, 0.5 * voice.f0_hz), (target, measured)


def test_voiced_sounds_are_periodic_and_unvoiced_are_not():
    voice = voice_for(3, "male")
    assert min(periodicity(hold(symbol, voice)) for symbol in ("AA", "IY", "M", "L", "V")) > 0.6
    assert max(periodicity(hold(symbol, voice)) for symbol in ("S", "SH", "F", "HH")) < 0.4


def test_fricatives_hiss_in_their_bands():
    voice = voice_for(3, "male")
    s, sh, vowel = (hold(symbol, voice) for symbol in ("S", "SH", "AA"))
    assert share_above(s, 4000) > 0.8
    assert share_above(sh, 2000) > 0.8 and share_above(sh, 5500) < 0.5
    assert share_above(vowel, 4000) < 0.05


def test_a_moving_tract_does_not_click():
    """From one extreme vowel to the other, no step is sharper than those of the vowels themselves."""
    voice = voice_for(3, "male")
    phones = (
        Phone(SILENCE, 0.0, 0.1),
        Phone("AA", 0.1, 0.5),
        Phone("IY", 0.5, 0.9),
        Phone(SILENCE, 0.9, 1.0),
    )
    wave = synthesise(phones, voice, SAMPLE_RATE, np.random.default_rng(0))
    bend = np.abs(np.diff(wave, 3))
    assert bend[round(0.4 * SAMPLE_RATE) : round(0.6 * SAMPLE_RATE)].max() < 1.5 * max(
        bend[round(0.2 * SAMPLE_RATE) : round(0.4 * SAMPLE_RATE)].max(),
        bend[round(0.6 * SAMPLE_RATE) : round(0.8 * SAMPLE_RATE)].max(),
    )
