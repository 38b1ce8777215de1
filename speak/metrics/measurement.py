"""What every metric takes and returns.

A metric is a pure function of one clip pair (the reference and what a method made of it) and returns a
``Measurement``: a number, or no number and the reason why. There is no third case: a failure never becomes 0
or NaN.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SyncEmbed = Callable[[np.ndarray, np.ndarray, np.ndarray | None], tuple[np.ndarray, np.ndarray]]
"""``embed(frames (T, H, W, 3) uint8, audio (S,) float32 16 kHz, landmarks (T, 478, 3) or None)`` gives the
video and the audio embeddings ``(N, D)``, ``(N, D)`` of one sync network, both on the 25 fps timeline; rows
of NaN where no face is."""


@dataclass(frozen=True, kw_only=True)
class MetricConfig:
    """Thresholds below which a clip is not scored.

    Attributes:
        min_found_share: in (0, 1]; a landmark metric is null when fewer of the frames show a face.
        sync_min_windows: a sync metric is null when the clip has fewer sync windows.
    """

    min_found_share: float
    sync_min_windows: int

    def __post_init__(self):
        if not 0 < self.min_found_share <= 1:
            raise ValueError(f"min_found_share must be in (0, 1], got {self.min_found_share}")
        if self.sync_min_windows < 1:
            raise ValueError(f"sync_min_windows must be at least 1, got {self.sync_min_windows}")


@dataclass(frozen=True, kw_only=True)
class ClipPair:
    """One reference clip and one method's version of it, frame for frame.

    Attributes:
        reference_frames: (T, H, W, 3) uint8 RGB.
        generated_frames: (T, H, W, 3) uint8 RGB.
        reference_landmarks: (T, 478, 3) float32 in pixels of the frame; NaN rows where no face was found.
        generated_landmarks: the same for the generated frames, detected frame by frame.
        audio: (S,) float32 in [-1, 1] at 16 kHz: the driving speech, which belongs to both.
        other_audio: speech of another clip, as a control, or None where there is no other clip.
        still_landmarks: landmarks of the ``still`` method's frames, or None where they are not known.
        embed: the sync network's embedding function, or None where no network is at hand.
    """

    reference_frames: np.ndarray
    generated_frames: np.ndarray
    reference_landmarks: np.ndarray
    generated_landmarks: np.ndarray
    audio: np.ndarray
    other_audio: np.ndarray | None = None
    still_landmarks: np.ndarray | None = None
    embed: SyncEmbed | None = None


@dataclass(frozen=True)
class Measurement:
    """One number, or the reason why there is none.

    Attributes:
        value: a finite number, or None.
        reason: why ``value`` is None; None where there is a value.
        found_share: of the frames a landmark metric wanted, the share in which a face was found; None
            elsewhere.
    """

    value: float | None
    reason: str | None = None
    found_share: float | None = None

    def __post_init__(self):
        if (self.value is None) == (self.reason is None):
            raise ValueError(f"a measurement is either a value or a reason, got {self.value!r} and {self.reason!r}")
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"a measurement's value must be finite, got {self.value}")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric's definition and how to print it.

    Attributes:
        name: short key and column name, e.g. ``ssim``.
        id: the versioned name that scores carry, e.g. ``ssim-gauss11-rgb-v1``; a new computation is a new id.
        title: as printed in a table's head.
        unit: ``""`` when the number has none.
        higher_is_better: direction.
        decimals: digits printed after the point.
        summary: the definition in one or two sentences.
        compute: the pure function of one clip.
    """

    name: str
    id: str
    title: str
    unit: str
    higher_is_better: bool
    decimals: int
    summary: str
    compute: Callable[[ClipPair, MetricConfig], Measurement]
