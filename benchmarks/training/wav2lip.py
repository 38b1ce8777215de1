"""Training of Wav2Lip (Prajwal et al. 2020): a lip-sync expert first, then the generator that it judges.

As published: five frames at 25 a second; the expert tells matching from shifted sound by the cosine of two embeddings;
the generator repaints masked faces with another part of the same clip beside them, and is judged by L1, by the frozen
expert, and by a discriminator of lower faces. The expert's sound starts with the first of its frames, the generator's
one frame before each of its own, 40 ms earlier than at inference: the authors' code has it so.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.methods import wav2lip, wav2lip_audio, wav2lip_network
from benchmarks.methods.baseline import State, part
from benchmarks.methods.frame_rate import NATIVE_FPS
from benchmarks.methods.wav2lip_audio import COLUMNS_PER_S, WINDOW
from benchmarks.methods.wav2lip_network import QualityDiscriminator, SyncExpert, Wav2Lip
from benchmarks.training import clips as clips_module
from benchmarks.training import phase
from benchmarks.training.clips import Clips, window
from benchmarks.training.config import TrainingConfig
from benchmarks.training.phase import PhaseTask, judged
from benchmarks.training.probability import cross_entropy
from speak.data.pool import Cut
from speak.training import sketch
from speak.training.devices import moved
from speak.training.processes import share
from speak.training.task import Figures, Group

FRAMES = 5
BETAS = (0.5, 0.999)
"""Adam's, of generator and discriminator; the expert has the defaults."""
SYNC_WEIGHT, GAN_WEIGHT = 0.03, 0.07
"""L1 has the rest."""
SYNC_FROM, SYNC_MEMORY = 0.75, 0.98
"""The expert's judgement counts once its loss is below this. The authors look at it on clips set apart, every so many
steps; here it is a running mean over the training's own batches."""
SAMPLE_SEED, SAMPLE_CLIPS = 7, 2


@dataclass(frozen=True)
class Heard:
    """Five frames and sound that may belong to them.

    Attributes:
        sound: (B, 1, 80, 16) mel windows in [-4, 4].
        faces: (B, 15, 48, 96) lower halves, BGR in [0, 1].
        matches: (B, 1) 1 where they belong together, else 0.
    """

    sound: Tensor
    faces: Tensor
    matches: Tensor


@dataclass(frozen=True)
class Repainting:
    """Five frames to be repainted.

    Attributes:
        faces: (B, 6, 5, 96, 96) BGR in [0, 1]: lower halves hidden, and another part of the clip.
        sounds: (B, 5, 1, 80, 16), a window for each frame.
        sound: (B, 1, 80, 16), the expert's window.
        target: (B, 3, 5, 96, 96).
    """

    faces: Tensor
    sounds: Tensor
    sound: Tensor
    target: Tensor


class ExpertTask(PhaseTask):
    """Does this sound belong to these lower faces?"""

    def draw(self, rng: np.random.Generator) -> Heard:
        """Half of the sounds on average come from another moment of the same clip."""
        sounds, faces, matches = [], [], []
        for cut in self.clips.cuts(share(self.batch), rng):
            numbers, other = window(cut, FRAMES, rng), window(cut, FRAMES, rng)
            is_match = rng.random() < 0.5 or other[0] == numbers[0]
            sounds.append(sound_at(self.clips.of(cut, mel), (numbers if is_match else other)[0]))
            faces.append(lower_faces(self.clips.of(cut, crops)[numbers - cut.stretch.start]))
            matches.append([float(is_match)])
        return Heard(_tensor(sounds), _tensor(faces), torch.tensor(matches))

    def loss(self, batch: Heard, rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """Binary cross-entropy of the cosine."""
        cosine = agreement(self.model["wav2lip_syncnet_color"], batch.sound, batch.faces)
        right = ((cosine > 0.5) == (batch.matches > 0.5)).float().mean()
        return cross_entropy(cosine, batch.matches), {"right": right}


class GeneratorModel(nn.ModuleDict):
    """Generator, discriminator, and the running mean of the expert's loss, which decides whether it counts."""

    def __init__(self, width: int):
        super().__init__({"wav2lip_generator": Wav2Lip(width), "wav2lip_disc_qual": QualityDiscriminator(width)})
        self.register_buffer("sync_mean", torch.ones(()))
        self.register_buffer("sync_counts", torch.zeros(()))

    @torch.no_grad()
    def remember(self, sync: Tensor) -> None:
        """Take the expert's loss of a batch into account; once it counts, it counts for ever."""
        self.sync_mean.lerp_(sync.detach(), 1 - SYNC_MEMORY)
        self.sync_counts.logical_or_(self.sync_mean < SYNC_FROM)


class GeneratorTask(PhaseTask):
    """Repaints mouths; ``expert`` is trained, and stays as it is."""

    expert: SyncExpert

    def move(self, device: torch.device) -> None:
        """As ``Task``; the expert comes along."""
        super().move(device)
        self.expert = self.expert.to(device)

    def groups(self) -> list[Group]:
        """Generator and discriminator, as published."""
        return [Group(self.model.parameters(), betas=BETAS)]

    def draw(self, rng: np.random.Generator) -> Repainting:
        """Stretches of five frames, each with five of another moment."""
        return self._drawn(share(self.batch), rng)

    def _drawn(self, count: int, rng: np.random.Generator) -> Repainting:
        samples = [self._sample(cut, rng) for cut in self.clips.cuts(count, rng)]
        return Repainting(*map(_tensor, zip(*samples, strict=True)))

    def _sample(self, cut: Cut, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        numbers, other = window(cut, FRAMES, rng), window(cut, FRAMES, rng)
        faces, columns = self.clips.of(cut, crops), self.clips.of(cut, mel)
        wanted, shown = (wav2lip.network_input(faces[own - cut.stretch.start]) for own in (numbers, other))
        seen = np.concatenate([wanted[:, :3], shown[:, 3:]], axis=1)
        sounds = np.stack([sound_at(columns, number - 1) for number in numbers])
        return seen.swapaxes(0, 1), sounds, sound_at(columns, numbers[0]), wanted[:, 3:].swapaxes(0, 1)

    def loss(self, batch: Repainting, rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """L1, the expert's and the discriminator's judgement, and the discriminator's own loss."""
        model, judge = self.model, self.model["wav2lip_disc_qual"]
        made = model["wav2lip_generator"](batch.sounds, batch.faces)
        l1 = (made - batch.target).abs().mean()
        sync = cross_entropy(agreement(self.expert, batch.sound, halves(made)), 1.0)
        model.remember(sync)
        gan = cross_entropy(judged(judge, made), 1.0)
        own = cross_entropy(judge(batch.target), 1.0) + cross_entropy(judge(made.detach()), 0.0)
        weight = SYNC_WEIGHT * model.sync_counts
        total = weight * sync + GAN_WEIGHT * gan + (1 - weight - GAN_WEIGHT) * l1
        figures = {"l1": l1, "sync": sync, "sync_weight": weight, "gan": gan, "discriminator": own}
        return total + own, {name: value.detach() for name, value in figures.items()}

    def sample(self) -> np.ndarray:
        """Two rows for each stretch: as it was, and repainted."""
        batch = self._drawn(SAMPLE_CLIPS, np.random.default_rng(SAMPLE_SEED))
        batch = moved(batch, next(self.model.parameters()).device)
        made = self.model["wav2lip_generator"](batch.sounds, batch.faces)
        rows = [row.transpose(0, 1) for pair in zip(batch.target, made, strict=True) for row in pair]
        return sketch.grid([(row.permute(0, 2, 3, 1).flip(-1).cpu().numpy() * 255).astype(np.uint8) for row in rows])


def train_expert(clips: Clips, config: TrainingConfig, before: Mapping[str, State]) -> ExpertTask:
    """First phase."""
    model = nn.ModuleDict({"wav2lip_syncnet_color": SyncExpert(config.method.width)})
    return ExpertTask("wav2lip_expert", model, clips, config, before, MODULES)


def train_generator(clips: Clips, config: TrainingConfig, before: Mapping[str, State]) -> GeneratorTask:
    """Second phase."""
    task = GeneratorTask("wav2lip_generator", GeneratorModel(config.method.width), clips, config, before, MODULES)
    task.expert = SyncExpert(config.method.width)
    task.expert.load_state_dict(part(before["expert"], "wav2lip_syncnet_color"))
    task.expert.eval().requires_grad_(False)
    return task


def agreement(expert: SyncExpert, sound: Tensor, faces: Tensor) -> Tensor:
    """Cosine of the embeddings, (B, 1) in [0, 1]: no element of them is below 0."""
    heard, seen = expert(sound, faces)
    return (heard * seen).sum(dim=1, keepdim=True).clamp(0, 1)


def halves(clips: Tensor) -> Tensor:
    """(B, 3, 5, 96, 96) to the expert's (B, 15, 48, 96): lower halves, frame after frame."""
    return clips[:, :, :, clips.shape[3] // 2 :].transpose(1, 2).flatten(1, 2)


def lower_faces(faces: np.ndarray) -> np.ndarray:
    """(5, 96, 96, 3) uint8 RGB to (15, 48, 96) float32 BGR in [0, 1]."""
    bgr = wav2lip.network_input(faces)[:, 3:]
    return bgr[:, :, wav2lip.SIZE // 2 :].reshape(-1, wav2lip.SIZE // 2, wav2lip.SIZE)


def crops(cut: Cut) -> np.ndarray:
    """Faces of the clip's stretch, in the box that inference takes: (length, 96, 96, 3) uint8."""
    numbers = np.arange(cut.stretch.start, cut.stretch.stop)
    frames = cut.pictures(numbers)
    boxes = wav2lip.smoothed_boxes(wav2lip.padded_boxes(cut.landmarks[numbers], frames.shape[1:3]))
    return np.stack([wav2lip.crop(frame, box) for frame, box in zip(frames, boxes, strict=True)])


def mel(cut: Cut) -> np.ndarray:
    """The clip's spectrogram, (80, K); a sound shorter than a window ends in silence."""
    least = wav2lip_audio.HOP * WINDOW
    return wav2lip_audio.mel(np.pad(cut.audio, (0, max(0, least - len(cut.audio)))))


def sound_at(columns: np.ndarray, frame: int) -> np.ndarray:
    """The window that starts with a frame, moved inwards at the clip's ends: (1, 80, 16)."""
    start = int(np.clip(int(frame * COLUMNS_PER_S / NATIVE_FPS), 0, columns.shape[1] - WINDOW))
    return columns[None, :, start : start + WINDOW]


def _tensor(samples: list[np.ndarray]) -> Tensor:
    return torch.from_numpy(np.stack(samples).astype(np.float32))


MODULES = (wav2lip, wav2lip_audio, wav2lip_network, clips_module, phase, sys.modules[__name__])
"""Code that gives the weights their meaning."""
