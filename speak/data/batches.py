"""What one training step is fed, and where small parts get it from: the feature bank.

The tasks in ``speak.training`` take a *source* and do not look inside frames, so that small and paper parts share them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from speak.data import features
from speak.data.features import AugmentConfig, Bank, Change
from speak.losses.disentanglement import Pairs, Shown
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

    def pairs(self, count: int, rng: np.random.Generator, *, apart: bool) -> Pairs:
        """``count`` random pairs; ``apart``: each factor is shown by a frame that shares no other with the face."""

    def spoken(self, count: int, frames: int, rng: np.random.Generator, *, apart: bool) -> SpokenClips:
        """``count`` stretches of ``frames`` frames; ``apart``: strangers lead expression and pose."""


class SmallSource:
    """Batches of small frames.

    Args:
        bank: the clips.
        augment: random changes.
        basis: fitted, see ``fit_basis``.
    """

    def __init__(self, bank: Bank, augment: AugmentConfig, basis: FrameBasis):
        self.bank, self.augment, self.basis = bank, augment, basis
        self.clips_of = [np.array(own) for _, own in sorted(bank.clips_of.items())]
        self.first = np.array([clip.rows.start for clip in bank.clips])
        self.lengths = np.array([len(clip.rows) for clip in bank.clips])

    def pairs(self, count: int, rng: np.random.Generator, *, apart: bool) -> Pairs:
        """As ``Source``. Half of the faces show their clip's mean mouth as the calm one, the rest their own."""
        persons = rng.integers(len(self.clips_of), size=2 * count)
        clips = self._clips(persons, rng)
        rows = self._moments(clips, rng)
        change = self._placements(2 * count, rng)
        own = rng.integers(2, size=2 * count).astype(bool)
        frames = self._faces(rows, change, own)
        shown = Shown(frames, frames, frames)
        if apart:
            identity = self._elsewhere(persons, clips, change, rng)
            emotion, pose = (self._faces(rows, one, own) for one in self._strangers(change, rng))
            shown = Shown(identity, emotion, pose)
        emotions = torch.tensor([self.bank.clips[clip].emotion for clip in clips])
        return Pairs(
            source=frames[:count],
            target=frames[count:],
            shown=shown,
            source_emotion=emotions[:count],
            target_emotion=emotions[count:],
            different=torch.from_numpy(persons[:count] != persons[count:]),
        )

    def spoken(self, count: int, frames: int, rng: np.random.Generator, *, apart: bool) -> SpokenClips:
        """As ``Source``. The identity shows one moment, so its calm mouth is that moment's."""
        persons = rng.integers(len(self.clips_of), size=count)
        clips = self._clips(persons, rng)
        starts = rng.integers(np.maximum(1, self.lengths[clips] - frames + 1))
        change = self._placements(count, rng)
        identity = self._elsewhere(persons, clips, change, rng)
        target = self._stretches(clips, starts, frames, change)
        emotion = pose = target
        if apart:
            emotion, pose = (self._stretches(clips, starts, frames, one) for one in self._strangers(change, rng))
        sound = [
            features.noisy(features.cut_audio(self.bank.clips[clip], int(start), frames), self.augment, rng)
            for clip, start in zip(clips, starts, strict=True)
        ]
        return SpokenClips(identity, pose, emotion, target, torch.from_numpy(np.stack(sound)))

    def _clips(self, persons: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A clip of each person. Persons are drawn first, so that one with many clips does not count for more."""
        return np.array([_any(self.clips_of[person], share) for person, share in _drawn(persons, rng)])

    def _moments(self, clips: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return self.first[clips] + rng.integers(self.lengths[clips])

    def _elsewhere(self, persons: np.ndarray, clips: np.ndarray, change: Change, rng: np.random.Generator) -> Tensor:
        """The same faces at another moment, in another place: of another clip where the person has one."""
        owned = [self.clips_of[person] for person in persons]
        others = [own[own != clip] if len(own) > 1 else own for own, clip in zip(owned, clips, strict=True)]
        rows = self._moments(np.array([_any(own, share) for own, share in _drawn(others, rng)]), rng)
        points = self._points(rows, replace(self._placements(len(clips), rng), offsets=change.offsets))
        return self._frames(points, points)

    def _strangers(self, change: Change, rng: np.random.Generator) -> tuple[Change, Change]:
        """Other persons, for their expression in other places, and for their pose in the same places."""
        count, spread = len(change.shifts), self.augment.stranger
        one, other = (features.draw_offsets(self.bank, spread, rng, count) for _ in range(2))
        return replace(self._placements(count, rng), offsets=one), replace(change, offsets=other)

    def _placements(self, count: int, rng: np.random.Generator) -> Change:
        return features.draw_changes(self.bank, self.augment, rng, count)

    def _faces(self, rows: np.ndarray, change: Change, own: np.ndarray) -> Tensor:
        """Frames whose calm mouth is their own where ``own`` (N,) says so, else the clip's mean."""
        points = self._points(rows, change)
        calm = points.copy()
        calm[~own] = self._points(rows[~own], change.at(~own), calm=True)
        return self._frames(points, calm)

    def _stretches(self, clips: np.ndarray, starts: np.ndarray, frames: int, change: Change) -> Tensor:
        """(N, frames, D) from ``starts`` on; a clip's last frame is repeated where it ends."""
        moments = np.minimum(starts[:, None] + np.arange(frames), self.lengths[clips, None] - 1)
        rows = (self.first[clips, None] + moments).ravel()
        every = change.at(np.repeat(np.arange(len(clips)), frames))
        points, calm = (self._points(rows, every, calm=calm) for calm in (False, True))
        return self._frames(points, calm).unflatten(0, (len(clips), frames))

    def _points(self, rows: np.ndarray, change: Change, *, calm: bool = False) -> np.ndarray:
        return features.placed(self.bank, rows, change, CENTRE, calm=calm)

    def _frames(self, points: np.ndarray, calm: np.ndarray) -> Tensor:
        pixels, quiet = (torch.from_numpy(part.astype(np.float32)) for part in (points, calm))
        return self.basis.encode(pixels, quiet)


def _drawn(items: Sequence, rng: np.random.Generator) -> Iterator[tuple[Any, float]]:
    """Each item with a number in [0, 1)."""
    return zip(items, rng.random(len(items)), strict=True)


def _any(values: np.ndarray, share: float) -> int:
    """The value at ``share`` of the way: one of them, drawn fairly when the share is."""
    return values[int(share * len(values))]


def fit_basis(basis: FrameBasis, bank: Bank, augment: AugmentConfig, seed: int) -> None:
    """Fit a basis to every frame of the bank, each changed in its own way."""
    rng = np.random.default_rng([seed, FIT_SEED])
    rows = np.arange(len(bank.motion.shapes))
    change = features.draw_changes(bank, augment, rng, len(rows))
    basis.fit(bank.template, features.placed(bank, rows, change, CENTRE))
