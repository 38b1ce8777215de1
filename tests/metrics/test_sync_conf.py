"""The offset search: planted offsets, and the published search of the syncnet-python package."""

import importlib
import warnings

import numpy as np
import pytest
from clip_pairs import CONFIG, pair

from speak.inference.offset_search import MAX_OFFSET
from speak.metrics import Judges
from speak.metrics.sync_conf import clip_sync_conf, clip_sync_conf_other, sync_confidence


def embeddings(delay=0, length=60, noise=0.0):
    """Unit vectors; the picture at t shows what is heard at t - delay."""
    rng = np.random.default_rng(3)
    signal = rng.normal(size=(length + 40, 24))
    signal /= np.linalg.norm(signal, axis=1, keepdims=True)
    audio = signal[20 : 20 + length]
    video = signal[20 - delay : 20 - delay + length] + noise * rng.normal(size=(length, 24))
    return video, audio


@pytest.mark.parametrize("delay", [-15, -4, 0, 1, 9, 15])
def test_finds_the_planted_offset(delay):
    confidence, distance, offset = sync_confidence(*embeddings(delay))
    assert offset == delay
    assert confidence > 0.8 and distance < 0.4


def test_by_hand():
    video = np.array([[0.0], [1.0], [2.0]])
    # offsets -1, 0, 1 of the zero-padded audio give mean distances 2/3, 0 and 4/3
    assert sync_confidence(video, video, max_offset=1) == (pytest.approx(2 / 3), 0.0, 0)


def test_noise_lowers_the_confidence():
    values = [sync_confidence(*embeddings(noise=noise))[0] for noise in (0, 0.05, 0.1, 0.3)]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("delay", [-5, 0, 3])
def test_equals_the_published_search(delay):
    torch = pytest.importorskip("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            theirs = importlib.import_module("syncnet_python.SyncNetInstance").calc_pdist
        except ImportError as error:
            pytest.skip(f"syncnet-python cannot be imported: {error}")
    video, audio = embeddings(delay, noise=0.05)
    distances = theirs(torch.tensor(video), torch.tensor(audio), vshift=MAX_OFFSET)
    means = torch.mean(torch.stack(distances, 1), 1)
    least, index = torch.min(means, 0)
    confidence, distance, offset = sync_confidence(video, audio)
    assert confidence == pytest.approx(float(torch.median(means) - least), abs=1e-4)
    assert distance == pytest.approx(float(least), abs=1e-4)
    assert offset == MAX_OFFSET - int(index)


def test_windows_without_a_face_are_left_out():
    video, audio = embeddings(2)
    video[10:20] = np.nan
    confidence, _, offset = sync_confidence(video, audio)
    assert offset == 2 and confidence > 0.8


def test_a_clip_without_network_or_too_short_is_null():
    frames = np.zeros((12, 16, 16, 3), np.uint8)
    assert clip_sync_conf(pair(frames, frames), CONFIG).reason == "no sync network"
    short = pair(frames, frames, judges=Judges(sync=lambda *_: embeddings(length=9)))
    assert clip_sync_conf(short, CONFIG).reason == "9 sync windows with a face, at least 10 needed"
    nothing = pair(frames, frames, judges=Judges(sync=lambda *_: (np.empty((0, 8)), np.empty((0, 8)))))
    assert clip_sync_conf(nothing, CONFIG).value is None
    enough = pair(frames, frames, judges=Judges(sync=lambda *_: embeddings(length=30)))
    assert clip_sync_conf(enough, CONFIG).value == pytest.approx(sync_confidence(*embeddings(length=30))[0])


def test_the_control_hears_the_other_sound():
    frames = np.zeros((30, 16, 16, 3), np.uint8)
    own, other = np.zeros(16000, np.float32), np.ones(16000, np.float32)

    def embed(_frames, audio, _landmarks):
        video, sound = embeddings(length=30)
        return video, sound if audio is own else sound[::-1]

    clip = pair(frames, frames, audio=own, other_audio=other, judges=Judges(sync=embed))
    assert clip_sync_conf(clip, CONFIG).value > 0.5 > clip_sync_conf_other(clip, CONFIG).value
    alone = clip_sync_conf_other(pair(frames, frames, judges=Judges(sync=embed)), CONFIG)
    assert alone.value is None and "another person" in alone.reason
