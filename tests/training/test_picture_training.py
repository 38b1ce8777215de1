"""IRFD and SPEAK with the paper's parts on pictures of 256 pixels: trained, interrupted, resumed, and let speak."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn_clips import drawn_arrays, drawn_clip
from paper_configs import FRAMES, paper_irfd, paper_speak

from speak.data.pictures import open_pictures
from speak.data.shards import write_shards
from speak.errors import UserError
from speak.inference.talker import BLOCK, Driving, Talker
from speak.losses import perceptual
from speak.losses.perceptual import PerceptualConfig
from speak.training import checkpoint
from speak.training.irfd import IrfdModel, IrfdTask, train_irfd
from speak.training.speak import SpeakModel, SpeakTask, speak_fingerprint, train_speak
from speak.training.speak_pictures import frozen_sync
from speak.training.sync import train_sync
from speak.training.task import Task

pytestmark = pytest.mark.dag


@pytest.fixture(scope="module")
def clips(tmp_path_factory) -> tuple[Path, list[str]]:
    """Four clips of two persons; one of each is happy, level 2."""
    folder = tmp_path_factory.mktemp("clips")
    made = [drawn_clip(f"mead/p{i // 2}/{i}", i, person=f"p{i // 2}") for i in range(4)]
    made = [dataclasses.replace(clip, emotion="happy", level=2) if i % 2 else clip for i, clip in enumerate(made)]
    write_shards(made, folder, 1 << 26)
    return folder, [clip.clip_id for clip in made]


@pytest.fixture(scope="module")
def irfd(clips, tmp_path_factory) -> Path:
    folder, ids = clips
    out = tmp_path_factory.mktemp("irfd")
    figures = train_irfd([folder], ids, paper_irfd(2), out)
    assert figures["clips"] == 4 and figures["persons"] == 2 and np.isfinite(figures["loss"])
    return out / "checkpoint.pt"


@pytest.fixture(scope="module")
def sync(clips, sync_config, tmp_path_factory) -> Path:
    folder, ids = clips
    out = tmp_path_factory.mktemp("sync")
    train_sync([folder], ids, sync_config, out)
    return out / "checkpoint.pt"


def interrupted(train: Callable, out: Path) -> None:
    """Train until the second step is done and not yet kept, then go on."""

    class Killed(Exception):
        pass

    def stop(done: int, log: list) -> None:
        if done == 2:
            raise Killed

    with pytest.raises(Killed):
        train(out, stop)
    train(out)


def same_weights(one: Path, other: Path, kind: str) -> None:
    first, second = (checkpoint.load(path / "checkpoint.pt", kind=kind) for path in (one, other))
    for part in ("model", "ema"):
        assert all(torch.equal(first[part][name], second[part][name]) for name in first[part])
    assert first["log"] == second["log"]


def falls_on_one_batch(task: Task, steps: int) -> list[float]:
    optimiser = torch.optim.Adam(task.model.parameters(), lr=2e-3)
    batch, losses = task.draw(np.random.default_rng([0, 0, 0])), []
    for _ in range(steps):
        torch.manual_seed(0)
        loss, _ = task.loss(batch, np.random.default_rng([0, 0, 1]))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert np.isfinite(losses).all()
    return losses


def test_irfd_resumes_bit_for_bit(clips, tmp_path):
    folder, ids = clips
    train_irfd([folder], ids, paper_irfd(), tmp_path / "whole")
    interrupted(lambda out, *watch: train_irfd([folder], ids, paper_irfd(), out, *watch), tmp_path / "cut")
    same_weights(tmp_path / "whole", tmp_path / "cut", "irfd")


def test_irfd_learns_one_batch(clips):
    folder, ids = clips
    config = dataclasses.replace(paper_irfd(), shown="apart")
    torch.manual_seed(0)
    source, _ = open_pictures([folder], ids, config.pool, 2)
    losses = falls_on_one_batch(IrfdTask(IrfdModel(config.irfd), source, config, ""), 6)
    assert losses[-1] < 0.9 * losses[0]


def test_speak_resumes_and_speaks(clips, irfd, sync, tmp_path):
    folder, ids = clips
    config = paper_speak()

    def train(out, *watch):
        return train_speak([folder], ids, config, out, irfd, sync, *watch)

    figures = train(tmp_path / "whole")
    assert figures["trained_with_metric"] and figures["sync_network"] == 0 and figures["sync"] > 0
    interrupted(train, tmp_path / "cut")
    same_weights(tmp_path / "whole", tmp_path / "cut", "speak")
    talker = Talker(tmp_path / "whole" / "checkpoint.pt", speak_fingerprint(config))
    assert talker.trained_with_metric
    speaks(talker)


def speaks(talker: Talker) -> None:
    """Chunks are the whole; sound, pose and emotion matter; emotions have names."""
    frames, landmarks, audio = drawn_arrays(9, BLOCK + 3)
    lead = Driving(frames, landmarks)
    whole = talker.generate(frames[0], landmarks[0], audio, len(frames), 30.0, lead, lead)
    assert whole.shape == frames.shape and whole.dtype == np.uint8
    stream = talker.stream(frames[0], landmarks[0], audio, len(frames), 30.0, lead, lead)
    assert all(np.array_equal(one, other) for one, other in zip(stream, whole, strict=True))
    silent = talker.generate(frames[0], landmarks[0], 0 * audio, len(frames), 30.0, lead, lead)
    assert not np.array_equal(silent, whole)
    happy = talker.named_emotion("happy", 3)
    assert happy.mean.shape == (16,) and happy.mean.any()
    named = talker.generate(frames[0], landmarks[0], audio, 4, 30.0, None, happy)
    assert not np.array_equal(named, talker.generate(frames[0], landmarks[0], audio, 4, 30.0))
    with pytest.raises(UserError, match="no training clip was angry"):
        talker.named_emotion("angry", 1)


def test_speak_learns_one_batch_and_leaves_the_sync_network_alone(clips, irfd, sync):
    folder, ids = clips
    config = dataclasses.replace(paper_speak(), weights={"gan": 0.0, "sync": 1.0, "vgg": 1.0})
    torch.manual_seed(0)
    listener = frozen_sync(sync)
    before = {name: value.clone() for name, value in listener.state_dict().items()}
    source, _ = open_pictures([folder], ids, config.pictures.pool, FRAMES + 1, config.pictures, (32, 32))
    model, pretrained = SpeakModel(config), IrfdModel(config.speak.irfd).irfd
    task = SpeakTask(model, source, perceptual.build(config.perceptual, pretrained), config, "", listener)
    losses = falls_on_one_batch(task, 5)
    assert losses[-1] < 0.9 * losses[0]
    assert all(torch.equal(value, before[name]) for name, value in listener.state_dict().items())


def test_encoders_are_held_and_then_let_go(clips, irfd, tmp_path):
    """Half of the steps frozen: weights and batch statistics stay; then weights learn and statistics still stay."""
    folder, ids = clips
    wanted = checkpoint.weights(checkpoint.load(irfd, kind="irfd"))
    no_sync = {"gan": 0.0, "sync": 0.0, "vgg": 1.0}
    for steps, share, moves in ((1, 1.0, False), (2, 0.5, True)):
        config = dataclasses.replace(paper_speak(steps), weights=no_sync, frozen_share=share, tuning_rate=1.0)
        assert not train_speak([folder], ids, config, tmp_path / str(share), irfd)["trained_with_metric"]
        state = checkpoint.load(tmp_path / str(share) / "checkpoint.pt", kind="speak")["model"]
        same = {n: torch.equal(state[f"speak.{n}"], wanted[n]) for n in wanted if n.startswith("irfd.pose_encoder")}
        assert all(same[name] for name in same if "running" in name or "num_batches" in name)
        assert all(same.values()) != moves


def test_nothing_is_random_in_silence(clips, irfd, tmp_path, monkeypatch):
    folder, ids = clips
    with pytest.raises(UserError, match="needs the sync network"):
        train_speak([folder], ids, paper_speak(), tmp_path, irfd)
    blind = PerceptualConfig(features="vgg19", weights=str(tmp_path / "vgg19.pth"))
    config = dataclasses.replace(paper_speak(), perceptual=blind, weights={"gan": 1.0, "sync": 0.0, "vgg": 1.0})
    with pytest.raises(UserError, match="no VGG19 weights here"):
        train_speak([folder], ids, config, tmp_path, irfd)
    for change in ({"pictures": None}, {"frames": FRAMES + 1}):
        with pytest.raises(ValueError, match=r"pictures is missing|pool keeps 6"):
            dataclasses.replace(paper_speak(), **change)
    with pytest.raises(ValueError, match="pool is missing"):
        dataclasses.replace(paper_irfd(), pool=None)
