"""The official SyncNet's windows, sound and search against syncnet-python's own code, with random weights."""

import importlib
import types
import warnings

import cv2
import numpy as np
import pytest
import torch
from drawn_clips import drawn_arrays
from scipy.io import wavfile

from benchmarks.judges import official_sync
from benchmarks.judges.official_sync import OfficialSync, face_crops, window_count
from benchmarks.methods.syncnet_network import syncnet
from speak.errors import UserError
from speak.metrics.sync_conf import sync_confidence


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Seeded random weights whose batch statistics are not the neutral ones."""
    torch.manual_seed(5)
    network = syncnet()
    for name, tensor in network.state_dict().items():
        if name.endswith("running_mean"):
            tensor.normal_(0, 0.1)
        elif name.endswith("running_var"):
            tensor.uniform_(0.5, 2)
    path = tmp_path_factory.mktemp("weights") / "random.pt"
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def judge(weights):
    return OfficialSync(weights)


def published(weights, folder, crops, audio):
    """What syncnet-python makes of crops and 16-bit sound: offset, confidence, least distance."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            theirs = importlib.import_module("syncnet_python.SyncNetInstance")
        except ImportError as error:
            pytest.skip(f"syncnet-python cannot be imported: {error}")
    for index, crop in enumerate(crops):  # lossless pictures under the name that it looks for
        content = cv2.imencode(".png", np.ascontiguousarray(crop[..., ::-1]))[1].tobytes()
        (folder / f"{index:06d}.jpg").write_bytes(content)
    wavfile.write(folder / "audio.wav", 16_000, np.rint(audio * 32768).astype(np.int16))
    instance = theirs.SyncNetInstance(syncnet(), device="cpu")
    instance.loadParameters(weights)
    return instance.evaluate(types.SimpleNamespace(tmp_dir=str(folder), batch_size=7, vshift=15))


def test_equals_the_published_code(judge, weights, tmp_path):
    frames, _, audio = drawn_arrays(1, num_frames=30)
    audio = np.rint(audio[: 24 * 640] * 32768).clip(-32768, 32767) / 32768
    crops = np.stack([cv2.resize(frame, (224, 224)) for frame in frames[:24]])
    count = window_count(len(crops), audio)
    video, sound = judge.embed_crops(crops, count), judge.embed_sound(audio, count)
    confidence, distance, offset = sync_confidence(video, sound)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", lambda *_: None)
        wanted = published(weights, tmp_path, crops, audio)
    assert count == 19 and offset == wanted[0]
    assert confidence == pytest.approx(wanted[1], abs=1e-4)
    assert distance == pytest.approx(wanted[2], abs=1e-4)


def test_a_clip_at_30_fps(judge, monkeypatch):
    """Frames are taken at 25 a second, windows without a face are NaN, sound and picture have as many rows."""
    frames, landmarks, audio = drawn_arrays(2, num_frames=36)
    landmarks[18:] = np.nan
    shown = []
    monkeypatch.setattr(judge, "embed_crops", lambda crops, count: shown.append(crops) or np.ones((count, 1024)))
    monkeypatch.setattr(judge, "embed_sound", lambda _audio, count: np.ones((count, 1024)))
    video, sound = judge.embed(frames, audio, landmarks, fps=30.0)
    assert shown[0].shape == (30, 224, 224, 3) and video.shape == sound.shape == (25, 1024)
    assert np.isfinite(video[:13]).all() and np.isnan(video[13:]).all()  # frame 15 at 25 fps is the first without
    assert judge.embed(frames[:5], audio, landmarks[:5])[0].shape == (0, 1024)
    assert np.isnan(judge.embed(frames, audio, np.full_like(landmarks, np.nan))[0]).all()


def test_the_crop_is_the_published_one():
    """A box of 80 wide and 100 high around (120, 110): half is 50, so 60 to 200 down and 50 to 190 across."""
    frames = np.random.default_rng(0).integers(0, 256, (3, 256, 256, 3), dtype=np.uint8)
    landmarks = np.full((3, 478, 3), 110.0)
    landmarks[:, :, 0] = 120.0
    landmarks[:, 0, :2], landmarks[:, 1, :2] = (80, 60), (160, 160)
    np.testing.assert_array_equal(face_crops(frames, landmarks)[1], cv2.resize(frames[1, 60:200, 50:190], (224, 224)))
    landmarks[..., 0] += 110  # half of the crop now lies beside the picture
    assert (face_crops(frames, landmarks)[0][:, 200:] == official_sync.GREY).all()


def test_the_box_is_smoothed_over_time():
    frames = np.zeros((20, 256, 256, 3), np.uint8)
    frames[:, 100:140, 100:140] = 255
    landmarks = np.tile(np.array([[[90.0, 90, 0], [150, 150, 0]]]), (20, 239, 1))
    jumpy = landmarks.copy()
    jumpy[9] += 40
    np.testing.assert_array_equal(face_crops(frames, landmarks), face_crops(frames, jumpy))


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(UserError, match="speak weights fetch syncnet_s"):
        OfficialSync(tmp_path / "syncnet_v2.model")
