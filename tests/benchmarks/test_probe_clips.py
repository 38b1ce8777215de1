"""Real clips and fresh networks: frames as the encoders take them, and decoded frames as landmarks."""

import dataclasses

import numpy as np
import pytest
import torch
from drawn_clips import drawn_folder
from irfd_parts import irfd_config
from numpy.testing import assert_allclose
from small_configs import loop_of

from benchmarks.examination import DisentanglementConfig, fit_instruments
from benchmarks.instruments import InstrumentConfig
from benchmarks.probe_clips import (
    draw_small,
    examine_checkpoint,
    known_clips,
    picture_frames,
    pictures_of,
    unseen_clips,
)
from benchmarks.probes import ProbeConfig
from benchmarks.statistics import StatisticsConfig
from benchmarks.swaps import SwapConfig
from speak.data.features import read_bank
from speak.data.shards import read_rows
from speak.faces.head_points import USED
from speak.training import checkpoint
from speak.training.irfd import IrfdModel

FRAMES = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    drawn_folder(folder, 6)
    return folder


@pytest.fixture(scope="module")
def ids(folder):
    return [row["clip_id"] for row in read_rows([folder])]


@pytest.fixture(scope="module")
def model(folder, ids):
    torch.manual_seed(0)
    model = IrfdModel(irfd_config())
    bank = read_bank([folder], ids)
    rows = read_rows([folder], ["landmarks"])
    noise = np.random.default_rng(0)
    points = np.concatenate([row["landmarks"][:, USED] for row in rows]).astype(np.float64)
    model.basis.fit(bank.template, points + noise.normal(0, 1, points.shape))
    return model.eval()


def test_small_frames_are_those_of_the_landmarks(model, folder, ids):
    clips = unseen_clips(model, [folder], ids, FRAMES)
    assert [clip.clip_id for clip in clips] == sorted(ids)
    for clip in clips:
        assert clip.frames.shape == (FRAMES, model.basis.config.size) and clip.frames.dtype == np.float32
        drawn = draw_small(model.basis)(torch.from_numpy(clip.frames))
        seen = np.isfinite(drawn[:, :, 0])
        assert seen[:, USED].all() and seen.sum() == FRAMES * len(USED)
        assert_allclose(drawn[:, USED, :2], clip.landmarks[:, USED, :2], atol=6)


def test_the_instruments_clips_need_no_network(folder, ids):
    clips = known_clips([folder], ids[:2], FRAMES)
    assert [clip.frames.size for clip in clips] == [0, 0]
    assert clips[0].landmarks.shape == (FRAMES, 478, 3) and clips[0].pose.shape == (FRAMES, 3)


def test_a_fresh_network_can_be_examined_from_its_checkpoint(tmp_path, model, folder, ids):
    config = irfd_config()
    content = {
        "kind": "irfd",
        "fingerprint": "x",
        "data": "y",
        "config": {"irfd": dataclasses.asdict(config)} | training_fields(),
        "step": 0,
        "model": model.state_dict(),
        "ema": None,
        "optimiser": None,
        "log": [],
    }
    checkpoint.save(tmp_path / "checkpoint.pt", content)
    wanted = DisentanglementConfig(
        frames=FRAMES,
        probe=ProbeConfig(ridge=0.1, shuffles=5, seed=0),
        instruments=InstrumentConfig(ridge=0.3, directions=4),
        swap=SwapConfig(pairs=6, seed=0),
    )
    instruments = fit_instruments(known_clips([folder], ids, FRAMES), wanted.instruments)
    statistics = StatisticsConfig(resamples=50, level=0.95, seed=0, min_scored_share=0.0)
    found = examine_checkpoint(tmp_path / "checkpoint.pt", [folder], ids, instruments, wanted, statistics)
    assert found.persons == 3 and found.drawn == 1.0 and found.leakage["identity"]["identity"].value is not None


def training_fields():
    weights = {"identity": 1.0, "cls": 1.0, "pose": 1.0, "emotion": 1.0, "self": 1.0}
    identity = {"form": "triplet", "margin": 0.5}
    return {
        "weights": weights,
        "identity": identity,
        "shown": "own",
        "factor": None,
        "augment": None,
        "pool": {"clips": 2, "steps": 2, "moments": 2, "stretch": 0, "fps": 30.0},
        "batch": 2,
        "loop": dataclasses.asdict(loop_of(1)),
    }


def test_pictures_survive_the_way_there_and_back():
    frames = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    assert (pictures_of(torch.from_numpy(picture_frames(frames))) == frames).all()
    assert picture_frames(frames).min() >= -1 and picture_frames(frames).max() <= 1
