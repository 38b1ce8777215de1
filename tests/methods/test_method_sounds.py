"""What PC-AVS and EAMM hear, against other libraries on synthetic and real speech."""

import numpy as np
import pytest
import python_speech_features
import scipy.signal
from transformers.audio_utils import mel_filter_bank

from benchmarks.methods import pc_avs_sound, speech_cepstra
from benchmarks.methods.slaney_mel import slaney_filters
from speak.media.audio import read_audio


def chirps(seconds: float) -> np.ndarray:
    time = np.arange(round(seconds * 16_000)) / 16_000
    sound = np.sin(2 * np.pi * (200 * time + 900 * time**2)) * np.abs(np.sin(9 * time)) ** 2
    return (0.3 * sound + 0.01 * np.random.default_rng(0).standard_normal(len(time))).astype(np.float32)


@pytest.fixture(scope="module")
def real(realdata) -> np.ndarray:
    return read_audio(realdata / "separate_audio/voxceleb2_id04570_zsnG6eKzOGE_00410.wav")


@pytest.mark.parametrize(("low", "high", "fft"), [(125.0, 7600.0, 1280), (55.0, 7600.0, 800), (0.0, 8000.0, 512)])
def test_slaney_filters_are_those_of_transformers(low, high, fft):
    options = {"sampling_rate": 16_000, "norm": "slaney", "mel_scale": "slaney"}
    wanted = mel_filter_bank(fft // 2 + 1, 80, low, high, **options).T
    np.testing.assert_allclose(slaney_filters(80, fft, 16_000, low, high), wanted, atol=1e-12)


def pc_avs_by_scipy(audio):
    """scipy's short-time transform, centred on its windows: row m is centred at sample 160 m - 480."""
    audio = np.float64(audio) * 0.1 / np.sqrt(np.mean(np.float64(audio) ** 2))
    arch = 0.5 * scipy.signal.windows.cosine(1280)
    transform = scipy.signal.ShortTimeFFT(arch, 160, 16_000, fft_mode="onesided", phase_shift=None)
    count = 7 + -(-len(audio) // 160)
    columns = transform.stft(np.pad(audio, (640 + 480, 2000)), p0=4, p1=4 + count)
    options = {"sampling_rate": 16_000, "norm": "slaney", "mel_scale": "slaney"}
    mel = np.abs(columns).T @ mel_filter_bank(641, 80, 125.0, 7600.0, **options)
    return np.clip((20 * np.log10(np.maximum(mel, 1e-5)) - 20 + 100) / 100, 0, 1)


@pytest.mark.parametrize("samples", [16_000, 15_999, 16_001, 5_000])
def test_pc_avs_spectrogram(samples):
    audio = chirps(2)[:samples]
    found = pc_avs_sound.spectrogram(audio)
    assert found.shape == (7 + -(-samples // 160), 80)
    np.testing.assert_allclose(found, pc_avs_by_scipy(audio), atol=1e-4)
    assert found.std() > 0.05 and found.max() < 1


def test_pc_avs_spectrogram_of_real_speech(real):
    np.testing.assert_allclose(pc_avs_sound.spectrogram(real), pc_avs_by_scipy(real), atol=1e-4)


def test_pc_avs_sound_does_not_depend_on_loudness():
    audio = chirps(1)
    np.testing.assert_allclose(pc_avs_sound.spectrogram(audio / 20), pc_avs_sound.spectrogram(audio), atol=1e-5)


def test_pc_avs_a_click_is_heard_in_the_rows_that_cover_it():
    """Row m covers samples 160 m - 1120 to 160 m + 159, so a click at sample 4000 is in rows 25 to 32."""
    audio = np.zeros(8000)
    audio[4000] = 1
    rows = pc_avs_sound.spectrogram(audio)
    assert np.flatnonzero(rows.max(axis=1) > 0).tolist() == list(range(25, 33))


def test_pc_avs_windows():
    rows = np.arange(43 * 80, dtype=np.float32).reshape(43, 80)
    found = pc_avs_sound.windows(rows)
    assert found.shape == (6, 1, 80, 20)
    for index in range(6):
        np.testing.assert_array_equal(found[index, 0].T, rows[4 * index : 4 * index + 20])


@pytest.mark.parametrize("samples", [0, 1, 800, 4800])
def test_short_sounds_give_at_least_one_window(samples):
    audio = chirps(1)[:samples]
    heard = pc_avs_sound.windows(pc_avs_sound.spectrogram(audio)), speech_cepstra.windows(audio)
    assert all(len(windows) >= 1 and np.isfinite(windows).all() for windows in heard)


@pytest.mark.parametrize("samples", [200, 400, 401, 16_000, 23_457])
def test_cepstra_are_those_of_python_speech_features(samples):
    audio = chirps(2)[:samples].astype(np.float64)
    np.testing.assert_allclose(speech_cepstra.cepstra(audio), python_speech_features.mfcc(audio), atol=1e-8)


def test_cepstra_of_silence_are_finite():
    silence = np.zeros(2000)
    np.testing.assert_allclose(speech_cepstra.cepstra(silence), python_speech_features.mfcc(silence), atol=1e-8)


def cepstra_by_library(audio):
    """Windows of ``python_speech_features``, frame by frame: rows 4 (i - 3) to 4 (i + 4) for i = 3, 4, ..."""
    quiet = np.zeros(1920)
    rows = python_speech_features.mfcc(np.concatenate([quiet, np.float64(audio), quiet]), 16_000, winstep=0.01)
    frames, index = [], 3
    while index <= len(rows) // 4 - 4:
        frames.append(rows[4 * (index - 3) : 4 * (index + 4), 1:])
        index += 1
    return np.array(frames)


@pytest.mark.parametrize("samples", [16_000, 16_100, 20_480, 900])
def test_cepstra_windows(samples):
    audio = chirps(2)[:samples]
    found = speech_cepstra.windows(audio)
    wanted = cepstra_by_library(audio)
    assert len(wanted) in ((samples * 25) // 16_000, (samples * 25) // 16_000 - 1)
    np.testing.assert_allclose(found[: len(wanted)], wanted, atol=1e-4)


def test_cepstra_windows_of_real_speech(real):
    np.testing.assert_allclose(speech_cepstra.windows(real), cepstra_by_library(real), atol=1e-4)


def test_number_of_windows_of_the_golden_recording():
    """ATVG's sample recording of 26.0 s gave 649 frames."""
    assert len(speech_cepstra.windows(np.zeros(26 * 16_000))) == 649
