"""What a frame costs: full-size generators with random weights, one after another on one thread.

Sound and pictures are noise; weights do not change the work. What is counted is the networks alone: no face detection,
no pasting back, no encoding. Every figure includes the clip's own share of what is done once for a clip (hearing
the sound, looking at the identity).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.methods import wav2lip_audio
from benchmarks.methods.atvg_network import AtNet, VgNet
from benchmarks.methods.wav2lip_network import Wav2Lip
from speak.models import speak
from speak.models.codes import Codes
from tests.cpu_time import cpu_seconds
from tests.models.paper_parts import FULL_SPEAK

SECONDS, SAMPLE_RATE, FPS = 3, 16_000, 30
FRAMES = SECONDS * FPS
BATCH = 8
SOUND = 0.1 * np.random.default_rng(0).standard_normal(SECONDS * SAMPLE_RATE)


@dataclass(frozen=True)
class Subject:
    """One method.

    Attributes:
        name: as printed.
        networks: all that run to make a frame.
        prepare: what is done once for a clip.
        make: (what ``prepare`` returned, number of frames) to that many frames.
    """

    name: str
    networks: nn.ModuleList
    prepare: Callable[[], Any]
    make: Callable[[Any, int], object]


def wav2lip() -> Subject:
    network = Wav2Lip().eval()
    faces = torch.rand(BATCH, 6, 96, 96)

    def prepare() -> torch.Tensor:
        return torch.from_numpy(wav2lip_audio.windows(wav2lip_audio.mel(SOUND), FPS))

    return Subject("Wav2Lip", nn.ModuleList([network]), prepare, lambda heard, n: network(heard[:n], faces[:n]))


def atvg() -> Subject:
    """Without its MFCC. The first picture waits for the landmarks of the whole sound; VG-net then draws any frame."""
    landmarks, pictures = AtNet().eval(), VgNet().eval()
    windows, identity, example = torch.randn(1, FRAMES, 28, 12), torch.rand(1, 3, 128, 128), torch.randn(1, 136)
    basis = torch.randn(6, 136)

    def prepare() -> torch.Tensor:
        return landmarks(torch.randn(1, 6), windows) @ basis

    return Subject(
        "ATVG", nn.ModuleList([landmarks, pictures]), prepare, lambda led, n: pictures(identity, led[:, :n], example)
    )


def speak_full() -> Subject:
    network = speak.build(FULL_SPEAK).eval()
    identity, led = torch.rand(1, 3, 256, 256), torch.rand(BATCH, 3, 256, 256)
    sound = torch.from_numpy(SOUND).float()[None]

    def prepare() -> tuple[torch.Tensor, torch.Tensor]:
        return network.irfd.identity_encoder(identity), network.listen(sound, FRAMES)

    def make(prepared: tuple[torch.Tensor, torch.Tensor], count: int) -> torch.Tensor:
        face, heard = prepared
        codes = Codes(
            face.expand(count, -1), network.irfd.emotion_encoder(led[:count]), network.irfd.pose_encoder(led[:count])
        )
        return network.render(codes.map(lambda code: code[None]), heard[:, :count])

    return Subject("SPEAK", nn.ModuleList([network]), prepare, make)


SUBJECTS = (wav2lip, atvg, speak_full)


def row(subject: Subject) -> tuple[str, ...]:
    """Name, parameters, GFLOPs a frame, frames a second at batch 1 and batched, first frame, real-time factor."""
    parameters = sum(weight.numel() for weight in subject.networks.parameters())
    prepared = subject.prepare()
    once = flops(subject.prepare) / FRAMES
    work = once + flops(lambda: subject.make(prepared, 1))
    share = cpu_seconds(subject.prepare) / FRAMES
    single = share + cpu_seconds(lambda: subject.make(prepared, 1))
    batched = share + cpu_seconds(lambda: subject.make(prepared, BATCH)) / BATCH
    first = cpu_seconds(lambda: subject.make(subject.prepare(), 1))
    return (
        subject.name, f"{parameters:,}", f"{work / 1e9:.1f}", f"{1 / single:.2f}", f"{1 / batched:.2f}",
        f"{first:.2f}", f"{1 / batched / FPS:.3f}",
    )  # fmt: skip


def flops(work: Callable[[], object]) -> int:
    """Floating-point operations of matrix products and convolutions; two for each multiplication."""
    with FlopCounterMode(display=False) as counter:
        work()
    return counter.get_total_flops()


TITLES = (
    "method",
    "parameters",
    "GFLOPs/frame",
    "frames/CPU-s",
    f"batch {BATCH}",
    "first frame s",
    f"x real time at {FPS}",
)


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    print(" ".join(f"{title:>20s}" for title in TITLES))
    with torch.no_grad():
        for build in SUBJECTS:
            subject = build()
            subject.networks.requires_grad_(False)
            print(" ".join(f"{figure:>20s}" for figure in row(subject)), flush=True)


if __name__ == "__main__":
    main()
