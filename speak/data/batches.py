"""What one training step is fed, and where small parts get it from: the feature bank.

The tasks in ``speak.training`` take a *source* and do not look inside frames, so that small and paper parts share them.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from speak.data import features
from speak.data.features import AugmentConfig, Bank, Change, ClipFeatures
from speak.losses.disentanglement import Pairs
from speak.models.small_frame import FrameBasis

CENTRE = np.array([128.0, 128.0, 0.0])
"""Middle of the canvas, pixels: what the extra motion of a sample turns about."""
FIT_SEED = 1
"""Keeps the draws of the basis apart from those of the training steps."""


@dataclass(frozen=True)
class SpokenClips:
    """Stretches of clips for a step of SPEAK.

    Attributes:
        identity: (B, *frame) another moment of the same person.
        pose, emotion: (B, T, *frame) what leads head and expression.
        target: (B, T, *frame) what is to come out.
        audio: (B, S) float32, 16 kHz, the sound of the T frames.
        view: (B, T, 2, 3) from the target's pixels to its mouth views, for L_sync; None for small frames.
    """

    identity: Tensor
    pose: Tensor
    emotion: Tensor
    target: Tensor
    audio: Tensor
    view: Tensor | None = None


class Source(Protocol):
    """Where batches come from; the same generator state gives the same batch."""

    def pairs(self, count: int, rng: np.random.Generator, *, another: bool) -> Pairs:
        """``count`` random pairs; ``another``: identities are shown by another moment of the same person."""

    def spoken(self, count: int, frames: int, rng: np.random.Generator) -> SpokenClips:
        """``count`` stretches of ``frames`` frames."""


class SmallSource:
    """Batches of small frames.

    Args:
        bank: the clips.
        augment: random changes.
        basis: fitted, see ``fit_basis``.
    """

    def __init__(self, bank: Bank, augment: AugmentConfig, basis: FrameBasis):
        self.bank, self.augment, self.basis = bank, augment, basis
        self.persons = sorted(bank.clips_of)

    def pairs(self, count: int, rng: np.random.Generator, *, another: bool) -> Pairs:
        """As ``Source``. Half of the faces show their clip's mean mouth as the calm one, the rest their own."""
        points, calm, labels, persons = [], [], [], []
        for _ in range(2 * count):
            clip = self.bank.clips[self._any_clip(rng)]
            frame = rng.integers(len(clip.shapes), size=1)
            change = self._change(rng)
            points.append(self._points(clip, frame, change)[0])
            own = bool(rng.integers(2))
            calm.append(points[-1] if own else self._points(clip, frame, change, calm=True)[0])
            labels.append(clip.emotion)
            persons.append(clip.person)
        frames, emotions = self._frames(points, calm), torch.tensor(labels)
        different = torch.tensor([one != other for one, other in zip(persons[:count], persons[count:], strict=True)])
        one, two = frames[:count], frames[count:]
        return Pairs(one, two, one, two, emotions[:count], emotions[count:], different)

    def spoken(self, count: int, frames: int, rng: np.random.Generator) -> SpokenClips:
        """As ``Source``. The identity shows one moment, so its calm mouth is that moment's."""
        still, points, calm, sound = [], [], [], []
        for _ in range(count):
            index = self._any_clip(rng)
            clip = self.bank.clips[index]
            own = self.bank.clips_of[clip.person]
            other = self.bank.clips[own[rng.integers(len(own))]]
            change = self._change(rng)
            first = int(rng.integers(max(1, len(clip.shapes) - frames + 1)))
            moments = np.minimum(first + np.arange(frames), len(clip.shapes) - 1)
            points.append(self._points(clip, moments, change))
            calm.append(self._points(clip, moments, change, calm=True))
            placement = self._change(rng)
            beside = Change(change.offset, placement.matrix, placement.shift)
            still.append(self._points(other, rng.integers(len(other.shapes), size=1), beside)[0])
            sound.append(features.noisy(features.cut_audio(clip, first, frames), self.augment, rng))
        target = self._frames(points, calm)
        audio = torch.from_numpy(np.stack(sound))
        return SpokenClips(self._frames(still, still), target, target, target, audio)

    def _any_clip(self, rng: np.random.Generator) -> int:
        """Persons first, so that one with many clips does not count for more."""
        own = self.bank.clips_of[self.persons[rng.integers(len(self.persons))]]
        return own[rng.integers(len(own))]

    def _change(self, rng: np.random.Generator) -> Change:
        return features.draw_change(self.bank, self.augment, rng)

    def _points(self, clip: ClipFeatures, frames: np.ndarray, change: Change, *, calm: bool = False) -> np.ndarray:
        return features.placed(clip, frames, change, CENTRE, calm=calm)

    def _frames(self, points: list[np.ndarray], calm: list[np.ndarray]) -> Tensor:
        pixels, quiet = (torch.from_numpy(np.stack(part).astype(np.float32)) for part in (points, calm))
        return self.basis.encode(pixels, quiet)


def fit_basis(basis: FrameBasis, bank: Bank, augment: AugmentConfig, seed: int) -> None:
    """Fit a basis to every frame of the bank, each changed in its own way."""
    rng = np.random.default_rng([seed, FIT_SEED])
    points = []
    for clip in bank.clips:
        for frame in range(len(clip.shapes)):
            change = features.draw_change(bank, augment, rng)
            points.append(features.placed(clip, np.array([frame]), change, CENTRE, calm=False)[0])
    basis.fit(bank.template, np.stack(points))
