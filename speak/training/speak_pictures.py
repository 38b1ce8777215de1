"""What training SPEAK on pictures needs beside the task: the frozen sync network, and emotions by their names."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from speak.config import build
from speak.data.pictures import PictureSource, to_frames
from speak.data.places import Place
from speak.data.pool import cut_clip
from speak.errors import UserError
from speak.losses.classification import UNLABELLED
from speak.models.small_emotions import EmotionMeans
from speak.models.syncnet import SyncNet
from speak.training import checkpoint
from speak.training.sync import SyncConfig

EMOTIONS = 3
"""Keeps the draws of the mean emotion codes apart from those of the training."""
ENCODER = "speak.irfd.emotion_encoder."


def frozen_sync(path: Path | None) -> SyncNet:
    """The sync network of a checkpoint of ``train_sync``, as it is: the generator is judged by it and cannot move it.

    Raises:
        UserError: none was given, or it cannot be read.
    """
    if path is None:
        raise UserError("training: L_sync of pictures needs the sync network; train it first (dvc repro train_sync)")
    content = checkpoint.load(path, kind="sync")
    network = SyncNet(build(SyncConfig, content["config"], f"{path}:config").network)
    network.load_state_dict(checkpoint.weights(content))
    return network.eval().requires_grad_(False)


def keep_emotions(content: dict[str, Any], encoder: nn.Module, source: PictureSource, seed: int) -> None:
    """Write the mean emotion codes of labelled clips into a finished checkpoint's weights (``EmotionMeans``).

    They come last, since they belong to the trained encoder.

    Args:
        content: of the checkpoint; its buffers ``emotions.*`` are replaced.
        encoder: of the same kind as its E_e.
        source: the training clips; ``emotion_clips`` of each emotion and level are looked at.
        seed: of the choice of clips and frames.
    """
    found = checkpoint.weights(content)
    encoder = copy.deepcopy(encoder).cpu().eval()
    encoder.load_state_dict({name.removeprefix(ENCODER): found[name] for name in found if name.startswith(ENCODER)})
    means = EmotionMeans(found["emotions.frames"].shape[-1])
    rng = np.random.default_rng([seed, EMOTIONS])
    for place in labelled(source.clips, source.config.emotion_clips, rng):
        cut = cut_clip(place, source.pool.config, rng)
        means.add(place.emotion, place.level, mean_code(encoder, to_frames(cut.pictures(cut.moments))))
    for weights in (content["model"], content["ema"]):
        if weights:
            weights.update({f"emotions.{name}": value for name, value in means.state_dict().items()})


@torch.no_grad()
def mean_code(encoder: nn.Module, frames: Tensor) -> Tensor:
    """(N, *frame) to the mean of their codes (C,)."""
    return encoder(frames).mean(dim=0)


def labelled(clips: list[Place], count: int, rng: np.random.Generator) -> list[Place]:
    """Up to ``count`` random clips of each emotion and level, in the order of ``clips``."""
    groups: dict[tuple[int, int], list[int]] = {}
    for index, place in enumerate(clips):
        if place.emotion != UNLABELLED and place.level is not None:
            groups.setdefault((place.emotion, place.level), []).append(index)
    chosen = [rng.choice(own, min(count, len(own)), replace=False) for _, own in sorted(groups.items())]
    return [clips[index] for index in sorted(np.concatenate(chosen))] if chosen else []
