"""Training of the sync network: eq. 11 over segments of clips.

Each batch takes a segment from each of several clips. Every window of every segment is embedded once; a window's other
pairs are all windows of other clips and those of its own clip that lie at least ``min_shift`` frames away.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from speak.data import samples
from speak.data.samples import SyncTrack, decoded_clips, sync_track
from speak.errors import UserError
from speak.faces import mouth_view
from speak.losses import contrastive
from speak.losses.contrastive import ContrastiveConfig, batch_contrastive, pair_distances
from speak.media import mel
from speak.models import syncnet
from speak.models.syncnet import MEL_PER_FRAME, SyncNet, SyncNetConfig, window_indices
from speak.training import checkpoint, loop
from speak.training.loop import LoopConfig, Progress, silent
from speak.training.processes import share
from speak.training.task import Figures, Task


@dataclass(frozen=True, kw_only=True)
class SyncAugmentConfig:
    """Random changes of training segments, so that confidence does not hang on cleanness.

    Attributes:
        shift: largest move of the view in pixels, the same for a whole segment.
        noise: largest standard deviation of grey noise, in steps of 255.
        blur: share of segments halved in resolution and enlarged again.
        gain: largest change of loudness, natural logarithm.
        hiss: largest level of noise added to log-mel frames.
    """

    shift: int
    noise: float
    blur: float
    gain: float
    hiss: float


@dataclass(frozen=True, kw_only=True)
class SyncConfig:
    """Everything that decides the sync network's weights.

    Attributes:
        segment: frames (25 fps) taken from a clip.
        clips: clips in a batch.
        min_shift: frames from which two windows of a clip count as not matching.
    """

    network: SyncNetConfig
    loss: ContrastiveConfig
    augment: SyncAugmentConfig
    loop: LoopConfig
    segment: int
    clips: int
    min_shift: int


def sync_fingerprint(config: SyncConfig) -> str:
    """Of the parameters and the code behind a sync checkpoint."""
    return checkpoint.fingerprint(config, (syncnet, contrastive, mel, mouth_view, samples, sys.modules[__name__]))


def train_sync(
    folders: Iterable[Path],
    clip_ids: Iterable[str],
    config: SyncConfig,
    out_dir: Path,
    advance: Progress = silent,
) -> dict[str, Any]:
    """Train on the named clips; writes ``out_dir/checkpoint.pt`` and ``log.csv``.

    Args:
        folders: clip folders.
        clip_ids: the training clips.
        config: see ``SyncConfig``.
        out_dir: an interrupted run of the same configuration found there is resumed.
        advance: told the number of finished steps and the rows of the log so far.

    Returns:
        figures for ``metrics.json``: clips, persons, skipped (clip ids with reasons), steps, loss.
    """
    torch.set_num_threads(1)
    tracks, skipped = load_tracks(folders, clip_ids, config.network, config.segment)
    if len(tracks) < 2:
        found = f"{len(tracks)} usable clip(s) of {config.segment} frames"
        raise UserError(f"sync training: {found}; two or more are needed")
    task = SyncTask(tracks, config)
    content = loop.run(task, config.loop, out_dir, advance)
    persons = len({track.person for track in tracks})
    last = content["log"][-1]["loss"]
    return {"clips": len(tracks), "persons": persons, "skipped": skipped, "steps": content["step"], "loss": last}


def load_tracks(
    folders: Iterable[Path], clip_ids: Iterable[str], config: SyncNetConfig, min_frames: int
) -> tuple[list[SyncTrack], dict[str, str]]:
    """Tracks of the named clips, and the reasons of those that give none."""
    tracks, skipped = [], {}
    for clip in decoded_clips(folders, clip_ids, pictures=True):
        try:
            track = sync_track(clip, config)
        except ValueError as error:
            skipped[clip.clip_id] = str(error)
            continue
        if len(track.views) < min_frames:
            skipped[clip.clip_id] = f"{len(track.views)} frames at 25 fps, {min_frames} needed"
        else:
            tracks.append(track)
    return tracks, skipped


@dataclass(frozen=True)
class SyncBatch:
    """Segments of distinct clips.

    Attributes:
        views: (clips, segment, h, w) float32, steps of 255.
        mel: (clips, 4 segment, bands) float32.
    """

    views: Tensor
    mel: Tensor


class SyncTask(Task):
    """Batches and loss for ``speak.training.loop``."""

    kind = "sync"

    def __init__(self, tracks: list[SyncTrack], config: SyncConfig):
        self.tracks = sorted(tracks, key=lambda track: track.clip_id)
        self.config = config
        self.identity = sync_fingerprint(config)
        self.data = checkpoint.digest(track.clip_id for track in self.tracks)
        torch.manual_seed(config.loop.seed)
        self.model = SyncNet(config.network)
        self.clips = min(share(config.clips), len(tracks))
        self.negatives = allowed_negatives(config, self.clips)

    def draw(self, rng: np.random.Generator) -> SyncBatch:
        """Random segments of distinct clips, augmented."""
        chosen = rng.choice(len(self.tracks), self.clips, replace=False)
        views, mels = zip(*(self.segment(self.tracks[i], rng) for i in chosen), strict=True)
        return SyncBatch(torch.stack(views), torch.stack(mels))

    def loss(self, batch: SyncBatch, rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """Eq. 11 on one batch of segments."""
        video = self.model.embed_video(batch.views).flatten(0, 1)
        audio = self.model.embed_audio(batch.mel).flatten(0, 1)
        negatives = self.negatives.to(video.device)
        loss = batch_contrastive(video, audio, negatives, self.config.loss)
        with torch.no_grad():
            distances = pair_distances(video, audio)
            apart = (distances > distances.diagonal()[:, None]) & negatives
            figures = {
                "matching": distances.diagonal().mean(),
                "other": distances[negatives].mean(),
                "told_apart": apart.sum() / negatives.sum(),
            }
        return loss, figures

    def segment(self, track: SyncTrack, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """A random segment of a clip, augmented."""
        length, augment = self.config.segment, self.config.augment
        start = int(rng.integers(len(track.views) - length + 1))
        views = torch.from_numpy(track.views[start : start + length]).float()
        cut = track.mel[start * MEL_PER_FRAME : (start + length) * MEL_PER_FRAME]
        sound = cut + rng.uniform(-augment.gain, augment.gain) + rng.normal(0, augment.hiss, cut.shape) * rng.random()
        sound = np.maximum(sound, np.log(mel.FLOOR)).astype(np.float32)
        return augment_views(views, augment, rng), torch.from_numpy(sound)


def augment_views(views: Tensor, config: SyncAugmentConfig, rng: np.random.Generator) -> Tensor:
    """One move, mirror, blur and noise level for a whole segment of (T, h, w) views."""
    if rng.random() < 0.5:
        views = views.flip(2)
    dx, dy = rng.integers(-config.shift, config.shift + 1, 2)
    padded = functional.pad(views[:, None], (config.shift,) * 4, mode="replicate")[:, 0]
    top, left, (height, width) = config.shift + dy, config.shift + dx, views.shape[1:]
    views = padded[:, top : top + height, left : left + width]
    if rng.random() < config.blur:
        small = functional.avg_pool2d(views[:, None], 2)
        views = functional.interpolate(small, size=(height, width), mode="bilinear")[:, 0]
    noise = rng.standard_normal(views.shape, dtype=np.float32) * np.float32(rng.uniform(0, config.noise))
    return views + torch.from_numpy(noise)


def allowed_negatives(config: SyncConfig, clips: int) -> Tensor:
    """(N, N) bool: windows of other segments, or at least ``min_shift`` frames away in the same one."""
    clip, position = window_indices(clips, config.segment - config.network.window + 1)
    far = (position[:, None] - position[None]).abs() >= config.min_shift
    return (clip[:, None] != clip[None]) | far
