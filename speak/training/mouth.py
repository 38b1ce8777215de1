"""Training of the ``mouth`` network: sound to displacement of lips and chin, and to the picture between the lips.

A sample is a frame and a reference frame of the same clip. The target is how the mouth's points differ between the two,
so that at generation any identity frame, mouth open or closed, can be the reference. Both bases are scaled such that a
coefficient's spread in the training clips is its true spread and the sum of variances is 1: the loss is plain L2 there.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from speak.data.samples import DecodedClip, decoded_clips
from speak.errors import UserError
from speak.faces import mouth_shape, mouth_view
from speak.media import mel
from speak.media.mel import log_mel
from speak.models import mouth as network
from speak.models.mouth import MouthNet, MouthNetConfig
from speak.training import checkpoint, loop
from speak.training.loop import LoopConfig, Progress, silent
from speak.training.processes import share
from speak.training.task import Figures, Task


@dataclass(frozen=True, kw_only=True)
class MouthConfig:
    """Everything that decides the mouth network's weights.

    Attributes:
        batch: samples in a batch.
        picture_every: every how many frames an open mouth's picture is learned from.
        picture_weight: weight of the picture coefficients' error beside the displacement's.
        gain: largest change of loudness, natural logarithm.
        hiss: largest level of noise added to log-mel frames.
    """

    network: MouthNetConfig
    loop: LoopConfig
    batch: int
    picture_every: int
    picture_weight: float
    gain: float
    hiss: float


@dataclass(frozen=True, kw_only=True)
class MouthClip:
    """A clip as the mouth network sees it.

    Attributes:
        points: (T, 53, 2) float32 lip and chin points in face units.
        traits: (T, 5) float32.
        pictures: (T, height * width * 3) uint8; rows of zeros where ``open`` is False.
        open: (T,) bool; frames whose picture is learned from.
        mel: (M, bands) float32.
        fps: rate of the points.
    """

    clip_id: str
    points: np.ndarray
    traits: np.ndarray
    pictures: np.ndarray
    open: np.ndarray
    mel: np.ndarray
    fps: float


def mouth_fingerprint(config: MouthConfig) -> str:
    """Of the parameters and the code behind a mouth checkpoint."""
    return checkpoint.fingerprint(config, (network, mel, mouth_view, mouth_shape, sys.modules[__name__]))


def train_mouth(
    folders: Iterable[Path],
    clip_ids: Iterable[str],
    config: MouthConfig,
    out_dir: Path,
    advance: Progress = silent,
) -> dict[str, Any]:
    """Train on the named clips; writes ``out_dir/checkpoint.pt`` and ``log.csv``.

    Args:
        folders: clip folders.
        clip_ids: the training clips.
        config: see ``MouthConfig``.
        out_dir: an interrupted run of the same configuration found there is resumed.
        advance: told the number of finished steps and the rows of the log so far.

    Returns:
        figures for ``metrics.json``: clips, persons, skipped ({clip id: reason}), steps, loss.
    """
    torch.set_num_threads(1)
    clips, persons, skipped = [], set(), {}
    for clip in decoded_clips(folders, clip_ids, pictures=True):
        try:
            clips.append(mouth_clip(clip, config))
            persons.add(clip.person)
        except ValueError as error:
            skipped[clip.clip_id] = str(error)
    if not clips:
        raise UserError("mouth training: no clip with a face; look at the quarantine tables of the clip folders")
    content = loop.run(MouthTask(clips, config), config.loop, out_dir, advance)
    last = content["log"][-1]["loss"]
    return {"clips": len(clips), "persons": len(persons), "skipped": skipped, "steps": content["step"], "loss": last}


def mouth_clip(clip: DecodedClip, config: MouthConfig) -> MouthClip:
    """Points, inner pictures and sound of a clip. Raises ValueError when no face was found in it."""
    size = (config.network.picture_width, config.network.picture_height)
    known = mouth_view.fill_missing(clip.landmarks)
    to_face = mouth_view.face_transforms(known)
    points = mouth_shape.mouth_points(known, to_face)
    boxes = mouth_shape.inner_boxes(points)
    is_open = (boxes[:, 3] - boxes[:, 1] > mouth_shape.MIN_HEIGHT) & (np.arange(len(boxes)) % config.picture_every == 0)
    pictures = np.zeros((len(points), 3 * size[0] * size[1]), np.uint8)
    for index in np.flatnonzero(is_open):
        picture = mouth_shape.inner_picture(clip.frames[index], to_face[index], boxes[index], size)
        pictures[index] = picture.ravel()
    return MouthClip(
        clip_id=clip.clip_id,
        points=points.astype(np.float32),
        traits=mouth_shape.traits(points).astype(np.float32),
        pictures=pictures,
        open=is_open,
        mel=log_mel(clip.audio, config.network.bands),
        fps=clip.fps,
    )


def sound_windows(mel_frames: np.ndarray, frames: np.ndarray, fps: float, length: int) -> np.ndarray:
    """Log-mel around the middle of each video frame: (N, length, bands)."""
    middle = (frames + 0.5) / fps * mel.RATE
    return mel.windows(mel_frames, np.rint(middle - length / 2).astype(int), length)


def principal(rows: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean (D,) and ``count`` principal axes (count, D), scaled so that the coefficients' variances sum to 1.

    Fewer rows than components leave the rest zero.
    """
    mean = rows.mean(axis=0)
    _, spread, axes = np.linalg.svd(rows - mean, full_matrices=False)
    spread, axes = spread[:count], axes[:count] * np.sign(axes[:count, :1] + 1e-12)
    total = np.sqrt((spread**2).sum() / len(rows)) or 1.0
    basis = np.zeros((count, rows.shape[1]))
    basis[: len(axes)] = axes * total
    return mean.astype(np.float32), basis.astype(np.float32)


@dataclass(frozen=True)
class MouthBatch:
    """Frames, each with a reference frame of its clip.

    Attributes:
        sound: (B, window, bands) log-mel around the frame.
        traits: (B, 5) of the reference.
        shape: (B, shapes) wanted coefficients of the displacement from the reference.
        picture: (B, pictures) wanted coefficients of the picture between the lips.
        seen: (B,) 1 where that picture counts, else 0.
    """

    sound: Tensor
    traits: Tensor
    shape: Tensor
    picture: Tensor
    seen: Tensor


class MouthTask(Task):
    """Batches and loss for ``speak.training.loop``."""

    kind = "mouth"

    def __init__(self, clips: list[MouthClip], config: MouthConfig):
        clips = sorted(clips, key=lambda clip: clip.clip_id)
        self.config = config
        self.identity = mouth_fingerprint(config)
        self.data = checkpoint.digest(clip.clip_id for clip in clips)
        torch.manual_seed(config.loop.seed)
        self.model = MouthNet(config.network)
        self.clips = clips
        lengths = [len(clip.points) for clip in clips]
        self.clip_of = np.repeat(np.arange(len(clips)), lengths)
        self.frame_of = np.concatenate([np.arange(length) for length in lengths])
        self.first = np.cumsum([0, *lengths[:-1]])
        self.lengths = np.array(lengths)
        self.points = np.concatenate([clip.points.reshape(len(clip.points), -1) for clip in clips])
        self.traits = np.concatenate([clip.traits for clip in clips])
        self.open = np.concatenate([clip.open for clip in clips])
        self._fit_bases(np.concatenate([clip.pictures[clip.open] for clip in clips]).astype(np.float32))

    def _fit_bases(self, pictures: np.ndarray) -> None:
        config, model = self.config.network, self.model
        centres = np.stack([clip.points.reshape(len(clip.points), -1).mean(axis=0) for clip in self.clips])
        _, shapes = principal(self.points - centres[self.clip_of], config.shapes)
        mean, basis = principal(
            pictures if len(pictures) else np.zeros((1, model.picture_mean.numel())), config.pictures
        )
        for name, value in (("shape_basis", shapes), ("picture_mean", mean), ("picture_basis", basis)):
            getattr(model, name).copy_(torch.from_numpy(value))
        model.traits_mean.copy_(torch.from_numpy(self.traits.mean(axis=0)))
        model.traits_scale.copy_(torch.from_numpy(self.traits.std(axis=0) + 1e-3))
        self.shape_codes = (self.points @ np.linalg.pinv(shapes)).astype(np.float32)
        self.picture_codes = np.zeros((len(self.points), config.pictures), np.float32)
        if len(pictures):
            self.picture_codes[self.open] = (pictures - mean) @ np.linalg.pinv(basis)

    def draw(self, rng: np.random.Generator) -> MouthBatch:
        """Random frames of random clips, with changed sound."""
        target = rng.integers(len(self.points), size=share(self.config.batch))
        clip = self.clip_of[target]
        reference = self.first[clip] + rng.integers(self.lengths[clip])
        drawn = MouthBatch(
            sound=self._sound(target, rng),
            traits=self.traits[reference],
            shape=self.shape_codes[target] - self.shape_codes[reference],
            picture=self.picture_codes[target],
            seen=self.open[target].astype(np.float32),
        )
        return MouthBatch(**{name: torch.from_numpy(value) for name, value in vars(drawn).items()})

    def loss(self, batch: MouthBatch, rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """L2 in coefficient space on one batch of frames."""
        shape, picture = self.model(batch.sound, batch.traits)
        shape_error = (shape - batch.shape).square().sum(dim=1).mean()
        errors = (picture - batch.picture).square().sum(dim=1)
        picture_error = (errors * batch.seen).sum() / batch.seen.sum().clamp(min=1)
        loss = shape_error + self.config.picture_weight * picture_error
        return loss, {"shape": shape_error.detach(), "picture": picture_error.detach()}

    def _sound(self, target: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        length = self.config.network.window
        cut = [
            sound_windows(self.clips[c].mel, np.array([f]), self.clips[c].fps, length)[0]
            for c, f in zip(self.clip_of[target], self.frame_of[target], strict=True)
        ]
        gain = rng.uniform(-self.config.gain, self.config.gain, (len(cut), 1, 1))
        hiss = rng.uniform(0, self.config.hiss, (len(cut), 1, 1)) * rng.standard_normal((len(cut), *cut[0].shape))
        return np.maximum(np.stack(cut) + gain + hiss, np.log(mel.FLOOR)).astype(np.float32)
