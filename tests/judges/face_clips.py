"""Drawn persons who differ in skin and in shape, and show one of two emotions with their brows."""

import numpy as np
from drawn_clips import landmarks_of, picture_of

from benchmarks.instruments import BROWS, CONTOUR, InstrumentConfig
from benchmarks.judges.faces import FaceJudgeConfig, SeenClip
from speak.faces.rigid import STEADY

CONFIG = FaceJudgeConfig(
    clips=None, frames=4, width=8, height=10, components=12, instruments=InstrumentConfig(ridge=0.1, directions=5)
)
FRAMES = 4


def seen(person: int, emotion: str | None, seed: int, dataset: str = "mead") -> SeenClip:
    """Four frames: the person's own face width, brows raised where surprised, place and mouth by ``seed``."""
    rng = np.random.default_rng([person, seed])
    own = np.random.default_rng(100 + person)
    points = landmarks_of(rng.uniform(0, 1, FRAMES), (128 + rng.uniform(-8, 8), 100 + rng.uniform(-8, 8)))
    points += np.random.default_rng(7).normal(size=(478, 3)) * 4.0  # points that are not drawn would coincide
    shape = (*CONTOUR, *STEADY)
    points[:, shape] += own.normal(size=(len(shape), 3)) * 1.5
    points[:, BROWS, 1] -= 10.0 if emotion == "surprised" else 0.0
    points += rng.normal(size=points.shape) * 0.2
    points = points.astype(np.float32)
    frames = np.stack([picture_of(face, 120 + 12 * (person % 8)) for face in points])
    return SeenClip(
        clip_id=f"{dataset}/{person}/{seed}",
        dataset=dataset,
        person=f"p{person}",
        emotion=emotion,
        frames=frames,
        landmarks=points,
    )


def clips(persons: range) -> list[SeenClip]:
    return [seen(person, emotion, seed) for person in persons for seed, emotion in enumerate(("neutral", "surprised"))]
