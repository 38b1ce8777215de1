import numpy as np
import pytest
from scipy.signal import stft

from speak.media import mel


def test_a_tone_lands_in_its_band():
    centres = mel._hertz(np.linspace(mel._mel(mel.LOW_HZ), mel._mel(mel.HIGH_HZ), 42))[1:-1]
    times = np.arange(16_000) / 16_000
    for band in (5, 15, 25, 35):
        spectrum = mel.log_mel(0.5 * np.sin(2 * np.pi * centres[band] * times).astype(np.float32), 40)
        assert spectrum.shape == (100, 40) and spectrum.dtype == np.float32
        assert (spectrum[5:-5].argmax(axis=1) == band).all()


def test_equals_scipy_stft_through_the_same_filters():
    audio = np.random.default_rng(0).normal(size=8000).astype(np.float32) * 0.1
    _, _, spectrum = stft(
        np.pad(audio, (120, 520)),
        fs=16_000,
        window="hann",
        nperseg=400,
        noverlap=240,
        nfft=512,
        boundary=None,
        padded=False,
    )
    expected = np.log(np.maximum(np.abs(spectrum.T[:50]) @ mel.mel_filters(30).T, mel.FLOOR))
    assert np.allclose(mel.log_mel(audio, 30), expected, atol=1e-4)


def test_frame_k_is_centred_on_its_ten_milliseconds():
    audio = np.zeros(16_000, np.float32)
    audio[50 * 160 : 51 * 160] = np.random.default_rng(0).normal(size=160)
    energy = mel.log_mel(audio, 40).mean(axis=1)
    assert energy.argmax() == 50 and energy[49] == pytest.approx(energy[51], abs=1.5)
    assert np.allclose(energy[:48], np.log(mel.FLOOR)) and np.allclose(energy[53:], np.log(mel.FLOOR))


def test_filters_cover_the_range_without_holes():
    filters = mel.mel_filters(40)
    inside = filters.sum(axis=0)[4:230]
    assert filters.min() >= 0 and (inside > 0.3).all() and (inside < 1.01).all()


def test_windows_beyond_the_clip_are_silence():
    frames = np.ones((10, 3), np.float32)
    cut = mel.windows(frames, np.array([-2, 4, 8]), 4)
    silence = np.float32(np.log(mel.FLOOR))
    assert cut.shape == (3, 4, 3) and (cut[1] == 1).all()
    assert (cut[0, :2] == silence).all() and (cut[0, 2:] == 1).all() and (cut[2, 2:] == silence).all()
