"""One training step of IRFD and one of SPEAK with its discriminator at the paper's size: 256x256, batch 2, on the CPU.

Run with ``pytest -s`` to see seconds of CPU and the process's largest memory (docs/paper.md has them); each test in a
process of its own, since the largest memory never falls.
"""

import resource
import time
from collections.abc import Iterator

import pytest
import torch
import torchvision
from paper_parts import FULL_DISCRIMINATOR, FULL_IRFD, FULL_SPEAK
from torch import Tensor, nn
from torch.nn import functional

from speak.losses import perceptual
from speak.losses.adversarial import discriminator_loss, generator_loss, r1_penalty
from speak.losses.disentanglement import TERMS, Pairs, Shown, disentanglement_terms
from speak.losses.identity import IdentityLossConfig
from speak.losses.perceptual import PerceptualConfig, perceptual_loss
from speak.losses.sync import sync_loss
from speak.losses.total import total_loss
from speak.losses.weighting import weighted_sum
from speak.models import discriminator, irfd, speak
from speak.models.syncnet import SyncNet, SyncNetConfig

pytestmark = pytest.mark.dag
BATCH, FRAMES, SIZE = 2, 5, 256
SYNCNET = SyncNetConfig(
    window=5, width=64, height=48, bands=40, picture_channels=(16, 32, 64, 96), sound_channels=(96, 128, 128),
    hidden=256, embedding=128,
)  # fmt: skip


@pytest.fixture(autouse=True)
def measured(request) -> Iterator[None]:
    torch.manual_seed(0)
    start = time.process_time()
    yield
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n{request.node.name}: {time.process_time() - start:.0f} s of CPU, {gigabytes:.1f} GiB")


def learns(optimiser: torch.optim.Optimizer, loss: Tensor, network: nn.Module) -> None:
    """One step; every weight that may learn gets a finite gradient."""
    loss.backward()
    assert torch.isfinite(loss)
    for name, weight in network.named_parameters():
        if weight.requires_grad and "masked_spec_embed" not in name:
            assert weight.grad is not None and torch.isfinite(weight.grad).all(), name
    optimiser.step()
    optimiser.zero_grad()


def pictures(*shape: int) -> Tensor:
    return torch.rand(*shape, 3, SIZE, SIZE) * 2 - 1


def mouths(clips: Tensor) -> Tensor:
    """Stand-in for the sync network's mouth view, which follows landmarks: the lower middle of the frame, grey."""
    lower = clips.mean(dim=2)[..., SIZE // 2 :, SIZE // 4 : -SIZE // 4]
    return 127.5 * (1 + functional.interpolate(lower, (SYNCNET.height, SYNCNET.width), mode="area"))


def test_irfd_step():
    network = irfd.build(FULL_IRFD)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-4)
    faces = pictures(2 * BATCH)
    labels = torch.tensor([0, -1]), torch.tensor([5, 3])
    pairs = Pairs(*faces.split(BATCH), Shown(faces, faces, faces), *labels, torch.tensor([True, True]))
    made = network(faces, faces, faces, torch.tensor([0, 2]))
    terms = disentanglement_terms(made, pairs, IdentityLossConfig(form="triplet", margin=0.5))
    learns(optimiser, weighted_sum(terms, dict.fromkeys(TERMS, 1.0)), network)


def test_speak_step(tmp_path):
    network, judge, sync = speak.build(FULL_SPEAK), discriminator.build(FULL_DISCRIMINATOR), SyncNet(SYNCNET).eval()
    look = perceptual.build(PerceptualConfig(features="vgg19", weights=str(vgg_file(tmp_path))), None)
    steps = [torch.optim.Adam(part.parameters(), lr=1e-4) for part in (network, judge)]
    identity, real, audio = pictures(BATCH), pictures(BATCH, FRAMES), 0.1 * torch.randn(BATCH, 16000 * FRAMES // 30)
    made = network(identity, real, real.flip(1), audio)
    given = identity[:, None].expand_as(real).flatten(0, 1)
    flat_made, flat_real = made.flatten(0, 1), real.flatten(0, 1)

    frames = flat_real.clone().requires_grad_()
    judged = judge(given, frames)
    learns(
        steps[1],
        discriminator_loss(judged, judge(given, flat_made.detach())) + r1_penalty(judged, frames, 10.0),
        judge,
    )
    mel = torch.randn(BATCH, 4 * FRAMES, SYNCNET.bands)
    embedded = [part.flatten(0, 1) for part in (sync.embed_video(mouths(made)), sync.embed_video(mouths(real)))]
    terms = {
        "gan": generator_loss(judge(given, flat_made), "nonsaturating"),
        "sync": sync_loss(*embedded, sync.embed_audio(mel).flatten(0, 1), "both"),
        "vgg": perceptual_loss(look, flat_made, flat_real),
    }
    learns(steps[0], total_loss(terms, dict.fromkeys(terms, 1.0)), network)


def vgg_file(folder):
    """A file of VGG19's shape; its weights are random, which does for counting seconds."""
    layers = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["E"])
    torch.save({f"features.{name}": value for name, value in layers.state_dict().items()}, folder / "vgg19.pth")
    return folder / "vgg19.pth"
