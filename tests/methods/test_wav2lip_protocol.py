"""Wav2Lip's sound against scipy and transformers, its pictures by hand, its adapter with networks of known answers."""

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from transformers.audio_utils import mel_filter_bank

from benchmarks.methods import wav2lip, wav2lip_network
from benchmarks.methods.method import CannotMake
from benchmarks.methods.wav2lip_audio import mel, windows
from benchmarks.protocol import Request
from speak.errors import UserError
from speak.media.audio import read_audio

RANDOM = np.random.default_rng(0)


def chirp(seconds: float) -> np.ndarray:
    time = np.arange(round(seconds * 16_000)) / 16_000
    return (0.3 * np.sin(2 * np.pi * (150 * time + 1500 * time**2)) * np.abs(np.sin(7 * time))).astype(np.float32)


def mel_by_libraries(audio: np.ndarray) -> np.ndarray:
    """Pre-emphasis as a filter, scipy's transform of the sound mirrored at its ends, transformers' bands."""
    sound = scipy.signal.lfilter([1, -0.97], [1], np.float64(audio))
    mirrored = np.concatenate([sound[400:0:-1], sound, sound[-2:-402:-1]])
    transform = scipy.signal.ShortTimeFFT(
        scipy.signal.windows.hann(800, sym=False), 200, 16_000, fft_mode="onesided", phase_shift=None
    )
    count = 1 + len(sound) // 200
    columns = np.abs(transform.stft(mirrored, p0=2, p1=2 + count))
    options = {"sampling_rate": 16_000, "norm": "slaney", "mel_scale": "slaney"}
    bands = mel_filter_bank(401, 80, 55.0, 7600.0, **options).T @ columns
    decibels = 20 * np.log10(np.maximum(1e-5, bands)) - 20
    return np.clip(8 * (decibels + 100) / 100 - 4, -4, 4)


@pytest.mark.parametrize("samples", [16_000, 15_999, 4800, 3210])
def test_mel(samples):
    audio = chirp(2)[:samples]
    found = mel(audio)
    assert found.shape == (80, 1 + samples // 200)
    np.testing.assert_allclose(found, mel_by_libraries(audio), atol=1e-4)
    assert found.std() > 0.5


def test_mel_of_real_speech(realdata):
    audio = read_audio(realdata / "separate_audio/voxceleb2_id04570_zsnG6eKzOGE_00410.wav")
    np.testing.assert_allclose(mel(audio), mel_by_libraries(audio), atol=1e-4)


def test_silence_is_the_lowest_value():
    assert (mel(np.zeros(4000)) == -4).all()


@given(columns=st.integers(16, 400), fps=st.sampled_from([25.0, 24.0, 29.97, 30.0, 60.0]))
def test_windows_follow_the_frames(columns, fps):
    spectrogram = np.broadcast_to(np.arange(columns, dtype=np.float32), (80, columns))
    starts = windows(spectrogram, fps)[:, 0, 0, 0].astype(int).tolist()
    expected, frame = [], 0
    while True:
        start = int(frame * 80 / fps)
        if start + 16 > columns:
            expected.append(columns - 16)
            break
        expected.append(start)
        frame += 1
    assert starts == expected


def test_too_short_a_sound_is_one_line():
    with pytest.raises(UserError, match="too short for Wav2Lip: 13 mel columns, 16 are needed"):
        windows(mel(chirp(0.15)), 25.0)


def test_boxes_are_smoothed_in_place():
    lefts = np.array([0, 10, 20, 30, 40, 50, 61])
    boxes = np.stack([lefts, lefts, lefts + 50, lefts + 60], axis=1)
    # means of 0-40, 10-50 and 20-61 (40.2); then of the last five, the first of which is smoothed by now: 40, 30, ...
    assert wav2lip.smoothed_boxes(boxes)[:, 0].tolist() == [20, 30, 40, 44, 47, 48, 48]
    assert boxes[0, 0] == 0, "a new array"


def test_boxes_reach_below_the_chin_and_stay_in_the_frame():
    points = np.array([[[30.9, 40.2, 0], [90.1, 99.7, 5]], [[-4.0, 10.0, 0], [120.0, 95.0, 0]]])
    assert wav2lip.padded_boxes(points, (100, 110)).tolist() == [[30, 40, 90, 100], [0, 10, 110, 100]]
    with pytest.raises(UserError, match="outside its frame"):
        wav2lip.padded_boxes(points + 500, (100, 110))


def test_network_input_is_bgr_and_masked():
    crops = RANDOM.integers(0, 256, (2, 96, 96, 3), np.uint8)
    faces = wav2lip.network_input(crops)
    assert faces.dtype == np.float32 and (faces[:, :3, 48:] == 0).all()
    np.testing.assert_allclose(faces[1, 3, 70, 5], crops[1, 70, 5, 2] / 255)
    np.testing.assert_allclose(faces[1, 2, 20, 5], crops[1, 20, 5, 0] / 255)
    np.testing.assert_array_equal(faces[:, :3, :48], faces[:, 3:, :48])


class Echo(nn.Module):
    """Returns the reference face, brighter by a hundredth of the first mel value of the window."""

    def forward(self, audio: torch.Tensor, faces: torch.Tensor) -> torch.Tensor:
        return (faces[:, 3:] + audio[:, :, :1, :1] / 100).clamp(0, 1)


def request(**changes) -> Request:
    landmarks = RANDOM.uniform([80, 90, -10], [160, 160, 10], (478, 3)).astype(np.float32)
    landmarks[:2, :2] = [[72, 80], [168, 166]]  # the padded box is 96 x 96: no resizing
    values = {
        "clip_id": "clip", "identity_frame": RANDOM.integers(20, 200, (256, 256, 3), np.uint8),
        "identity_landmarks": landmarks, "audio": chirp(2), "num_frames": 60, "fps": 30.0,
        "reference_frames": np.zeros((60, 256, 256, 3), np.uint8), "reference_landmarks": np.zeros((60, 478, 3)),
    }  # fmt: skip
    return Request(**values | changes)


def test_the_face_is_laid_back_where_it_was():
    asked = request(audio=np.zeros(32_000))  # mel value -4: darker by 0.04
    made = wav2lip.Wav2Lip(Echo()).generate(asked)
    assert made.shape == (60, 256, 256, 3) and made.dtype == np.uint8
    expected = asked.identity_frame.astype(float)
    expected[80:176, 72:168] -= 0.04 * 255
    assert np.abs(made[0] - expected.clip(0)).max() <= 1
    assert (made == made[0]).all()


def test_frames_at_25_a_second_are_shown_at_30():
    shown = (
        wav2lip.Wav2Lip(Echo())
        .generate(request(audio=0.1 * RANDOM.standard_normal(32_000)))[:, 100:120, 100:120]
        .mean((1, 2, 3))
    )
    changes = np.flatnonzero(np.diff(shown))
    assert len(changes) > 5
    # frame 6 k + 1 of 30 shows the same as frame 6 k, as int(25 / 30 (6 k + 1)) = 5 k
    assert not set(changes) & set(range(0, 60, 6))


def test_a_tiny_network_makes_a_clip():
    made = wav2lip.Wav2Lip(wav2lip_network.Wav2Lip(16)).generate(request(num_frames=9))
    assert made.shape == (9, 256, 256, 3)


@pytest.mark.parametrize("samples", [1, 100, 2999, 3000])
def test_a_sound_shorter_than_a_window_is_followed_by_silence(samples):
    seen = []
    network = nn.Module()
    network.forward = lambda audio, faces: seen.append(audio) or faces[:, 3:]
    made = wav2lip.Wav2Lip(network).generate(request(audio=chirp(1)[:samples], num_frames=2))
    assert len(made) == 2
    whole = np.concatenate([chirp(1)[:samples], np.zeros(3000 - samples)])
    np.testing.assert_allclose(seen[0][0, 0], mel(whole)[:, :16], atol=1e-6)


def test_mistakes_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("SPEAK_CACHE", str(tmp_path))
    with pytest.raises(UserError, match="clip: Wav2Lip found no face"):
        wav2lip.Wav2Lip(Echo()).generate(request(identity_landmarks=np.full((478, 3), np.nan)))
    with pytest.raises(UserError, match=r"wav2lip/0/checkpoint\.pt: no such checkpoint; train it first"):
        wav2lip.Wav2Lip.load(tmp_path, 0)
    away = request().identity_landmarks + 500
    with pytest.raises(CannotMake, match="clip: Wav2Lip: a face lies outside its frame"):
        wav2lip.Wav2Lip(Echo()).generate(request(identity_landmarks=away))
    with pytest.raises(UserError, match="speak weights fetch wav2lip_generator"):
        wav2lip.Wav2Lip.official()
