"""One training step of IRFD and one of SPEAK as profile ``paper`` has them: 256x256, batch 2, real tasks, on the CPU.

Run with ``pytest -s`` to see seconds of CPU and the process's largest memory (docs/paper.md has them); each test in a
process of its own, since the largest memory never falls. Weights that would be fetched are random ones here.
"""

import dataclasses
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
import yaml
from drawn_clips import drawn_folder

from speak.config import build
from speak.data.pictures import open_pictures
from speak.losses import perceptual
from speak.losses.perceptual import PerceptualConfig
from speak.models.syncnet import SyncNet
from speak.training.irfd import IrfdModel, IrfdTask, IrfdTrainConfig
from speak.training.speak import SpeakModel, SpeakTask, SpeakTrainConfig
from speak.training.sync import SyncConfig
from speak.training.task import Task

pytestmark = pytest.mark.dag
BATCH, FRAMES = 2, 6
PROFILE = yaml.safe_load((Path(__file__).parents[2] / "profiles" / "paper.yaml").read_text())


@pytest.fixture(autouse=True)
def measured(request) -> Iterator[None]:
    torch.manual_seed(0)
    start = time.process_time()
    yield
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n{request.node.name}: {time.process_time() - start:.0f} s of CPU, {gigabytes:.1f} GiB")


def learns(task: Task) -> None:
    """One step; every weight that may learn gets a finite gradient, and the optimiser moves it."""
    optimiser = torch.optim.Adam(task.model.parameters(), lr=1e-4)
    loss, _ = task.loss(task.draw(np.random.default_rng([0, 0, 0])), np.random.default_rng([0, 0, 1]))
    loss.backward()
    assert torch.isfinite(loss)
    for name, weight in task.model.named_parameters():
        if weight.requires_grad and "masked_spec_embed" not in name:
            assert weight.grad is not None and torch.isfinite(weight.grad).all(), name
    optimiser.step()


def test_irfd_step(tmp_path):
    config = build(IrfdTrainConfig, PROFILE["irfd"], "paper")
    config = dataclasses.replace(config, batch=BATCH, pool=dataclasses.replace(config.pool, clips=2 * BATCH))
    source, _ = open_pictures([tmp_path], drawn_folder(tmp_path, 4), config.pool, 2)
    learns(IrfdTask(IrfdModel(config.irfd), source, config, ""))


def test_speak_step(tmp_path):
    config = build(SpeakTrainConfig, PROFILE["speak"], "paper")
    audio = dataclasses.replace(config.speak.audio.paper, weights=None, random=True)
    chosen = dataclasses.replace(config.pictures, pool=dataclasses.replace(config.pictures.pool, clips=BATCH))
    config = dataclasses.replace(
        config,
        speak=dataclasses.replace(config.speak, audio=dataclasses.replace(config.speak.audio, paper=audio)),
        pictures=chosen,
        batch=BATCH,
        frames=FRAMES,
    )
    judge = dataclasses.replace(build(SyncConfig, PROFILE["sync"], "paper").network, window=5)  # for six frames
    listener = SyncNet(judge).eval().requires_grad_(False)
    view = (listener.config.width, listener.config.height)
    source, _ = open_pictures([tmp_path], drawn_folder(tmp_path, 4), chosen.pool, FRAMES + 1, chosen, view)
    look = perceptual.build(PerceptualConfig(features="vgg19", weights=str(vgg_file(tmp_path))), None)
    learns(SpeakTask(SpeakModel(config), source, look, config, "", listener))


def vgg_file(folder):
    """A file of VGG19's shape; its weights are random, which does for counting seconds."""
    layers = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["E"])
    torch.save({f"features.{name}": value for name, value in layers.state_dict().items()}, folder / "vgg19.pth")
    return folder / "vgg19.pth"
