"""The judges of faces on trial: how often are they right about real clips of persons they never saw?

- Identity: three frames, two of one person (from two clips) and one of another person of the same dataset. Right when
  the cosine of the first two is the higher one; chance is one half.
- Emotion: a clip's label is named. Chance is the share of the commonest label among the clips.

Intervals are percentile bootstraps over persons, as for the sync network (``speak.inference.interval``).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.judges.faces import FaceJudge, SeenClip, neutral_faces
from benchmarks.protocol import NEUTRAL
from speak.inference.interval import interval

QUESTIONS = {
    "identity": "Of three frames, which two show one person? The third is of another person of the same dataset.",
    "emotion": "Which emotion is the clip labelled with?",
}
"""By judge, what a trial asks it."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """How one judge did.

    Attributes:
        accuracy: in [0, 1]; None where ``reason`` says why.
        low, high: 95 % interval over persons.
        chance: what guessing reaches.
        clips, persons: what it was tried on.
        note: further figures in words.
    """

    accuracy: float | None
    low: float | None
    high: float | None
    chance: float | None
    clips: int
    persons: int
    note: str = ""
    reason: str | None = None


def trials(judge: FaceJudge, clips: Sequence[SeenClip]) -> dict[str, Trial]:
    """Try both judges on clips of test persons."""
    return {"identity": _identity(judge, clips), "emotion": _emotion(judge, clips)}


def _identity(judge: FaceJudge, clips: Sequence[SeenClip]) -> Trial:
    codes = [_unit(judge.embed(clip.frames, clip.landmarks)) for clip in clips]
    right, persons, same, different = [], [], [], []
    for clip, code in zip(clips, codes, strict=True):
        rest = [(other, own) for other, own in zip(clips, codes, strict=True) if other.dataset == clip.dataset]
        kin = [own for other, own in rest if other.person == clip.person and other.clip_id != clip.clip_id]
        strangers = [own for other, own in rest if other.person != clip.person]
        if kin and strangers:
            near, far = code @ np.concatenate(kin).T, code @ np.concatenate(strangers).T
            right.append(_share_below(near, far))
            persons.append(clip.person)
            same.append(near.mean())
            different.append(far.mean())
    note = f"mean cosine {np.mean(same):.2f} for one person, {np.mean(different):.2f} for two" if right else ""
    return _trial(right, persons, 0.5, note, "no dataset has two clips of one person beside another person's")


def _emotion(judge: FaceJudge, clips: Sequence[SeenClip]) -> Trial:
    if judge.emotion is None:
        return _trial([], [], None, "", "no training clips with emotion labels")
    pairs = zip(clips, neutral_faces(clips), strict=True)
    known = [(clip, neutral) for clip, neutral in pairs if clip.emotion and neutral is not None]
    named = [min((far := judge.distances(clip.landmarks, neutral)), key=far.get) for clip, neutral in known]
    right = [float(name == clip.emotion) for name, (clip, _) in zip(named, known, strict=True)]
    labels = [clip.emotion for clip, _ in known]
    chance = max(Counter(labels).values()) / len(labels) if labels else None
    moved = [value for value, label in zip(right, labels, strict=True) if label != NEUTRAL]
    rest = f"; {100 * np.mean(moved):.0f} % without the neutral clips" if moved else ""
    note = f"{len(judge.emotion.places)} classes{rest}"
    return _trial(right, [clip.person for clip, _ in known], chance, note, "no test clip with an emotion label")


def _trial(right: list[float], persons: list[str], chance: float | None, note: str, reason: str) -> Trial:
    if not right:
        return Trial(accuracy=None, low=None, high=None, chance=None, clips=0, persons=0, reason=reason)
    low, high = interval(right, persons, [1] * len(right))
    return Trial(
        accuracy=float(np.mean(right)),
        low=low,
        high=high,
        chance=chance,
        clips=len(right),
        persons=len(set(persons)),
        note=note,
    )


def _share_below(near: np.ndarray, far: np.ndarray) -> float:
    """Mean over frames, rows of (F, N) and (F, M), of the share of pairs in which the far cosine is below the near."""
    rows = zip(near, np.sort(far, axis=1), strict=True)
    return float(np.mean([np.searchsorted(far_row, near_row).mean() / len(far_row) for near_row, far_row in rows]))


def _unit(codes: np.ndarray) -> np.ndarray:
    return codes / np.linalg.norm(codes, axis=1, keepdims=True)
