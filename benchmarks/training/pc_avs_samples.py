"""PC-AVS: what its training draws: faces, clips that are heard and seen, and what is rendered of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.methods import pc_avs_crop, pc_avs_sound
from benchmarks.training.clips import Clips, window
from benchmarks.training.pc_avs_disguise import disguised
from speak.data.pool import Cut

EVERY = 4
"""Every which of the frames of a clip is rendered: an example by the authors (of 16 frames), who give no values."""


@dataclass(frozen=True)
class Faces:
    """Pictures of persons.

    Attributes:
        pictures: (B, 3, 224, 224) uint8.
        persons: (B,) their places among the training's persons.
    """

    pictures: Tensor
    persons: Tensor


@dataclass(frozen=True)
class Speech:
    """Clips and their sound.

    Attributes:
        frames: (B, F, 3, 224, 224) uint8, disguised.
        sounds: (B, F, 1, 80, 20) in [0, 1], a window around each frame.
    """

    frames: Tensor
    sounds: Tensor


@dataclass(frozen=True)
class Talking:
    """What is rendered, and from what.

    Attributes:
        faces: another moment of each clip.
        speech: of all frames.
        target: (B, R, 3, 224, 224) uint8, those frames that are rendered.
    """

    faces: Faces
    speech: Speech
    target: Tensor


def faces(clips: Clips, cuts: Sequence[Cut], rng: np.random.Generator) -> Faces:
    """A moment of each clip."""
    numbers = [rng.choice(cut.moments) for cut in cuts]
    pictures = [_kept(clips, cut, number) for cut, number in zip(cuts, numbers, strict=True)]
    return Faces(_tensor(pictures), torch.tensor([clips.persons.index(cut.place.person) for cut in cuts]))


def speech(clips: Clips, cuts: Sequence[Cut], length: int, rng: np.random.Generator) -> tuple[Speech, Tensor]:
    """``length`` consecutive frames of each clip, and those of them that are rendered, as they are."""
    shown, hidden, sounds = [], [], []
    for cut in cuts:
        numbers = window(cut, length, rng)
        frames = _kept(clips, cut, numbers)
        shown.append(frames[::EVERY])
        hidden.append(disguised(frames, rng))
        sounds.append(sounds_at(clips.of(cut, heard), numbers))
    return Speech(_tensor(hidden), torch.from_numpy(np.stack(sounds))), _tensor(shown)


def talking(clips: Clips, count: int, length: int, rng: np.random.Generator) -> Talking:
    """``length`` frames of ``count`` clips, and another moment of each."""
    cuts = clips.cuts(count, rng)
    spoken, target = speech(clips, cuts, length, rng)
    return Talking(faces(clips, cuts, rng), spoken, target)


def signed(pictures: Tensor) -> Tensor:
    """uint8 to float32 in [-1, 1]."""
    return pictures.float() / 255 * 2 - 1


def crops(cut: Cut) -> np.ndarray:
    """The frames that are kept of a clip, aligned with all of it: (n, 224, 224, 3) uint8."""
    alignments = pc_avs_crop.alignments(cut.landmarks)[cut.numbers]
    return np.stack([pc_avs_crop.crop(*pair) for pair in zip(cut.frames, alignments, strict=True)])


def heard(cut: Cut) -> np.ndarray:
    """Windows of a clip's sound: (K, 1, 80, 20)."""
    return pc_avs_sound.windows(pc_avs_sound.spectrogram(cut.audio))


def sounds_at(windows: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """The windows around frames, moved inwards at the clip's ends: (F, 1, 80, 20)."""
    return windows[(frames - pc_avs_sound.FIRST_FRAME).clip(0, len(windows) - 1)]


def _kept(clips: Clips, cut: Cut, numbers: np.ndarray) -> np.ndarray:
    """Crops by the numbers of their frames."""
    return clips.of(cut, crops)[np.searchsorted(cut.numbers, numbers)]


def _tensor(pictures: Sequence[np.ndarray]) -> Tensor:
    """(..., H, W, 3) each to one (B, ..., 3, H, W)."""
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(np.stack(pictures), -1, -3)))
