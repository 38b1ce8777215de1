"""What every metric takes and returns.

A metric is a pure function of one clip pair (the reference and what a method made of it) and returns a
``Measurement``: a number, or no number and the reason why. There is no third case: a failure never becomes 0
or NaN.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from speak.faces.track import FaceTrack

Embeddings = tuple[np.ndarray, np.ndarray]
"""Of a clip's video and of its sound by one sync network, both (N, D) on the 25 fps timeline; rows of NaN where no
face is."""

SyncEmbed = Callable[[np.ndarray, np.ndarray, np.ndarray], Embeddings]
"""``embed(frames (T, H, W, 3) uint8, audio (S,) float32 16 kHz, landmarks (T, 478, 3))`` of 30 fps clips."""


@dataclass(frozen=True)
class Missing:
    """Stands in for a judge that this run does not have; ``reason`` is what null scores say."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Judges:
    """What metrics ask that is more than a formula: networks and classifiers, each a callable or ``Missing``.

    Attributes:
        sync: the sync network of this run.
        sync_official: the official SyncNet.
        identity: ``(frames (T, H, W, 3) uint8, landmarks (T, 478, 3))`` to codes of persons (T, D); rows of NaN where
            no face is.
        emotion: ``(landmarks (F, 478, 3), neutral landmarks (478, 3))``, both without NaN, to how far what they show is
            from each emotion that it knows.
        lpips: ``(frames, frames)`` of two clips to the (T,) distances between them.
    """

    sync: SyncEmbed | Missing = Missing("no sync network")
    sync_official: SyncEmbed | Missing = Missing("no official sync network")
    identity: Callable[[np.ndarray, np.ndarray], np.ndarray] | Missing = Missing("no judge of identity")
    emotion: Callable[[np.ndarray, np.ndarray], dict[str, float]] | Missing = Missing("no judge of emotion")
    lpips: Callable[[np.ndarray, np.ndarray], np.ndarray] | Missing = Missing("no LPIPS network")


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
        reference_face: landmarks in pixels of the frame, head pose and blendshapes; NaN rows where no face was found.
        generated_face: the same for the generated frames, detected frame by frame.
        fps: rate of both.
        audio: (S,) float32 in [-1, 1] at 16 kHz: the driving speech, which belongs to both.
        emotion: the clip's label, one of ``speak.data.clip.EMOTIONS``, or None where the dataset has none.
        other_audio: speech of another clip, as a control, or None where there is no other clip.
        still_landmarks: landmarks of the ``still`` method's frames, or None where they are not known.
        neutral_landmarks: (478, 3) of a neutral picture of the same person, or None where there is none.
        judges: networks and classifiers that metrics ask.
    """

    reference_frames: np.ndarray
    generated_frames: np.ndarray
    reference_face: FaceTrack
    generated_face: FaceTrack
    fps: float
    audio: np.ndarray
    emotion: str | None = None
    other_audio: np.ndarray | None = None
    still_landmarks: np.ndarray | None = None
    neutral_landmarks: np.ndarray | None = None
    judges: Judges = Judges()

    @property
    def reference_landmarks(self) -> np.ndarray:
        """(T, 478, 3) float32 pixels."""
        return self.reference_face.landmarks

    @property
    def generated_landmarks(self) -> np.ndarray:
        """(T, 478, 3) float32 pixels."""
        return self.generated_face.landmarks

    @cached_property
    def generated_sync(self) -> Embeddings | Missing:
        """Sync embeddings of the generated clip and its sound, computed once."""
        return _embedded(self.judges.sync, self.generated_frames, self.generated_landmarks, self.audio)

    @cached_property
    def official_sync(self) -> Embeddings | Missing:
        """The same by the official network."""
        return _embedded(self.judges.sync_official, self.generated_frames, self.generated_landmarks, self.audio)

    @cached_property
    def reference_sync(self) -> Embeddings | Missing:
        """Those of the reference clip and the same sound, which is its own."""
        return _embedded(self.judges.sync, self.reference_frames, self.reference_landmarks, self.audio)

    @cached_property
    def other_sync(self) -> Embeddings | Missing:
        """Those of the generated clip and the other sound."""
        if self.other_audio is None:
            return Missing("no clip of another person to take the sound from")
        return _embedded(self.judges.sync, self.generated_frames, self.generated_landmarks, self.other_audio)


def _embedded(
    judge: SyncEmbed | Missing, frames: np.ndarray, landmarks: np.ndarray, sound: np.ndarray
) -> Embeddings | Missing:
    return judge if isinstance(judge, Missing) else judge(frames, sound, landmarks)


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
        inputs: what of a clip pair it reads, in words.
        source: where the definition comes from: an equation, a paper, or this project.
        null_when: when a clip has no value.
        compute: the pure function of one clip.
        ranked: False for a control or an artefact, which says nothing about quality: never bold, ranked or guarded.
    """

    name: str
    id: str
    title: str
    unit: str
    higher_is_better: bool
    decimals: int
    summary: str
    inputs: str
    source: str
    null_when: str
    compute: Callable[[ClipPair, MetricConfig], Measurement]
    ranked: bool = True


@dataclass(frozen=True, kw_only=True)
class SetMetric:
    """A number of a set of frames, not of a clip; fields as in ``Metric``.

    Attributes:
        compute: of the features of reference frames (N, D) and of generated frames (M, D).
    """

    name: str
    id: str
    title: str
    unit: str
    higher_is_better: bool
    decimals: int
    summary: str
    source: str
    compute: Callable[[np.ndarray, np.ndarray], float]
