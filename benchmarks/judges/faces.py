"""Who is it, and what does the face show? Two judges in closed form, fitted on training persons.

- Identity: an embedding of one frame, made of two sets of Fisher's discriminants between persons: of the unposed
  landmarks (``benchmarks.instruments``), and of the principal components of a small view of the face with place, size,
  tilt, brightness and contrast taken out. Both have unit variance within a person.
- Emotion: discriminants between emotions of how the unposed landmarks differ from those of a neutral picture of the
  same person (faces at rest differ more than one face's emotions); the class whose place is nearest to a clip's mean.

Neither shares weights or training with a network that it judges: all it needs are real clips and the landmarker.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import torch

from benchmarks.instruments import (
    EXPRESSION,
    SHAPE,
    Discriminant,
    InstrumentConfig,
    chosen_frames,
    discriminant,
    features,
    mean_face,
    unposed,
)
from benchmarks.protocol import NEUTRAL, ProtocolConfig, pairings
from speak.config import build
from speak.data.shards import read_rows
from speak.faces.mouth_view import cut_views, face_transforms, view_transforms
from speak.media.video import read_clip
from speak.training import checkpoint

KIND = "judges"
EXTENT = (0.85, 0.9, 1.35)
"""Half width of a view, and its reach above and below the eyes, in face units: hairline to chin."""
FINENESS = 4
"""Views are cut this many times finer and then averaged, so that nothing aliases."""
LEAST_CONTRAST = 0.05
"""Of a channel in [0, 1]: added to its deviation, so that noise in a flat view is not blown up."""


@dataclass(frozen=True, kw_only=True)
class FaceJudgeConfig:
    """How the judges of faces are fitted.

    Attributes:
        clips: of training persons at most, equally spaced; None: all.
        frames: of each clip, equally spaced.
        width, height: of a view in pixels.
        components: principal components of views that are kept at most.
        instruments: how discriminants are made.
    """

    clips: int | None
    frames: int
    width: int
    height: int
    components: int
    instruments: InstrumentConfig


@dataclass(frozen=True, kw_only=True, eq=False)
class SeenClip:
    """Frames with a face of one clip, the first one first.

    Attributes:
        frames: (F, H, W, 3) uint8.
        landmarks: (F, 478, 3) in their pixels.
    """

    clip_id: str
    dataset: str
    person: str
    emotion: str | None
    frames: np.ndarray
    landmarks: np.ndarray


@dataclass(frozen=True, eq=False)
class FaceJudge:
    """Both judges; make them with ``fit`` or ``load``. ``emotion`` is None where training clips have no labels."""

    config: FaceJudgeConfig
    template: np.ndarray
    shape: Discriminant
    look: Discriminant
    emotion: Discriminant | None

    @classmethod
    def fit(cls, clips: Sequence[SeenClip], config: FaceJudgeConfig) -> Self:
        """Fit on clips of training persons. Raises ValueError for fewer than two persons."""
        template = mean_face([clip.landmarks for clip in clips])
        shapes = [features(unposed(template, clip.landmarks), SHAPE) for clip in clips]
        shape = discriminant(shapes, [clip.person for clip in clips], config.instruments)
        look = _look([face_views(clip.frames, clip.landmarks, config) for clip in clips], clips, config)
        return cls(config, template, shape, look, _emotion(template, clips, config))

    def embed(self, frames: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
        """Who is seen in each frame.

        Args:
            frames: (T, H, W, 3) uint8 RGB.
            landmarks: (T, 478, 3) in their pixels; NaN rows where no face was found.

        Returns:
            (T, D) float64; strangers lie around the origin in all directions. NaN rows where no face was found.
        """
        found = np.isfinite(landmarks).all(axis=(1, 2))
        codes = np.full((len(frames), self.shape.axes.shape[1] + self.look.axes.shape[1]), np.nan)
        if found.any():
            points = landmarks[found].astype(np.float64)
            shape = self.shape(features(unposed(self.template, points), SHAPE))
            look = self.look(face_views(frames[found], points, self.config))
            codes[found] = np.concatenate([shape, look], axis=1)
        return codes

    def distances(self, landmarks: np.ndarray, neutral: np.ndarray) -> dict[str, float]:
        """How far what a face shows is from each emotion that was learned.

        Args:
            landmarks: (F, 478, 3), no NaN.
            neutral: (478, 3), no NaN: the same person's face at rest.

        Raises:
            ValueError: no emotion was learned.
        """
        if self.emotion is None:
            raise ValueError("no emotion was learned")
        place = self.emotion(changes(self.template, landmarks, neutral)).mean(axis=0)
        return {name: float(np.linalg.norm(own - place)) for name, own in self.emotion.places.items()}

    def save(self, path: Path, clip_ids: Iterable[str]) -> None:
        """Write a checkpoint; ``clip_ids`` are those it was fitted on."""
        parts = {"shape": self.shape, "look": self.look} | ({"emotion": self.emotion} if self.emotion else {})
        tensors = {"template": self.template}
        for name, part in parts.items():
            tensors |= {f"{name}.mean": part.mean, f"{name}.axes": part.axes}
        if self.emotion is not None:
            tensors |= {f"place.{name}": place for name, place in self.emotion.places.items()}
        content = {
            "kind": KIND,
            "fingerprint": checkpoint.fingerprint(self.config, ()),
            "data": checkpoint.digest(clip_ids),
            "config": asdict(self.config),
            "step": 0,
            "model": {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in tensors.items()},
            "ema": None,
            "optimiser": {},
            "log": [],
        }
        checkpoint.save(path, content)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a checkpoint. Raises UserError as ``checkpoint.load`` does."""
        content = checkpoint.load(path, kind=KIND)
        arrays = {name: tensor.numpy() for name, tensor in content["model"].items()}
        places = {name.removeprefix("place."): place for name, place in arrays.items() if name.startswith("place.")}
        return cls(
            build(FaceJudgeConfig, content["config"], f"{path}:config"),
            arrays["template"],
            Discriminant(arrays["shape.mean"], arrays["shape.axes"], {}),
            Discriminant(arrays["look.mean"], arrays["look.axes"], {}),
            Discriminant(arrays["emotion.mean"], arrays["emotion.axes"], places) if places else None,
        )


def seen_clips(folders: Iterable[Path], clip_ids: Iterable[str], config: FaceJudgeConfig) -> list[SeenClip]:
    """Decode a few frames of the named clips; clips in which no face was found are left out."""
    ids = sorted(clip_ids)
    if config.clips is not None and len(ids) > config.clips:
        ids = [ids[place] for place in np.linspace(0, len(ids) - 1, config.clips).round().astype(int)]
    seen = []
    for row in read_rows(folders, ["dataset", "person", "emotion", "video", "landmarks"], set(ids)):
        if np.isfinite(row["landmarks"]).all(axis=(1, 2)).any():
            chosen = chosen_frames(row["landmarks"], config.frames)
            labels = {name: row[name] for name in ("clip_id", "dataset", "person", "emotion")}
            frames, landmarks = read_clip(row["video"])[chosen], row["landmarks"][chosen]
            seen.append(SeenClip(**labels, frames=frames, landmarks=landmarks))
    return sorted(seen, key=lambda clip: clip.clip_id)


def neutral_faces(clips: Sequence[SeenClip]) -> list[np.ndarray | None]:
    """For each clip the landmarks (478, 3) of its person's neutral picture; None where there is none.

    It is the picture that methods are given by the protocol (``benchmarks.protocol``), where that one is neutral.
    """
    rows = [{name: getattr(clip, name) for name in ("clip_id", "dataset", "person", "emotion")} for clip in clips]
    everything = ProtocolConfig(datasets=tuple({clip.dataset for clip in clips}), ablations=(), clips_per_dataset=None)
    known = {clip.clip_id: clip for clip in clips}
    given = {pair.clip_id: known[pair.identity_clip_id] for pair in pairings(rows, set(known), everything)}
    return [given[clip.clip_id].landmarks[0] if given[clip.clip_id].emotion == NEUTRAL else None for clip in clips]


def changes(template: np.ndarray, landmarks: np.ndarray, neutral: np.ndarray) -> np.ndarray:
    """How (F, 478, 3) landmarks differ from the same face at rest (478, 3), the head's motion taken out: (F, D)."""
    shown = unposed(template, np.concatenate([neutral[None], landmarks]).astype(np.float64))
    rows = features(shown, EXPRESSION)
    return rows[1:] - rows[0]


def face_views(frames: np.ndarray, landmarks: np.ndarray, config: FaceJudgeConfig) -> np.ndarray:
    """Small upright views of faces, each frame for itself: place, size, tilt, brightness and contrast taken out.

    Args:
        frames: (F, H, W, 3) uint8 RGB.
        landmarks: (F, 478, 3) in their pixels, no NaN.
        config: see ``FaceJudgeConfig``.

    Returns:
        (F, 3 * height * width) float64; each channel of a view has mean 0 and deviation nearly 1.
    """
    size = (config.width, config.height)
    fine = (FINENESS * config.width, FINENESS * config.height)
    to_face = np.concatenate([face_transforms(points[None]) for points in landmarks])
    cut = cut_views(frames, view_transforms(to_face, np.zeros(2), fine, EXTENT), fine)
    views = np.stack([cv2.resize(view, size, interpolation=cv2.INTER_AREA) for view in cut]) / 255
    views = views - views.mean(axis=(1, 2), keepdims=True)
    views = views / (views.std(axis=(1, 2), keepdims=True) + LEAST_CONTRAST)
    return views.reshape(len(views), -1)


def _emotion(template: np.ndarray, clips: Sequence[SeenClip], config: FaceJudgeConfig) -> Discriminant | None:
    pairs = zip(clips, neutral_faces(clips), strict=True)
    known = [(clip, neutral) for clip, neutral in pairs if clip.emotion and neutral is not None]
    if len({clip.emotion for clip, _ in known}) < 2:
        return None
    rows = [changes(template, clip.landmarks, neutral) for clip, neutral in known]
    return discriminant(rows, [clip.emotion for clip, _ in known], config.instruments)


def _look(views: list[np.ndarray], clips: Sequence[SeenClip], config: FaceJudgeConfig) -> Discriminant:
    """Discriminants between persons of the views' principal components, as one step from views."""
    every = np.concatenate(views)
    mean = every.mean(axis=0)
    _, turn = np.linalg.eigh(np.cov(every - mean, rowvar=False))
    turn = turn[:, ::-1][:, : min(config.components, len(every) - 1)]
    rows = [(view - mean) @ turn for view in views]
    found = discriminant(rows, [clip.person for clip in clips], config.instruments)
    return Discriminant(mean + turn @ found.mean, turn @ found.axes, {})
