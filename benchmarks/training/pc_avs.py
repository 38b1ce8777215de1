"""Training of PC-AVS (Zhou et al. 2021): who it is, then what is said, then the generator with all encoders.

The authors published losses, weights and options, and no training script. As published: persons are told apart by
cross-entropy; mouth features of disguised frames and of their sound find each other within a batch of clips; the
generator shows a clip's face from another picture of it, the sound, and the head pose of disguised frames, and is
judged by hinge loss, feature matching, what VGG19 sees, and both losses of the encoders.

What differs, or had to be settled: networks start at random, where the authors start from ImageNet's and
face-alignment's weights, and so netE's body learns with the content instead of being kept. All of netE's mappings learn
with the generator; the public list of what learns names parts that are gone and leaves some out. Sound alone drives the
mouths that are rendered (an option of the authors'), not frames as well. VGGFace is left out (another option). The loss
that makes persons of head poses alike is left out: it is off unless asked for, the paper lacks it, and the public code
cuts its gradient, so that it changes nothing. Colour, shape and sharpness disguise frames, as in the public code; they
are not mirrored there either. netV keeps the batch statistics of its own phase while the generator learns. The
generator's layers keep StyleGAN2's initial weights.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.methods import (
    pc_avs_crop,
    pc_avs_network_audio,
    pc_avs_network_generator,
    pc_avs_network_identity,
    pc_avs_network_pose,
    pc_avs_sound,
    stylegan2_layers,
)  # fmt: skip
from benchmarks.methods.baseline import State, part
from benchmarks.methods.networks import NETWORKS
from benchmarks.training import clips as clips_module
from benchmarks.training import looks, pc_avs_disguise, pc_avs_judge, pc_avs_samples, phase
from benchmarks.training.clips import Clips
from benchmarks.training.config import TrainingConfig
from benchmarks.training.pc_avs_judge import Judge, matching, parted, passing, telling
from benchmarks.training.pc_avs_samples import EVERY, Faces, Speech, Talking, faces, signed, speech, talking
from benchmarks.training.phase import PhaseTask, judged
from speak.errors import UserError
from speak.training import sketch
from speak.training.devices import moved
from speak.training.processes import share
from speak.training.task import Figures, Group

FRAMES = 12
"""Of a clip, an example by the authors, who give no value; a profile may set another."""
BETAS = (0.0, 0.9)
MATCHING_WEIGHT, LOOKS_WEIGHT, CONTRAST_WEIGHT, NEARNESS_WEIGHT = 10.0, 10.0, 100.0, 1.0
"""Defaults of the authors' options; hinge loss and persons count once."""
SMALLEST = 1e-4
"""Least distance of two unit vectors, as the loss divides by it."""
G, V, E, A = "pcavs_netG", "pcavs_netV", "pcavs_netE", "pcavs_netA_sync"
PERSONS, JUDGE = "persons", "judge"
"""Parts that only the training needs."""
SAMPLE_SEED, SAMPLE_CLIPS, SAMPLE_FRAMES = 7, 2, 12


class PcAvsTask(PhaseTask):
    """How all phases learn."""

    def groups(self) -> list[Group]:
        """The judge learns four times as fast as everything else."""
        own = [weight for name, made in self.model.items() if name != JUDGE for weight in made.parameters()]
        judge = self.model[JUDGE].parameters() if JUDGE in self.model else []
        sides = [Group(own, share=_half, betas=BETAS, amsgrad=True), Group(list(judge), share=_twice, betas=BETAS)]
        return [side for side in sides if side.parameters]

    @property
    def length(self) -> int:
        """Consecutive frames of each clip. Raises UserError where a stretch has fewer."""
        length = self.phase.frames or FRAMES
        if not 1 <= length <= self.config.pool.stretch:
            raise UserError(
                f"{self.kind}: frames are {length}, a stretch has {self.config.pool.stretch}; change frames or stretch"
            )
        return length


class IdentityTask(PcAvsTask):
    """Whose face is it?"""

    def draw(self, rng: np.random.Generator) -> Faces:
        """A picture of each clip."""
        return faces(self.clips, self.clips.cuts(share(self.batch), rng), rng)

    def loss(self, batch: Faces, rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """Cross-entropy over the persons."""
        vector, _, _ = self.model[V](signed(batch.pictures))
        scores = self.model[PERSONS](vector)
        right = (scores.argmax(dim=1) == batch.persons).float().mean()
        return functional.cross_entropy(scores.float(), batch.persons), {"right": right}


class ContentTask(PcAvsTask):
    """What do this sound and this mouth have in common?"""

    def draw(self, rng: np.random.Generator) -> Speech:
        """Disguised clips."""
        return speech(self.clips, self.clips.cuts(share(self.batch), rng), self.length, rng)[0]

    def loss(self, batch: Speech, rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """Both losses of the encoders."""
        seen = self.model[E].forward_feature(signed(batch.frames.flatten(0, 1)))
        mouths, sounds = self.model[E].to_mouth(seen), self.model[A].forward_feature(batch.sounds)
        return agreement(*(feature.unflatten(0, (len(batch.sounds), -1)) for feature in (mouths, sounds)))


class GeneratorModel(nn.ModuleDict):
    """All parts; netV goes on learning, but normalises as at inference, as a batch shows few persons."""

    def train(self, mode: bool = True) -> Self:
        """As ``Module``; netV knows no other difference."""
        super().train(mode)
        self[V].eval()
        return self


class GeneratorTask(PcAvsTask):
    """Shows faces; ``looks`` is fixed."""

    looks: nn.Module

    def move(self, device: torch.device) -> None:
        """As ``Task``; what looks comes along."""
        super().move(device)
        self.looks = self.looks.to(device)

    def draw(self, rng: np.random.Generator) -> Talking:
        """Clips, and another moment of each."""
        return talking(self.clips, share(self.batch), self.length, rng)

    def loss(self, batch: Talking, rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """Everything above, and the judge's own loss."""
        judge, target = self.model[JUDGE], signed(batch.target.flatten(0, 1))
        made, vector, (mouths, sounds) = self.rendered(batch)
        real, other = parted(judge(torch.cat([target, made.detach()])))
        own, seen = telling(real, other), judged(judge, made)
        persons = functional.cross_entropy(self.model[PERSONS](vector).float(), batch.faces.persons)
        encoders, figures = agreement(mouths, sounds)
        gan, match, look = passing(seen), matching(seen, real), looks.looks_loss(self.looks, made, target)
        total = gan + MATCHING_WEIGHT * match + LOOKS_WEIGHT * look + encoders + persons
        figures |= {"gan": gan, "matching": match, "looks": look, "persons": persons, "judge": own}
        return total + own, {name: value.detach() for name, value in figures.items()}

    def rendered(self, batch: Talking) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor]]:
        """Pictures (B · R, 3, 224, 224) in [-1, 1], identities (B, D), and features (B, F, D') of mouths and sounds."""
        encoder, speech, count = self.model[E], batch.speech, len(batch.target)
        vector, start, _ = self.model[V](signed(batch.faces.pictures))
        seen = encoder.forward_feature(signed(speech.frames.flatten(0, 1))).unflatten(0, (count, -1))
        said = self.model[A].forward_feature(speech.sounds).unflatten(0, (count, -1))
        mouth = encoder.mouth_embed(said[:, ::EVERY])
        pose = encoder.headpose_embed(encoder.to_headpose(seen[:, ::EVERY]))
        rendered = pose.shape[1]
        style = torch.cat([vector[:, None].expand(-1, rendered, -1), mouth, pose], dim=2)
        made, _ = self.model[G]([style.flatten(0, 1)], start.repeat_interleave(rendered, 0))
        return made, vector, (encoder.to_mouth(seen), said)

    def sample(self) -> np.ndarray:
        """For each clip frames as they were and as they are shown, the other moment first, then the disguise."""
        device = next(self.model.parameters()).device
        length = min(SAMPLE_FRAMES, self.config.pool.stretch)
        batch = moved(talking(self.clips, SAMPLE_CLIPS, length, np.random.default_rng(SAMPLE_SEED)), device)
        made = self.rendered(batch)[0].unflatten(0, (SAMPLE_CLIPS, -1))
        rows = []
        for index, face in enumerate(batch.faces.pictures):
            rows.append(torch.cat([signed(face[None]), signed(batch.target[index])]))
            rows.append(torch.cat([signed(batch.speech.frames[index, :1]), made[index]]))
        return sketch.grid([sketch.pictures(row, None) for row in rows])


def train_identity(clips: Clips, config: TrainingConfig, before: Mapping[str, State]) -> IdentityTask:
    """First phase."""
    model = _made(config, [V])
    model[PERSONS] = _telling_apart(clips, model)
    return IdentityTask("pc_avs_identity", model, clips, config, before, MODULES)


def train_content(clips: Clips, config: TrainingConfig, before: Mapping[str, State]) -> ContentTask:
    """Second phase."""
    return ContentTask("pc_avs_content", _made(config, [A, E]), clips, config, before, MODULES)


def train_generator(clips: Clips, config: TrainingConfig, before: Mapping[str, State]) -> GeneratorTask:
    """Third phase: the encoders go on from where they were."""
    model = GeneratorModel(_made(config, [G, V, E, A]))
    model[PERSONS] = _telling_apart(clips, model)
    model[JUDGE] = Judge(config.method.width)
    for name, known in ((V, "identity"), (PERSONS, "identity"), (E, "content"), (A, "content")):
        model[name].load_state_dict(part(before[known], name))
    task = GeneratorTask("pc_avs_generator", model, clips, config, before, MODULES)
    task.looks = looks.build(config.looks)
    return task


def agreement(mouths: Tensor, sounds: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Contrast in both directions, and L1 that draws sounds to mouths; with figures for the log.

    Args:
        mouths, sounds: (B, F, D) features of the frames of each clip.
    """
    seen, said = mouths.flatten(1).float(), sounds.flatten(1).float()
    to_seen, to_said = contrast(seen.detach(), said), contrast(said.detach(), seen)
    near = (said - seen.detach()).abs().mean()
    figures = {"sound_finds_mouth": to_seen.detach(), "mouth_finds_sound": to_said.detach(), "nearness": near.detach()}
    return CONTRAST_WEIGHT * (to_seen + to_said) + NEARNESS_WEIGHT * near, figures


def contrast(wanted: Tensor, features: Tensor) -> Tensor:
    """Mean over i of -log softmax_j(1 / ‖w_i - f_j‖) at j = i, of unit vectors; scalar.

    Args:
        wanted, features: (B, D); row i of one belongs to row i of the other.
    """
    own, other = functional.normalize(wanted)[:, None], functional.normalize(features)[None]
    distances = ((own - other).square().sum(dim=2) + SMALLEST**2).sqrt()
    return functional.cross_entropy(1 / distances, torch.arange(len(wanted), device=wanted.device))


def _made(config: TrainingConfig, names: Sequence[str]) -> nn.ModuleDict:
    made = nn.ModuleDict({name: NETWORKS[name](width=config.method.width) for name in names})
    for name in (name for name in names if name in (V, E)):
        made[name].to(memory_format=torch.channels_last)  # a quarter quicker on a CPU
    return made


def _telling_apart(clips: Clips, model: nn.ModuleDict) -> nn.Linear:
    """Scores of persons; the published head has the size of the authors' own data."""
    return nn.Linear(model[V].fc.in_features, len(clips.persons))


def _half(step: int) -> float:
    return 0.5


def _twice(step: int) -> float:
    return 2.0


MODULES = (
    pc_avs_crop, pc_avs_sound, pc_avs_network_audio, pc_avs_network_generator, pc_avs_network_identity,
    pc_avs_network_pose, stylegan2_layers, pc_avs_disguise, pc_avs_judge, pc_avs_samples, looks, clips_module, phase,
    sys.modules[__name__],
)  # fmt: skip
"""Code that gives the weights their meaning."""
