"""ATVG's pictures, landmarks and levels by hand, and its adapter with networks of known answers.

Its sound is that of ``speech_cepstra``, tested where that is.
"""

import shutil

import numpy as np
import pytest
import python_speech_features
import scipy.spatial
import torch
from torch import nn

from benchmarks.methods import atvg, speech_cepstra
from benchmarks.methods.atvg_network import AtNet, VgNet
from benchmarks.protocol import Request
from speak.errors import UserError
from speak.faces.points68 import POINTS

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def data() -> atvg.AtvgArrays:
    """Arrays of the authors' shapes and ranges, drawn here."""
    random = np.random.default_rng(1)
    return atvg.AtvgArrays(
        mean=random.uniform(-1, 1, 136),
        basis=np.linalg.qr(random.standard_normal((136, 6)))[0],
        template=random.integers(30, 130, (68, 2)).astype(np.float64),
        identity=random.uniform(-0.2, 0.2, (68, 2)),
    )


def landmarks_of(points: np.ndarray) -> np.ndarray:
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[list(POINTS), :2] = points
    return landmarks


class Landmarks(nn.Module):
    """Answers the coefficients of frame k: all k / 10."""

    def forward(self, example: torch.Tensor, audio: torch.Tensor) -> torch.Tensor:
        return (torch.arange(audio.shape[1]) / 10)[None, :, None].expand(1, -1, 6)


class Pictures(nn.Module):
    """Keeps what it is given and answers the picture."""

    def forward(self, image: torch.Tensor, landmarks: torch.Tensor, example: torch.Tensor) -> tuple[torch.Tensor]:
        self.image, self.example = image, example
        self.landmarks = torch.cat([*getattr(self, "landmarks", torch.empty(1, 0, 136)).split(1), landmarks], 1)
        return (image[:, None].expand(-1, landmarks.shape[1], -1, -1, -1),)


def request(points: np.ndarray, **changes) -> Request:
    smooth = np.linspace(30, 220, 256)[:, None, None] + np.linspace(-20, 20, 256)[None, :, None] + np.array([0, 5, 10])
    values = {
        "clip_id": "clip", "identity_frame": smooth.astype(np.uint8), "identity_landmarks": landmarks_of(points),
        "audio": 0.1 * RANDOM.standard_normal(32_000), "num_frames": 58, "fps": 30.0,
        "reference_frames": np.zeros((1, 256, 256, 3), np.uint8), "reference_landmarks": np.zeros((1, 478, 3)),
    }  # fmt: skip
    return Request(**values | changes)


def test_the_authors_arrays_are_assets(shared, tmp_path, monkeypatch):
    monkeypatch.setenv("SPEAK_CACHE", str(tmp_path))
    for path in (shared / "baselines/data").glob("atvg_*.npy"):
        shutil.copy(path, tmp_path)
    data = atvg.arrays()
    assert data.mean.shape == (136,) and data.template.shape == (68, 2)
    np.testing.assert_allclose(data.basis.T @ data.basis, np.eye(6), atol=1e-12)
    # what six coefficients leave over is small: the identity lies in the space of the landmarks
    rest = np.abs(atvg.landmarks(atvg.identity_coefficients(data), data) - data.identity.ravel() * 5)
    assert rest.max() < 0.2 * np.abs(data.identity * 5).max()


def test_landmarks_of_coefficients(data):
    expected = data.mean + sum(weight * data.basis[:, index] for index, weight in enumerate([1, 2, 3, 4, 5, 6]))
    np.testing.assert_allclose(atvg.landmarks(np.array([1, 2, 3, 4, 5, 6]), data), expected)
    assert expected.shape == (136,)


def test_coefficients_of_the_identity_are_its_projection(data):
    found = atvg.identity_coefficients(data)
    wanted, *_ = np.linalg.lstsq(data.basis, data.identity.ravel() * 5 - data.mean, rcond=None)
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_a_face_on_the_template_is_cut_out_as_it_is(data):
    frame = RANDOM.integers(0, 256, (256, 256, 3), np.uint8)
    to_frame = atvg.alignment(landmarks_of(data.template), data.template)
    assert np.abs(atvg.aligned(frame, to_frame).astype(int) - frame[1:129, 1:129]).max() <= 1


def test_alignment_is_the_least_squares_similarity(data):
    """scipy's Procrustes gives the same residual; a turned, doubled and shifted template is found exactly."""
    turned = 2 * data.template @ np.array([[0.8, 0.6], [-0.6, 0.8]]) + [30, 40]
    matrix = atvg.alignment(landmarks_of(turned), data.template)
    np.testing.assert_allclose(data.template @ matrix[:, :2].T + matrix[:, 2], turned, atol=1e-4)
    noisy = turned + RANDOM.normal(0, 5, turned.shape)
    matrix = atvg.alignment(landmarks_of(noisy), data.template)
    used = np.float32(noisy[27:45]).astype(float)
    ours = ((data.template[27:45] @ matrix[:, :2].T + matrix[:, 2] - used) ** 2).sum()
    _, _, disparity = scipy.spatial.procrustes(used, data.template[27:45])
    np.testing.assert_allclose(ours / ((used - used.mean(0)) ** 2).sum(), disparity, rtol=1e-6)


def test_crop_and_frame_matrices_are_inverse(data):
    to_frame = atvg.alignment(landmarks_of(data.template * 1.5 + 20), data.template)
    back = atvg.to_crop(to_frame)
    crop_pixels = RANDOM.uniform(0, 127, (10, 2))
    in_frame = (crop_pixels + 1) @ to_frame[:, :2].T + to_frame[:, 2]
    np.testing.assert_allclose(in_frame @ back[:, :2].T + back[:, 2], crop_pixels, atol=1e-9)


def test_levels():
    frame = np.array([-0.5, 0.0, 0.5])
    assert atvg.levels(frame, own=True).tolist() == [0, 128, 255]
    assert atvg.levels(frame, own=False).tolist() == [64, 128, 191]
    assert atvg.levels(np.zeros(2), own=True).tolist() == [0, 0]


def test_what_the_networks_are_given_and_where_their_answer_goes(data):
    pictures = Pictures()
    switches = atvg.AtvgSwitches(own_levels=False)
    asked = request(data.template * 1.2 + 40)
    made = atvg.Atvg(Landmarks(), pictures, data, switches).generate(asked)
    assert made.shape == (58, 256, 256, 3)
    assert np.abs(made[0].astype(int) - asked.identity_frame).max() <= 3, "the picture comes back where it was"
    assert pictures.image.min() >= -1 and pictures.image.max() <= 1
    gains = np.array([1, 2.2, 2.4, 2.6, 2.8, 3.0])
    count = len(speech_cepstra.windows(asked.audio))
    assert pictures.landmarks.shape[1] == count == 49
    expected = data.mean + data.basis @ (0.3 * gains)
    np.testing.assert_allclose(pictures.landmarks[0, 3], expected, atol=1e-5)
    projected = data.mean + data.basis @ (data.basis.T @ (data.identity.ravel() * 5 - data.mean))
    np.testing.assert_allclose(pictures.example[0], projected, atol=1e-5)


def test_its_sound_is_that_of_python_speech_features():
    sound = 0.1 * RANDOM.standard_normal(20_000)
    silence = np.zeros(1920)
    rows = python_speech_features.mfcc(np.concatenate([silence, sound, silence]), 16_000, winstep=0.01)
    wanted = [rows[4 * (index - 3) : 4 * (index + 4), 1:] for index in range(3, len(rows) // 4 - 3)]
    np.testing.assert_allclose(speech_cepstra.windows(sound), wanted, atol=1e-4)


@pytest.mark.parametrize("on_canvas", [True, False])
def test_tiny_networks_make_a_clip(data, on_canvas):
    adapter = atvg.Atvg(AtNet(16), VgNet(16), data, atvg.AtvgSwitches(on_canvas=on_canvas))
    made = adapter.generate(request(data.template + 50, num_frames=12, audio=0.1 * RANDOM.standard_normal(4800)))
    assert made.shape == (12, 256, 256, 3) and made.dtype == np.uint8


def test_no_face_is_one_line(data, tmp_path, monkeypatch):
    monkeypatch.setenv("SPEAK_CACHE", str(tmp_path))
    with pytest.raises(UserError, match="clip: ATVG found no face"):
        atvg.Atvg(Landmarks(), Pictures(), data).generate(
            request(data.template, identity_landmarks=np.full((478, 3), np.nan))
        )
    with pytest.raises(UserError, match="speak weights fetch atvg_atnet"):
        atvg.Atvg.official()


def test_weights_of_ours_are_heard_as_they_are(data):
    """The exaggeration and the levels of the demonstration belong to its authors' weights."""
    parts = {"atvg_atnet": Landmarks(), "atvg_vgnet": Pictures()}
    ours, theirs = (atvg.Atvg.made_of(parts, vars(data), official=official) for official in (False, True))
    assert theirs.switches == atvg.AtvgSwitches() and not ours.switches.own_levels
    ours.generate(request(data.template * 1.2 + 40))
    expected = data.mean + data.basis @ np.full(6, 0.3)
    np.testing.assert_allclose(parts["atvg_vgnet"].landmarks[0, 3], expected, atol=1e-5)
