"""Batches of pictures, for the paper's full-size parts.

A sample's identity is another moment of the *same clip*: background, clothes and light are part of the picture that is
to come out, and no other frame tells of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from speak.data.batches import SpokenClips
from speak.data.places import Place, places
from speak.data.pool import Cut, Pool, PoolConfig
from speak.data.samples import sync_transforms
from speak.errors import UserError
from speak.faces.mouth_blank import blank_mouths, mouth_regions
from speak.losses.disentanglement import Pairs, Shown
from speak.media.timeline import num_ticks


@dataclass(frozen=True, kw_only=True)
class PicturesConfig:
    """What SPEAK sees while it is trained on pictures.

    Attributes:
        pool: of decoded clips.
        pose: what E_p sees, in training and in use: the ``whole`` frame (fig. 3), or one with a ``blank_mouth``, so
            that sound is the only path to it.
        emotion: what E_e sees in training: the ``same`` moments that are to come out (self-driven, fig. 3), or
            ``another`` moment of the clip.
        emotion_clips: clips of each emotion and level behind the mean codes that lead a clip by an emotion's name.
    """

    pool: PoolConfig
    pose: Literal["whole", "blank_mouth"]
    emotion: Literal["same", "another"]
    emotion_clips: int


class PictureSource:
    """Batches of frames (3, 256, 256) in [-1, 1]; a ``speak.data.batches.Source``.

    What a step sees follows from the seed and the number of the step (``speak.data.pool``).

    Args:
        clips: of ``usable``.
        pool: size of the pool.
        config: what SPEAK sees; None where only pairs are wanted.
        view: width and height of the sync network's mouth views; None where L_sync is left out.
    """

    def __init__(
        self,
        clips: list[Place],
        pool: PoolConfig,
        config: PicturesConfig | None = None,
        view: tuple[int, int] | None = None,
    ):
        self.clips, self.pool, self.config, self.view = clips, Pool(clips, pool), config, view

    def pairs(self, count: int, rng: np.random.Generator, *, apart: bool) -> Pairs:
        """As ``Source``: S and T at random moments of different clips of the pool; only identities come ``apart``."""
        cuts = self._cuts(2 * count, rng)
        moments = [rng.choice(cut.moments, 2, replace=False) for cut in cuts]
        shown, other = (
            to_frames(np.concatenate([cut.pictures(pair[[which]]) for cut, pair in zip(cuts, moments, strict=True)]))
            for which in (0, 1)
        )
        seen = Shown(other if apart else shown, shown, shown)
        emotions = torch.tensor([cut.place.emotion for cut in cuts])
        persons = np.array([cut.place.person for cut in cuts])
        return Pairs(
            source=shown[:count],
            target=shown[count:],
            shown=seen,
            source_emotion=emotions[:count],
            target_emotion=emotions[count:],
            different=torch.from_numpy(persons[:count] != persons[count:]),
        )

    def spoken(self, count: int, frames: int, rng: np.random.Generator, *, apart: bool) -> SpokenClips:
        """As ``Source``; the identity is a moment outside of the stretch where one was kept.

        Nobody else can wear a picture's expression: ``apart`` makes no difference, ``PicturesConfig`` says who leads.
        """
        samples = []
        for cut in self._cuts(count, rng):
            first = cut.stretch.start + int(rng.integers(len(cut.stretch) - frames + 1))
            samples.append(self._spoken(cut, np.arange(first, first + frames), rng))
        views = [sample.pop("view") for sample in samples]
        parts = {name: torch.stack([sample[name] for sample in samples]) for name in samples[0]}
        return SpokenClips(**parts, view=torch.stack(views) if self.view else None)

    def _spoken(self, cut: Cut, numbers: np.ndarray, rng: np.random.Generator) -> dict[str, Tensor | None]:
        """One sample: the fields of ``SpokenClips``."""
        elsewhere = np.setdiff1d(cut.moments, numbers)
        moments = cut.pictures(rng.choice(elsewhere if len(elsewhere) else cut.moments, 2))
        identity, felt = to_frames(moments)
        pictures = cut.pictures(numbers)
        target = pose = to_frames(pictures)
        if self.config.pose == "blank_mouth":
            pose = to_frames(blank_mouths(pictures, mouth_regions(cut.landmarks)[numbers]))
        view = None
        if self.view:
            view = torch.from_numpy(sync_transforms(cut.landmarks, self.view)[numbers]).float()
        return {
            "identity": identity,
            "pose": pose,
            "emotion": felt.expand_as(target) if self.config.emotion == "another" else target,
            "target": target,
            "audio": torch.from_numpy(cut.sound(int(numbers[0]), len(numbers), self.pool.config.fps)),
            "view": view,
        }

    def _cuts(self, count: int, rng: np.random.Generator) -> list[Cut]:
        slots = rng.choice(self.pool.config.clips, count, replace=count > self.pool.config.clips)
        return [self.pool.cut(int(slot), rng) for slot in slots]


def usable(
    folders: Iterable[Path], clip_ids: Iterable[str], frames: int, fps: float
) -> tuple[list[Place], dict[str, str]]:
    """The named clips that last at least ``frames`` frames at ``fps``, and the reasons of the others.

    Raises:
        UserError: none is left.
    """
    kept, skipped = [], {}
    for place in places(folders, clip_ids):
        length = num_ticks(fps, 0.0, place.num_frames / place.fps)
        if length < frames:
            skipped[place.clip_id] = f"{length} frames at {fps:g} fps, {frames} needed"
        else:
            kept.append(place)
    if not kept:
        raise UserError(f"training: no clip lasts {frames} frames at {fps:g} fps; look at the clip folders")
    return kept, skipped


def open_pictures(
    folders: Iterable[Path],
    clip_ids: Iterable[str],
    pool: PoolConfig,
    frames: int,
    config: PicturesConfig | None = None,
    view: tuple[int, int] | None = None,
) -> tuple[PictureSource, dict[str, Any]]:
    """A source of the clips with ``frames`` frames or more, and figures about them; arguments as ``PictureSource``."""
    clips, skipped = usable(folders, clip_ids, frames, pool.fps)
    persons = len({place.person for place in clips})
    return PictureSource(clips, pool, config, view), {"clips": len(clips), "persons": persons, "skipped": skipped}


def to_frames(pictures: np.ndarray) -> Tensor:
    """(N, H, W, 3) uint8 to (N, 3, H, W) float32 in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
