"""The training clips as the baselines see them: stretches of 25 frames a second, with landmarks and sound."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from speak.data.pictures import usable
from speak.data.places import Place
from speak.data.pool import Cut, Pool, PoolConfig
from speak.losses.classification import UNLABELLED

Made = TypeVar("Made")


class Clips:
    """What every phase of every baseline draws from; the same clips and persons as SPEAK's.

    Attributes:
        places: the clips that last a stretch.
        skipped: reasons of the others by clip id.
        persons: all of them, in a fixed order.
    """

    def __init__(self, folders: Iterable[Path], clip_ids: Iterable[str], pool: PoolConfig):
        places, self.skipped = usable(folders, clip_ids, pool.stretch, pool.fps)
        self._hold(places, pool)

    def labelled(self) -> "Clips":
        """Those whose emotion is known, with a pool of their own; all where it is known of none."""
        known = [place for place in self.places if place.emotion != UNLABELLED]
        narrowed = copy.copy(self)
        slots = min(self._config.clips, len(known))
        if slots:
            narrowed._hold(known, replace(self._config, clips=slots))
        return narrowed

    def _hold(self, places: list[Place], pool: PoolConfig) -> None:
        self.places = places
        self.persons = sorted({place.person for place in places})
        self.fps = pool.fps
        self._config, self._pool = pool, Pool(places, pool)
        self._known: WeakKeyDictionary[Cut, dict[Callable, object]] = WeakKeyDictionary()

    def cuts(self, count: int, rng: np.random.Generator) -> list[Cut]:
        """Random clips of the pool in the step of ``rng``; different ones as far as there are enough."""
        slots = rng.choice(self._config.clips, count, replace=count > self._config.clips)
        return [self._pool.cut(int(slot), rng) for slot in slots]

    def of(self, cut: Cut, make: Callable[[Cut], Made]) -> Made:
        """``make(cut)``, kept as long as the pool keeps the clip; ``make`` is a function of a module, or a method."""
        known = self._known.setdefault(cut, {})
        if make not in known:
            known[make] = make(cut)
        return known[make]


def window(cut: Cut, length: int, rng: np.random.Generator) -> np.ndarray:
    """Numbers of ``length`` consecutive frames of the clip's stretch, from a random one on: (length,)."""
    first = cut.stretch.start + int(rng.integers(len(cut.stretch) - length + 1))
    return np.arange(first, first + length)
