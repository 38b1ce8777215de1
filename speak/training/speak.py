"""Training of SPEAK, section 3.3: L = L_GAN + L_sync + L_vgg (eq. 13), on encoders that IRFD has learned.

Discriminator and sync network learn in the same step from the same batch: the generator's terms see their weights as
constants, their own terms see generated frames as constants, so one backward pass serves all. With small parts L_vgg
is measured in the frame itself and in the codes of IRFD's trained encoders (``speak.losses.perceptual``), and the sync
network is one that hears the sound and sees small frames; it is not the one that scores videos. Pictures are judged by
the one that does: trained beforehand, frozen here, and looking through ``speak.losses.mouth_views``.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from speak.data import samples
from speak.data.batches import Source, SpokenClips
from speak.data.features import UNLABELLED, Bank
from speak.data.pictures import PictureSource, open_pictures
from speak.data.pool import step_of
from speak.data.samples import decoded_clips
from speak.errors import UserError
from speak.faces import mouth_blank, mouth_view
from speak.faces.head_points import to_canvas
from speak.losses import adversarial, contrastive, mouth_views, perceptual, sync, total
from speak.losses.adversarial import discriminator_loss, generator_loss, r1_penalty
from speak.losses.contrastive import batch_contrastive
from speak.losses.mouth_views import picture_sync_loss
from speak.losses.perceptual import perceptual_loss
from speak.losses.sync import sync_loss
from speak.losses.total import total_loss
from speak.models import audio_encoder, discriminator, mouth_inside, small_emotions, small_sync, syncnet
from speak.models import speak as network
from speak.models.irfd import FaceEncoders
from speak.models.mouth_inside import InsideConfig, MouthInside, open_mouths
from speak.models.syncnet import SyncNet, window_indices
from speak.training import checkpoint, loop, processes, sketch, speak_model, speak_pictures
from speak.training.devices import moved
from speak.training.irfd import FACE_MODULES, IrfdModel, small_source
from speak.training.processes import share
from speak.training.record import Progress, silent
from speak.training.speak_model import SpeakModel, SpeakTrainConfig
from speak.training.speak_pictures import frozen_sync, keep_emotions
from speak.training.task import Figures, Group, Task

SPEAK_MODULES = (
    *FACE_MODULES,
    *(adversarial, contrastive, perceptual, sync, total, audio_encoder, discriminator, mouth_inside, small_emotions),
    *(small_sync, network, samples, mouth_blank, mouth_view, mouth_views, syncnet, speak_model, speak_pictures),
)
"""Code that gives SPEAK's weights their meaning."""


SAMPLE_SEED, SAMPLE_CLIPS, SAMPLE_MOMENTS = 7, 2, 6
"""Of the sample pictures: always the same moments of the same stretches."""


class SpeakTask(Task):
    """Batches and loss for ``speak.training.loop``.

    Args:
        model: with fitted bases.
        source: of batches.
        features: what L_vgg looks with, from ``speak.losses.perceptual.build``.
        config: see ``SpeakTrainConfig``.
        data: digest of clips and of the checkpoints behind this one.
        listener: frozen sync network that judges pictures; None for small parts and without L_sync.
    """

    kind = "speak"

    def __init__(
        self,
        model: SpeakModel,
        source: Source,
        features: nn.Module,
        config: SpeakTrainConfig,
        data: str,
        listener: SyncNet | None = None,
    ):
        self.model, self.source, self.features, self.config, self.data = model, source, features, config, data
        self.listener = listener
        self.identity = speak_fingerprint(config)

    def move(self, device: torch.device) -> None:
        """As ``Task``; what looks and listens for the losses comes along."""
        super().move(device)
        self.features = self.features.to(device)
        self.listener = self.listener and self.listener.to(device)

    def groups(self) -> list[Group]:
        """Adopted encoders learn later and slower than the rest."""
        encoders = list(self.model.speak.irfd.parameters())
        known = {id(parameter) for parameter in encoders}
        rest = [parameter for parameter in self.model.parameters() if id(parameter) not in known]
        return [Group(encoders, self._encoder_rate), Group(rest)]

    def _encoder_rate(self, step: int) -> float:
        config = self.config
        if not config.adopt:
            return 1.0
        return 0.0 if step < config.frozen_share * config.loop.steps else config.tuning_rate

    def draw(self, rng: np.random.Generator) -> SpokenClips:
        """Random stretches of random clips."""
        config = self.config
        return self.source.spoken(share(config.batch), config.frames, rng, apart=config.shown == "apart")

    def loss(self, clips: SpokenClips, rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """Eq. 13, and the losses of discriminator and sync network, on one batch of stretches."""
        config = self.config
        if config.speak.parts == "paper" and config.adopt:
            self._hold_encoders(step_of(rng)[0])
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

    def sample(self) -> np.ndarray:
        """Two rows for each stretch: the moments as they were, and as they are generated."""
        model, config = self.model, self.config
        clips = self.source.spoken(SAMPLE_CLIPS, config.frames, np.random.default_rng(SAMPLE_SEED), apart=False)
        clips = moved(clips, next(model.parameters()).device)
        made = model.speak(clips.identity, clips.pose, clips.emotion, clips.audio)
        moments = np.linspace(0, config.frames - 1, SAMPLE_MOMENTS).round().astype(int)
        rows = [part[moments] for pair in zip(clips.target, made, strict=True) for part in pair]
        return sketch.grid([sketch.pictures(row, model.basis) for row in rows])

    def _hold_encoders(self, step: int) -> None:
        """Adopted picture encoders cost nothing while they do not learn.

        Their batch statistics stay IRFD's even afterwards: those of a few clips' neighbouring frames say little.
        """
        self.model.speak.irfd.freeze(self._encoder_rate(step) == 0)
        self.model.speak.irfd.train(False)

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
        if self.listener is not None:
            loss = picture_sync_loss(self.listener, clips, made, config.pictures.pool.fps, config.sync_mode)
            return loss, torch.zeros_like(loss)
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
        figures for ``metrics.json``: clips, persons, skipped, parts (in words), trained_with_metric (whether the
        sync network that scores videos took part), steps, and the last step's losses.
    """
    torch.set_num_threads(1)
    folders, clip_ids = list(folders), list(clip_ids)
    torch.manual_seed(config.loop.seed)
    model = SpeakModel(config)
    irfd = checkpoint.load(irfd_checkpoint, kind="irfd")
    state = checkpoint.weights(irfd)
    pretrained, listener = _adopt(model, state, config), None
    is_paper = config.speak.parts == "paper"
    if is_paper:
        source, figures, listener = _pictures(folders, clip_ids, config, sync_checkpoint)
    else:
        source, figures = small_source(model.basis, folders, clip_ids, config.augment, config.loop.seed)
        _learn_emotions(model, source.bank)
        _learn_inside(model.inside, folders, clip_ids, config.inside)
    clips = source.clips if is_paper else source.bank.clips
    states = [state, listener.state_dict()] if listener else [state]
    data = checkpoint.digest([*(clip.clip_id for clip in clips), *map(_digest, states)])
    task = SpeakTask(model, source, perceptual.build(config.perceptual, pretrained), config, data, listener)
    content = loop.run(task, config.loop, out_dir, advance)
    if is_paper and processes.rank() == 0:
        keep_emotions(content, model.speak.irfd.emotion_encoder, source, config.loop.seed)
        checkpoint.save(Path(out_dir) / "checkpoint.pt", content)
    last = {name: value for name, value in content["log"][-1].items() if name not in ("step", "learning_rate")}
    start = f", after {irfd['step']} steps of IRFD" if config.adopt else ""
    made = {"parts": f"{config.speak.parts} parts{start}", "trained_with_metric": listener is not None}
    return {**figures, **made, "steps": content["step"], **last}


def _pictures(
    folders: list[Path], clip_ids: list[str], config: SpeakTrainConfig, sync_checkpoint: Path | None
) -> tuple[PictureSource, dict[str, Any], SyncNet | None]:
    """Batches of pictures, figures about their clips, and the network that judges them where L_sync has a weight."""
    listener = frozen_sync(sync_checkpoint) if config.weights["sync"] else None
    view = listener and (listener.config.width, listener.config.height)
    chosen = config.pictures
    source, figures = open_pictures(folders, clip_ids, chosen.pool, config.frames + 1, chosen, view)
    return source, figures, listener


def _adopt(model: SpeakModel, state: dict[str, Tensor], config: SpeakTrainConfig) -> FaceEncoders:
    """Give the model IRFD's basis and, where it adopts them, encoders; returns a copy of the trained encoders."""
    irfd = IrfdModel(config.speak.irfd)
    try:
        irfd.load_state_dict(state)
    except RuntimeError as error:
        raise UserError(f"IRFD checkpoint: it does not fit the parameters of SPEAK: {error}") from error
    if irfd.basis is not None:
        model.basis.load_state_dict(irfd.basis.state_dict())
    if config.adopt:
        model.speak.irfd.adopt(irfd.irfd.state_dict())
    return irfd.irfd


def _learn_emotions(model: SpeakModel, bank: Bank) -> None:
    """Mean frames of the labelled clips."""
    for clip in bank.clips:
        if clip.emotion != UNLABELLED and clip.level is not None:
            own = slice(clip.rows.start, clip.rows.stop)
            points = to_canvas(bank.motion.matrices[own], bank.motion.shifts[own], bank.motion.calm[own])
            calm = torch.from_numpy(points.astype(np.float32))
            model.emotions.add(clip.emotion, clip.level, model.basis.encode(calm, calm).mean(dim=0))


def _learn_inside(inside: MouthInside, folders: list[Path], clip_ids: list[str], config: InsideConfig) -> None:
    """Fit the pictures between the lips to some training clips; the only time that videos are read."""
    points, pictures = [], []
    chosen = np.linspace(0, len(clip_ids) - 1, min(config.clips, len(clip_ids))).round().astype(int)
    for clip in decoded_clips(folders, np.array(sorted(clip_ids))[chosen], pictures=True):
        if np.isfinite(clip.landmarks).all(axis=(1, 2)).any():
            where, what = open_mouths(clip.frames, clip.landmarks, config)
            points.append(where)
            pictures.append(what)
    inside.fit(np.concatenate(points), np.concatenate(pictures))


def _digest(state: dict[str, Tensor]) -> str:
    return checkpoint.digest(f"{name} {value.double().sum().item()!r}" for name, value in sorted(state.items()))
