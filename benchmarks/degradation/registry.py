"""Every way of spoiling a clip."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmarks.degradation import pictures, sound, stillness
from benchmarks.degradation.material import Material

Spoil = Callable[[Material, float], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Degradation:
    """One way of spoiling a clip: its frames or its sound.

    Attributes:
        title: as printed.
        unit: what its levels count; None where there is only one level.
        summary: what is done, in a few words.
        frames: (material, level) to (T, H, W, 3) uint8; None where the picture stays.
        audio: (material, level) to (S,) float32; None where the sound stays.
        substitute: whose clip takes the place of this one, if any does.
    """

    title: str
    unit: str | None
    summary: str
    frames: Spoil | None = None
    audio: Spoil | None = None
    substitute: Literal["stranger", "emotion"] | None = None


DEGRADATIONS: dict[str, Degradation] = {
    "blur": Degradation(
        title="Blur", unit="px", summary="Gaussian blur, standard deviation in pixels", frames=pictures.blur
    ),
    "noise": Degradation(
        title="Noise",
        unit="of 255",
        summary="white Gaussian noise on each pixel and channel, standard deviation",
        frames=pictures.noise,
    ),
    "compression": Degradation(
        title="Compression", unit="crf", summary="H.264 at a worse constant rate factor", frames=pictures.compression
    ),
    "grey": Degradation(title="Grey", unit=None, summary="no colour, luma kept", frames=pictures.grey),
    "shift": Degradation(
        title="Shift", unit="px", summary="the picture moved to the right, its edge repeated", frames=pictures.shift
    ),
    "jitter": Degradation(
        title="Jitter",
        unit="px",
        summary="each picture moved at random on its own, standard deviation in pixels",
        frames=pictures.jitter,
    ),
    "late_sound": Degradation(
        title="Late sound", unit="frames", summary="the sound after its picture, by frames at 30 fps", audio=sound.late
    ),
    "early_sound": Degradation(
        title="Early sound",
        unit="frames",
        summary="the sound before its picture, by frames at 30 fps",
        audio=sound.early,
    ),
    "frozen_mouth": Degradation(
        title="Frozen mouth",
        unit=None,
        summary="mouth, chin and jaw of one frame laid on all",
        frames=stillness.frozen_mouth,
    ),
    "frozen_head": Degradation(
        title="Frozen head", unit=None, summary="one frame, repeated", frames=stillness.frozen_head
    ),
    "swapped_emotion": Degradation(
        title="Other emotion",
        unit=None,
        summary="the same person's clip of another emotion, of the same sentence where there is one; the sound stays",
        frames=pictures.substitute,
        substitute="emotion",
    ),
    "swapped_person": Degradation(
        title="Other person",
        unit=None,
        summary="a clip of another person of the same dataset; the sound stays",
        frames=pictures.substitute,
        substitute="stranger",
    ),
}
"""In the order of the page: worse pictures, moved pictures, moved sound, held still, another clip."""

WHOLE = 1.0
"""The level of a degradation that has only one."""

UNSPOILED = "none"
"""The clip through the codec, in place of a degradation."""

BEFORE = (UNSPOILED, 0.0)
"""Its degradation and level."""
