"""Training of IRFD, section 3.1: pairs of faces of random clips exchange a random factor; eqs. 1-8.

The same task for both kinds of parts: what differs is where frames come from (``speak.data.batches``).
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from speak.data import batches, features, pictures, pool
from speak.data.batches import SmallSource, Source, fit_basis
from speak.data.features import AugmentConfig, read_bank
from speak.data.pictures import open_pictures
from speak.data.pool import PoolConfig
from speak.errors import UserError
from speak.faces import head_points
from speak.losses import classification, disentanglement, distance, emotion, identity, pose, self_reconstruction
from speak.losses.disentanglement import Pairs, disentanglement_terms
from speak.losses.identity import IdentityLossConfig
from speak.losses.weighting import weighted_sum
from speak.models import codes, editing, encoders, fusion, generator, small, small_frame, stylegan
from speak.models import irfd as network
from speak.models.codes import FACTORS
from speak.models.irfd import Irfd, IrfdConfig
from speak.models.small_frame import FrameBasis
from speak.training import checkpoint, loop, sketch
from speak.training.devices import moved
from speak.training.loop import LoopConfig
from speak.training.processes import share
from speak.training.record import Progress, silent
from speak.training.task import Figures, Task

FACE_MODULES = (
    *(batches, features, pictures, pool, head_points, codes, editing, encoders, fusion, generator, network, stylegan),
    *(small, small_frame),
    *(classification, disentanglement, distance, emotion, identity, pose, self_reconstruction),
)
"""Code that gives IRFD's weights their meaning."""
LEAST_MOMENTS = 2
"""Frames that a clip must have: a face, and another moment of it."""


@dataclass(frozen=True, kw_only=True)
class IrfdTrainConfig:
    """Everything that decides IRFD's weights.

    Attributes:
        irfd: parts and sizes.
        weights: of the terms of eq. 8 (``speak.losses.disentanglement.TERMS``); 0 leaves a term out (Table 3).
        identity: how eq. 1 is read.
        shown: what the encoders read: ``own``, all three the face itself (fig. 2 as drawn), or ``apart``, each a frame
            that shares its factor only with the face, so that no code can do another's work.
        factor: exchanged in every pair; None draws one for each pair.
        augment: random changes of small frames; None for paper parts.
        pool: of decoded clips that pictures are drawn from; None for small parts.
        batch: pairs in a batch.
    """

    irfd: IrfdConfig
    weights: dict[str, float]
    identity: IdentityLossConfig
    shown: Literal["own", "apart"]
    factor: str | None
    augment: AugmentConfig | None
    pool: PoolConfig | None
    batch: int
    loop: LoopConfig

    def __post_init__(self):
        if self.weights.keys() != set(disentanglement.TERMS):
            raise ValueError(f"weights wanted for {', '.join(disentanglement.TERMS)}, got {', '.join(self.weights)}")
        if self.factor is not None and self.factor not in FACTORS:
            raise ValueError(f"factor must be null or one of {', '.join(FACTORS)}, got {self.factor!r}")
        if self.irfd.parts == "paper" and self.pool is None:
            raise ValueError("parts are paper, but section pool is missing")


SAMPLE_SEED, SAMPLE_PAIRS = 7, 4
"""Of the sample pictures: always the same pairs."""


class IrfdModel(nn.Module):
    """What an IRFD checkpoint holds: IRFD, and the basis of small frames (None for paper parts)."""

    def __init__(self, config: IrfdConfig):
        super().__init__()
        self.irfd: Irfd = network.build(config)
        self.basis = FrameBasis(config.small.frame) if config.parts == "small" else None


@dataclass(frozen=True)
class IrfdBatch:
    """Pairs of faces, and the factor that each pair exchanges: (B,) index into ``FACTORS``."""

    pairs: Pairs
    factor: Tensor


class IrfdTask(Task):
    """Batches and loss for ``speak.training.loop``."""

    kind = "irfd"

    def __init__(self, model: IrfdModel, source: Source, config: IrfdTrainConfig, data: str):
        self.model, self.source, self.config, self.data = model, source, config, data
        self.identity = irfd_fingerprint(config)

    def draw(self, rng: np.random.Generator) -> IrfdBatch:
        """Random pairs, each with the factor to exchange."""
        count = share(self.config.batch)
        pairs = self.source.pairs(count, rng, apart=self.config.shown == "apart")
        drawn = rng.integers(len(FACTORS), size=count)
        if self.config.factor is not None:
            drawn[:] = FACTORS.index(self.config.factor)
        return IrfdBatch(pairs, torch.from_numpy(drawn))

    def loss(self, batch: IrfdBatch, rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """Eq. 8 on one batch of pairs."""
        shown = batch.pairs.shown
        exchange = self.model.irfd(shown.identity, shown.emotion, shown.pose, batch.factor)
        terms = disentanglement_terms(exchange, batch.pairs, self.config.identity)
        return weighted_sum(terms, self.config.weights), {name: term.detach() for name, term in terms.items()}

    def sample(self) -> np.ndarray:
        """A row for each pair: source, target, source rebuilt, and the source with each code of the target."""
        model = self.model
        pairs = self.source.pairs(SAMPLE_PAIRS, np.random.default_rng(SAMPLE_SEED), apart=False)
        pairs = moved(pairs, next(model.parameters()).device)
        own, other = model.irfd.encode(pairs.source), model.irfd.encode(pairs.target)
        mixed = [own, *(own.swapped(other, factor) for factor in FACTORS)]
        shown = [pairs.source, pairs.target, *(model.irfd.decode(codes) for codes in mixed)]
        columns = [sketch.pictures(frames, model.basis) for frames in shown]
        return sketch.grid(list(zip(*columns, strict=True)))


def irfd_fingerprint(config: IrfdTrainConfig) -> str:
    """Of the parameters and the code behind an IRFD checkpoint."""
    return checkpoint.fingerprint(config, (*FACE_MODULES, sys.modules[__name__]))


def train_irfd(
    folders: Iterable[Path],
    clip_ids: Iterable[str],
    config: IrfdTrainConfig,
    out_dir: Path,
    advance: Progress = silent,
) -> dict[str, Any]:
    """Train on the named clips; writes ``out_dir/checkpoint.pt`` and ``log.csv``.

    Args:
        folders: clip folders.
        clip_ids: the training clips.
        config: see ``IrfdTrainConfig``.
        out_dir: an interrupted run of the same configuration found there is resumed.
        advance: told the number of finished steps and the rows of the log so far.

    Returns:
        figures for ``metrics.json``: clips, persons, skipped ({clip id: reason}), steps, and the last step's losses.
    """
    torch.set_num_threads(1)
    torch.manual_seed(config.loop.seed)
    model = IrfdModel(config.irfd)
    if config.irfd.parts == "paper":
        source, figures = open_pictures(folders, clip_ids, config.pool, LEAST_MOMENTS)
        clips = source.clips
    else:
        source, figures = small_source(model.basis, folders, clip_ids, config.augment, config.loop.seed)
        clips = source.bank.clips
        fit_basis(model.basis, source.bank, source.augment, config.loop.seed)
    task = IrfdTask(model, source, config, checkpoint.digest(clip.clip_id for clip in clips))
    content = loop.run(task, config.loop, out_dir, advance)
    last = {name: content["log"][-1][name] for name in ("loss", *disentanglement.TERMS)}
    return {**figures, "steps": content["step"], **last}


def small_source(
    basis: FrameBasis,
    folders: Iterable[Path],
    clip_ids: Iterable[str],
    augment: AugmentConfig | None,
    seed: int,
) -> tuple[SmallSource, dict[str, Any]]:
    """Batches of small frames, and figures about the clips behind them. The basis may be fitted later."""
    if augment is None:
        raise UserError("training: small parts need an augment section")
    bank = read_bank(folders, clip_ids)
    figures = {"clips": len(bank.clips), "persons": len(bank.neutral), "skipped": bank.skipped}
    return SmallSource(bank, augment, basis), figures
