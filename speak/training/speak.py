"""Training of SPEAK, section 3.3: L = L_GAN + L_sync + L_vgg (eq. 13), on encoders that IRFD has learned.

Discriminator and sync network learn in the same step from the same batch: the generator's terms see their weights as
constants, their own terms see generated frames as constants, so one backward pass serves all. With small parts L_vgg
is measured in the frame itself and in the codes of IRFD's trained encoders (``speak.losses.perceptual``), and the sync
network is one that hears the sound and sees small frames; it is not the one that scores videos.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from speak.data.batches import Source, SpokenClips
from speak.data.features import UNLABELLED, AugmentConfig, Bank
from speak.data.samples import decoded_clips
from speak.errors import UserError
from speak.faces.head_points import to_canvas
from speak.losses import adversarial, contrastive, perceptual, sync, total
from speak.losses.adversarial import AdversarialConfig, discriminator_loss, generator_loss, r1_penalty
from speak.losses.contrastive import ContrastiveConfig, batch_contrastive
from speak.losses.perceptual import PerceptualConfig, perceptual_loss
from speak.losses.sync import SyncMode, sync_loss
from speak.losses.total import total_loss
from speak.models import audio_encoder, discriminator, mouth_inside, small_emotions, small_sync
from speak.models import speak as network
from speak.models.discriminator import DiscriminatorConfig
from speak.models.irfd import FaceEncoders
from speak.models.mouth_inside import InsideConfig, MouthInside, open_mouths
from speak.models.small_emotions import EmotionMeans
from speak.models.small_frame import FrameBasis
from speak.models.small_sync import SmallSync, SmallSyncConfig
from speak.models.speak import Speak, SpeakConfig
from speak.models.syncnet import window_indices
from speak.training import checkpoint, loop
from speak.training.irfd import FACE_MODULES, IrfdModel, small_source
from speak.training.loop import LoopConfig, Progress, silent
from speak.training.processes import share
from speak.training.task import Figures, RateShare, Task

SPEAK_MODULES = (
    *FACE_MODULES,
    *(adversarial, contrastive, perceptual, sync, total, audio_encoder, discriminator, mouth_inside, small_emotions),
    *(small_sync, network),
)
"""Code that gives SPEAK's weights their meaning."""


@dataclass(frozen=True, kw_only=True)
class SpeakTrainConfig:
    """Everything that decides SPEAK's weights.

    Attributes:
        speak: parts and sizes.
        weights: of the terms of eq. 13 (``speak.losses.total.TERMS``); 0 leaves a term out (Table 4).
        adopt: start from IRFD's encoders. False is "w/o IRFD": encoders from scratch, trained with the generator at
            the full rate (paper notes, row 22); L_vgg is measured by IRFD's encoders all the same.
        frozen_share: share of the steps in which adopted encoders stay as they are; 1 keeps them so (row 15).
        tuning_rate: their share of the learning rate afterwards.
        adversarial: how eq. 10 is played.
        discriminator: its parts and sizes.
        judged: frames of a batch that the discriminator sees.
        perceptual: what L_vgg looks with.
        sync: sizes of the sync network of small parts; None for paper parts.
        contrastive: eq. 11 for its training.
        sync_mode: how eqs. 11 and 12 are read for the generator.
        min_shift: frames from which two windows of a clip count as not matching.
        inside: pictures between the lips; None for paper parts.
        augment: random changes of small frames; None for paper parts.
        batch, frames: stretches in a batch, and their length.
    """

    speak: SpeakConfig
    weights: dict[str, float]
    adopt: bool
    frozen_share: float
    tuning_rate: float
    adversarial: AdversarialConfig
    discriminator: DiscriminatorConfig
    judged: int
    perceptual: PerceptualConfig
    sync: SmallSyncConfig | None
    contrastive: ContrastiveConfig
    sync_mode: SyncMode
    min_shift: int
    inside: InsideConfig | None
    augment: AugmentConfig | None
    batch: int
    frames: int
    loop: LoopConfig

    def __post_init__(self):
        if self.weights.keys() != set(total.TERMS):
            raise ValueError(f"weights wanted for {', '.join(total.TERMS)}, got {', '.join(self.weights)}")


class SpeakModel(nn.Module):
    """What a SPEAK checkpoint holds: the network, its judges, and the bases of small parts."""

    def __init__(self, config: SpeakTrainConfig, *, restore: bool = False):
        super().__init__()
        is_small = config.speak.parts == "small"
        self.speak: Speak = network.build(config.speak, restore=restore)
        self.discriminator = discriminator.build(config.discriminator)
        self.sync = SmallSync(config.sync, config.speak.irfd.small.frame) if is_small else None
        self.basis = FrameBasis(config.speak.irfd.small.frame) if is_small else None
        self.inside = MouthInside(config.inside) if is_small else None
        self.emotions = EmotionMeans(config.speak.irfd.small.frame.size) if is_small else None


class SpeakTask(Task):
    """Batches and loss for ``speak.training.loop``.

    Args:
        model: with fitted bases.
        source: of batches.
        features: what L_vgg looks with, from ``speak.losses.perceptual.build``.
        config: see ``SpeakTrainConfig``.
        data: digest of clips and of the IRFD checkpoint.
    """

    kind = "speak"

    def __init__(self, model: SpeakModel, source: Source, features: nn.Module, config: SpeakTrainConfig, data: str):
        self.model, self.source, self.features, self.config, self.data = model, source, features, config, data
        self.identity = speak_fingerprint(config)

    def move(self, device: torch.device) -> None:
        """As ``Task``; what L_vgg looks with comes along."""
        super().move(device)
        self.features = self.features.to(device)

    def groups(self) -> list[tuple[list[nn.Parameter], RateShare]]:
        """Adopted encoders learn later and slower than the rest."""
        encoders = list(self.model.speak.irfd.parameters())
        known = {id(parameter) for parameter in encoders}
        rest = [parameter for parameter in self.model.parameters() if id(parameter) not in known]
        return [(encoders, self._encoder_rate), (rest, lambda step: 1.0)]

    def _encoder_rate(self, step: int) -> float:
        config = self.config
        if not config.adopt:
            return 1.0
        return 0.0 if step < config.frozen_share * config.loop.steps else config.tuning_rate

    def draw(self, rng: np.random.Generator) -> SpokenClips:
        """Random stretches of random clips."""
        return self.source.spoken(share(self.config.batch), self.config.frames, rng)

    def loss(self, clips: SpokenClips, rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """Eq. 13, and the losses of discriminator and sync network, on one batch of stretches."""
        config = self.config
        made = self.model.speak(clips.identity, clips.pose, clips.emotion, clips.audio)
        vgg = perceptual_loss(self.features, made.flatten(0, 1), clips.target.flatten(0, 1))
        zero = vgg.new_zeros(())
        gan = judge = matching = listen = zero
        if config.weights["gan"]:
            gan, judge = self._adversarial(clips, made, rng)
        if config.weights["sync"]:
            matching, listen = self._sync(clips, made)
        terms = {"gan": gan, "sync": matching, "vgg": vgg}
        figures = {**terms, "discriminator": judge, "sync_network": listen}
        loss = total_loss(terms, config.weights) + judge + listen
        return loss, {name: value.detach() for name, value in figures.items()}

    def _adversarial(self, clips: SpokenClips, made: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Eq. 10 on some of the frames: the generator's term and the discriminator's."""
        config, judge = self.config, self.model.discriminator
        count = made.shape[0] * made.shape[1]
        index = torch.from_numpy(rng.choice(count, min(config.judged, count), replace=False))
        identity, fake = clips.identity[index // made.shape[1]], made.flatten(0, 1)[index]
        true = clips.target.flatten(0, 1)[index].requires_grad_()
        constant = {name: value.detach() for name, value in judge.named_parameters()}
        generator = generator_loss(functional_call(judge, constant, (identity, fake)), config.adversarial.form)
        seen = judge(identity, true)
        own = discriminator_loss(seen, judge(identity, fake.detach()))
        if config.adversarial.r1:
            own = own + r1_penalty(seen, true, config.adversarial.r1)
        return generator, own

    def _sync(self, clips: SpokenClips, made: Tensor) -> tuple[Tensor, Tensor]:
        """Eqs. 11 and 12 for the generator, and eq. 11 for the sync network itself."""
        config, net = self.config, self.model.sync
        video, sound = net.embed_video(clips.target), net.embed_audio(clips.audio, made.shape[1])
        negatives = self._negatives(video)
        video, sound = video.flatten(0, 1), sound.flatten(0, 1)
        own = batch_contrastive(video, sound, negatives, config.contrastive)
        net.requires_grad_(False)
        generated = net.embed_video(made).flatten(0, 1)
        net.requires_grad_(True)
        return sync_loss(generated, video.detach(), sound.detach(), config.sync_mode), own

    def _negatives(self, embedded: Tensor) -> Tensor:
        """(N, N) bool: windows of other clips, and distant ones of the same."""
        clip, position = (index.to(embedded.device) for index in window_indices(*embedded.shape[:2]))
        near = (position[:, None] - position[None]).abs() < self.config.min_shift
        return (clip[:, None] != clip[None]) | ~near


def speak_fingerprint(config: SpeakTrainConfig) -> str:
    """Of the parameters and the code behind a SPEAK checkpoint."""
    return checkpoint.fingerprint(config, (*SPEAK_MODULES, sys.modules[__name__]))


def train_speak(
    folders: Iterable[Path],
    clip_ids: Iterable[str],
    config: SpeakTrainConfig,
    out_dir: Path,
    irfd_checkpoint: Path,
    sync_checkpoint: Path | None = None,
    advance: Progress = silent,
) -> dict[str, Any]:
    """Train on the named clips; writes ``out_dir/checkpoint.pt`` and ``log.csv``.

    Args:
        folders: clip folders.
        clip_ids: the training clips.
        config: see ``SpeakTrainConfig``.
        out_dir: an interrupted run of the same configuration found there is resumed.
        irfd_checkpoint: trained IRFD, whose encoders are adopted (or only look for L_vgg, see ``adopt``).
        sync_checkpoint: the sync network of paper parts; small parts train their own and leave it unread.
        advance: told the number of finished steps and the rows of the log so far.

    Returns:
        figures for ``metrics.json``: clips, persons, skipped, steps, and the last step's losses.
    """
    torch.set_num_threads(1)
    folders, clip_ids = list(folders), list(clip_ids)
    torch.manual_seed(config.loop.seed)
    model = SpeakModel(config)
    state = checkpoint.weights(checkpoint.load(irfd_checkpoint, kind="irfd"))
    source, figures = small_source(model.basis, folders, clip_ids, config.augment, config.loop.seed)
    pretrained = _adopt(model, state, config)
    _learn_emotions(model, source.bank)
    _learn_inside(model.inside, folders, clip_ids, config.inside)
    features = perceptual.build(config.perceptual, pretrained)
    data = checkpoint.digest([*(clip.clip_id for clip in source.bank.clips), _digest(state)])
    task = SpeakTask(model, source, features, config, data)
    content = loop.run(task, config.loop, out_dir, advance)
    last = {name: value for name, value in content["log"][-1].items() if name not in ("step", "learning_rate")}
    return {**figures, "steps": content["step"], **last}


def _adopt(model: SpeakModel, state: dict[str, Tensor], config: SpeakTrainConfig) -> FaceEncoders:
    """Give the model IRFD's basis and, where it adopts them, encoders; returns a copy of the trained encoders."""
    irfd = IrfdModel(config.speak.irfd)
    try:
        irfd.load_state_dict(state)
    except RuntimeError as error:
        raise UserError(f"IRFD checkpoint: it does not fit the parameters of SPEAK: {error}") from error
    model.basis.load_state_dict(irfd.basis.state_dict())
    if config.adopt:
        model.speak.irfd.adopt(irfd.irfd.state_dict())
    return irfd.irfd


def _learn_emotions(model: SpeakModel, bank: Bank) -> None:
    """Mean frames of the labelled clips."""
    for clip in bank.clips:
        if clip.emotion != UNLABELLED and clip.level is not None:
            calm = torch.from_numpy(to_canvas(clip.matrices, clip.shifts, clip.calm).astype(np.float32))
            model.emotions.add(clip.emotion, clip.level, model.basis.encode(calm, calm).mean(dim=0))


def _learn_inside(inside: MouthInside, folders: list[Path], clip_ids: list[str], config: InsideConfig) -> None:
    """Fit the pictures between the lips to the training clips; the only time that videos are read."""
    points, pictures = [], []
    for clip in decoded_clips(folders, clip_ids, pictures=True):
        if np.isfinite(clip.landmarks).all(axis=(1, 2)).any():
            where, what = open_mouths(clip.frames, clip.landmarks, config)
            points.append(where)
            pictures.append(what)
    inside.fit(np.concatenate(points), np.concatenate(pictures))


def _digest(state: dict[str, Tensor]) -> str:
    return checkpoint.digest(f"{name} {value.double().sum().item()!r}" for name, value in sorted(state.items()))
