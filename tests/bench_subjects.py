"""What is measured by ``bench_networks``: each method's full-size networks with random weights, on noise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.methods import pc_avs_sound, wav2lip_audio
from benchmarks.methods.atvg_network import AtNet, VgNet
from benchmarks.methods.eamm import EammNetworks
from benchmarks.methods.eamm_driving import KeyPoints, displaced, smooth_emotion, smooth_speech
from benchmarks.methods.pc_avs import PcAvsNetworks
from benchmarks.methods.wav2lip_network import Wav2Lip
from speak.models import speak
from speak.models.codes import Codes
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

    def prepare() -> Tensor:
        return torch.from_numpy(wav2lip_audio.windows(wav2lip_audio.mel(SOUND), FPS))

    return Subject("Wav2Lip", nn.ModuleList([network]), prepare, lambda heard, n: network(heard[:n], faces[:n]))


def atvg() -> Subject:
    """Without its MFCC. The first picture waits for the landmarks of the whole sound; VG-net then draws any frame."""
    landmarks, pictures = AtNet().eval(), VgNet().eval()
    windows, identity, example = torch.randn(1, FRAMES, 28, 12), torch.rand(1, 3, 128, 128), torch.randn(1, 136)
    basis = torch.randn(6, 136)

    def prepare() -> Tensor:
        return landmarks(torch.randn(1, 6), windows) @ basis

    return Subject(
        "ATVG", nn.ModuleList([landmarks, pictures]), prepare, lambda led, n: pictures(identity, led[:, :n], example)
    )


def pc_avs() -> Subject:
    """netV looks at the picture once; netE takes each frame's pose from the driving clip. The sound is heard frame by
    frame."""
    nets = PcAvsNetworks()
    networks = nn.ModuleList(vars(nets).values()).eval()
    picture, led = torch.rand(1, 3, 224, 224), torch.rand(BATCH, 3, 224, 224)

    def prepare() -> tuple[Tensor, Tensor, Tensor]:
        vector, features, _ = nets.identity(picture)
        return vector, features, torch.from_numpy(pc_avs_sound.windows(pc_avs_sound.spectrogram(SOUND)))

    def make(prepared: tuple[Tensor, Tensor, Tensor], count: int) -> Tensor:
        vector, features, heard = prepared
        mouth = nets.motion.mouth_embed(nets.speech.forward_feature(heard[:count]))
        style = torch.cat([vector.expand(count, -1), mouth, nets.motion.headpose(led[:count])], dim=1)
        return nets.generator([style], features.expand(count, -1, -1, -1))[0]

    return Subject("PC-AVS", networks, prepare, make)


def eamm() -> Subject:
    """Without its MFCC and the warps of the emotional clip. The first picture waits for the key points of the whole
    sound; the emotion's displacements and the picture are made frame by frame."""
    nets = EammNetworks()
    networks = nn.ModuleList(vars(nets).values()).eval()
    picture, led = torch.rand(1, 3, 256, 256), torch.rand(BATCH, 3, 256, 256)
    windows, poses = torch.randn(1, FRAMES, 28, 12), torch.randn(1, FRAMES, 6)

    def prepare() -> tuple[KeyPoints, KeyPoints, KeyPoints]:
        points = nets.kp_detector_a(nets.audio_feature(picture, windows, poses)[0])
        return nets.kp_detector(picture), points, smooth_speech(points)

    def make(prepared: tuple[KeyPoints, KeyPoints, KeyPoints], count: int) -> Tensor:
        source, heard, smooth = ({name: points[name][:count] for name in ("value", "jacobian")} for points in prepared)
        source = {name: values.expand(count, *values.shape[1:]) for name, values in source.items()}
        shift, _ = nets.emo_detector(led[:count], **heard)
        driving = displaced(smooth, smooth_emotion(shift))
        return nets.generator(picture.expand(count, -1, -1, -1), driving, source)["prediction"]

    return Subject("EAMM", networks, prepare, make)


def speak_full() -> Subject:
    network = speak.build(FULL_SPEAK).eval()
    identity, led = torch.rand(1, 3, 256, 256), torch.rand(BATCH, 3, 256, 256)
    sound = torch.from_numpy(SOUND).float()[None]

    def prepare() -> tuple[Tensor, Tensor]:
        return network.irfd.identity_encoder(identity), network.listen(sound, FRAMES)

    def make(prepared: tuple[Tensor, Tensor], count: int) -> Tensor:
        face, heard = prepared
        codes = Codes(
            face.expand(count, -1), network.irfd.emotion_encoder(led[:count]), network.irfd.pose_encoder(led[:count])
        )
        return network.render(codes.map(lambda code: code[None]), heard[:, :count])

    return Subject("SPEAK", nn.ModuleList([network]), prepare, make)


SUBJECTS = (wav2lip, atvg, pc_avs, eamm, speak_full)
