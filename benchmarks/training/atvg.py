"""Training of ATVG (Chen et al. 2019): from sound to landmarks first, then from landmarks to pictures.

As published: 16 frames at 25 a second. AT-net hears 28 rows of cepstra around each frame, knows the landmarks of the
frame before the first, and is judged by the mean square error of six coefficients. VG-net is shown any frame of the
clip with its landmarks, and the landmarks of the 16 frames; it is judged by L1, weighted by its own attention, and by a
discriminator that also tells where the landmarks are.

Otherwise than published: the arrays are those of our clips (``atvg_shapes``); generator and discriminator learn in one
step instead of one after the other; batches pool statistics over the frames of a clip; weights of narrower networks
begin wider, so that signals are as large as in the published size. Of two versions of the authors' code, the one is
followed whose discriminator teaches the generator, as their paper says; the other cuts its gradient off.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.methods import atvg, atvg_network, baseline, speech_cepstra
from benchmarks.methods.atvg import AtvgArrays
from benchmarks.methods.atvg_network import LANDMARKS, AtNet, VgNet
from benchmarks.methods.baseline import State
from benchmarks.methods.frame_rate import NATIVE_FPS
from benchmarks.training import atvg_judge, atvg_shapes, phase
from benchmarks.training import clips as clips_module
from benchmarks.training.atvg_judge import Judge
from benchmarks.training.atvg_shapes import Shapes, arrays_of
from benchmarks.training.clips import Clips, window
from benchmarks.training.config import TrainingConfig
from benchmarks.training.phase import Arrays, PhaseTask, judged
from benchmarks.training.probability import cross_entropy
from speak.data.pool import Cut
from speak.errors import UserError
from speak.training import sketch
from speak.training.devices import moved
from speak.training.processes import share
from speak.training.task import Figures, Group

FRAMES = 16
BETAS = (0.5, 0.999)
"""Adam's, of all networks."""
SPREAD = 0.02
"""Standard deviation of the weights of AT-net and VG-net at the start; the discriminator has torch's own."""
PIXEL_WEIGHT = 10.0
LEAST_ATTENTION = 0.5
"""Added to the attention where it weighs pixels; no gradient runs through it there."""
MOUTH_Y = slice(2 * 48 + 1, LANDMARKS, 2)
MOUTH_Y_WEIGHT = 100.0
"""Multiplies differences of the mouth's y before they are squared, the authors'."""
SAMPLE_SEED, SAMPLE_CLIPS, SAMPLE_EVERY = 7, 2, 2
ZOOM, RADIUS = 60.0, 2
COLOURS = ((150, 158, 168), (190, 60, 60))
"""Of the dots of real and of made landmarks, which lie ``ZOOM`` times their values from the middle, in pixels."""


@dataclass(frozen=True)
class Speech:
    """Sound and how faces move with it.

    Attributes:
        example: (B, 6) coefficients of the frame before the first.
        sound: (B, 16, 28, 12) windows of cepstra.
        wanted: (B, 16, 6) coefficients.
    """

    example: Tensor
    sound: Tensor
    wanted: Tensor


@dataclass(frozen=True)
class Scene:
    """A face and how it moves.

    Attributes:
        image: (B, 3, 128, 128) RGB in [-1, 1], any frame of the clip.
        example: (B, 136) its landmarks, times 5.
        landmarks: (B, 16, 136) of the frames.
        frames: (B, 16, 3, 128, 128).
    """

    image: Tensor
    example: Tensor
    landmarks: Tensor
    frames: Tensor


class AtvgTask(PhaseTask):
    """Either phase; ``shapes`` says what the clips show."""

    shapes: Shapes

    def groups(self) -> list[Group]:
        """All networks, as published."""
        return [Group(self.model.parameters(), betas=BETAS)]


class AtNetTask(AtvgTask):
    """From sound to coefficients."""

    def draw(self, rng: np.random.Generator) -> Speech:
        """Stretches of 16 frames and the one before."""
        return Speech(*_stacked([self._sample(cut, rng) for cut in self.clips.cuts(share(self.batch), rng)]))

    def _sample(self, cut: Cut, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        numbers = window(cut, FRAMES + 1, rng)
        coefficients = self.clips.of(cut, self.shapes.coefficients)[numbers]
        return coefficients[0], self.clips.of(cut, heard)[numbers[1:]], coefficients[1:]

    def loss(self, batch: Speech, rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """Mean square error; beside it, what standing still with the example would cost."""
        made = self.model["atvg_atnet"](batch.example, batch.sound)
        still = (batch.example[:, None] - batch.wanted).square().mean()
        return (made.float() - batch.wanted).square().mean(), {"still": still}

    def sample(self) -> np.ndarray:
        """A row for each stretch: dots where the landmarks are, and over them where they are heard to be."""
        rng = np.random.default_rng(SAMPLE_SEED)
        batch = Speech(*_stacked([self._sample(cut, rng) for cut in self.clips.cuts(SAMPLE_CLIPS, rng)]))
        there = moved(batch, next(self.model.parameters()).device)
        made = self.model["atvg_atnet"](there.example, there.sound).cpu()
        shown = torch.stack([batch.wanted, made], dim=2)[:, ::SAMPLE_EVERY].double().numpy()
        return sketch.grid([[dots(*pair) for pair in row] for row in atvg.landmarks(shown, self.shapes.arrays)])


class VgNetTask(AtvgTask):
    """From a face and landmarks to frames."""

    def draw(self, rng: np.random.Generator) -> Scene:
        """Stretches of 16 frames, and one of the clip's other frames."""
        return Scene(*_stacked([self._sample(cut, rng) for cut in self.clips.cuts(share(self.batch), rng)]))

    def _sample(self, cut: Cut, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        numbers, example = window(cut, FRAMES, rng), rng.choice(cut.numbers)
        landmarks = self.clips.of(cut, self.shapes.landmarks)
        faces = self.clips.of(cut, self.shapes.faces)
        image, frames = (_levels(faces[np.searchsorted(cut.numbers, which)]) for which in (example, numbers))
        return image, landmarks[example], landmarks[numbers], frames

    def loss(self, batch: Scene, rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """L1, the discriminator's judgement and its landmarks, and the discriminator's own loss.

        Among the figures is what L1 would be if the image were kept as it is.
        """
        judge, wanted = self.model["judge"], batch.landmarks
        made, attention, *_ = self.model["atvg_vgnet"](batch.image, wanted, batch.example)
        pixels = weighted_l1(made, batch.frames, attention)
        probability, seen = judged(judge, made, batch.example)
        gan, landmarks = cross_entropy(probability, 1.0), landmark_error(seen, wanted)
        own = verdict(judge, batch.frames, batch, 1.0) + verdict(judge, made.detach(), batch, 0.0)
        total = PIXEL_WEIGHT * pixels + gan + landmarks + own
        still = weighted_l1(batch.image[:, None], batch.frames, attention)
        figures = {"pixels": pixels, "still": still, "gan": gan, "landmarks": landmarks, "discriminator": own}
        return total, {name: value.detach() for name, value in figures.items()}

    def sample(self) -> np.ndarray:
        """Three rows for each stretch, made as at inference: as it was, as made, and the attention, white where new."""
        rng = np.random.default_rng(SAMPLE_SEED)
        device, rows = next(self.model.parameters()).device, []
        for cut in self.clips.cuts(SAMPLE_CLIPS, rng):
            scene = moved(Scene(*_stacked([self._sample(cut, rng)])), device)
            made, attention, *_ = self.model["atvg_vgnet"](scene.image, scene.landmarks, scene.example)
            seen = 2 * attention.expand_as(made) - 1
            rows += [sketch.pictures(part[0, ::SAMPLE_EVERY], None) for part in (scene.frames, made, seen)]
        return sketch.grid(rows)


def train_atnet(clips: Clips, config: TrainingConfig, before: Mapping[str, State]) -> AtNetTask:
    """First phase. Raises UserError where the pool's stretches are too short."""
    if config.pool.stretch <= FRAMES:
        raise UserError(f"atvg: pool: stretch must be {FRAMES + 1} frames or more, got {config.pool.stretch}")
    values = arrays_of(clips.places, config.loop.seed)
    net = begun(AtNet(config.method.width), config.method.width)
    model = nn.ModuleDict({"atvg_atnet": net, baseline.ARRAYS: Arrays(vars(values))})
    task = AtNetTask("atvg_atnet", model, clips, config, before, MODULES)
    task.shapes = Shapes(values)
    return task


def train_vgnet(clips: Clips, config: TrainingConfig, before: Mapping[str, State]) -> VgNetTask:
    """Second phase, with the arrays of the first."""
    width = config.method.width
    model = nn.ModuleDict({"atvg_vgnet": begun(VgNet(width), width), "judge": Judge(width)})
    task = VgNetTask("atvg_vgnet", model, clips, config, before, MODULES)
    values = baseline.part(before["atnet"], baseline.ARRAYS)
    task.shapes = Shapes(AtvgArrays(**{name: value.numpy() for name, value in values.items()}))
    return task


def begun(network: nn.Module, width: int) -> nn.Module:
    """The network with weights from N(0, SPREAD² · width), so that sums over fewer channels are as large.

    Those of batch normalisation are from N(1, SPREAD²), biases of all these are 0; recurrent parts stay as they are.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.normal_(module.weight, 0.0, SPREAD * width**0.5)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, SPREAD)
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    return network


def weighted_l1(made: Tensor, real: Tensor, attention: Tensor) -> Tensor:
    """Mean of |made - real| · (attention + 0.5), (B, T, 3, H, W) with (B, T, 1, H, W); scalar."""
    return ((made - real).abs() * (attention.detach() + LEAST_ATTENTION)).mean()


def landmark_error(seen: Tensor, wanted: Tensor) -> Tensor:
    """Mean square of the differences of (B, T, 136) landmarks, those of the mouth's y times 100; scalar."""
    difference = seen.float() - wanted
    weight = torch.ones_like(difference)
    weight[..., MOUTH_Y] = MOUTH_Y_WEIGHT
    return (difference * weight).square().mean()


def verdict(judge: nn.Module, frames: Tensor, scene: Scene, real: float) -> Tensor:
    """The discriminator's own loss of frames that are real (1) or made (0), with the scene's landmarks; scalar."""
    probability, seen = judge(frames, scene.example)
    return cross_entropy(probability, real) + landmark_error(seen, scene.landmarks)


def heard(cut: Cut) -> np.ndarray:
    """What is heard at each frame of the clip, silence after its end: (T or more, 28, 12)."""
    return speech_cepstra.windows(cut.sound(0, len(cut.landmarks) + 1, NATIVE_FPS))


def dots(*shapes: np.ndarray) -> np.ndarray:
    """(136,) landmarks, times 5, as dots of a colour each, on white: (128, 128, 3) uint8."""
    canvas = np.full((atvg.SIZE, atvg.SIZE, 3), sketch.WHITE, np.uint8)
    for points, colour in zip(shapes, COLOURS, strict=True):
        for x, y in np.rint(points.reshape(-1, 2) * ZOOM + atvg.SIZE / 2).astype(int):
            cv2.circle(canvas, (int(x), int(y)), RADIUS, colour, cv2.FILLED)
    return canvas


def _levels(pictures: np.ndarray) -> np.ndarray:
    """(..., H, W, 3) uint8 to (..., 3, H, W) float32 in [-1, 1]."""
    return np.moveaxis(pictures.astype(np.float32) / 127.5 - 1, -1, -3)


def _stacked(samples: list[tuple[np.ndarray, ...]]) -> list[Tensor]:
    return [torch.from_numpy(np.stack(values).astype(np.float32)) for values in zip(*samples, strict=True)]


MODULES = (atvg, atvg_network, speech_cepstra, atvg_judge, atvg_shapes, clips_module, phase, sys.modules[__name__])
"""Code that gives the weights their meaning."""
