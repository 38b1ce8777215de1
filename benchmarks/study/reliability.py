"""Do participants agree? Krippendorff's alpha for ordinal scores, and ICC(2,k) of the mean opinions.

Nobody sees every video, so ICC(2,k) cannot come from the complete table that packages ask for. The variances of its
model, score = mean + video + participant + rest, are taken from mean squared differences of pairs of ratings:

    of the same video:             D_video = 2 (participant + rest)
    of other videos and people:    D_other = 2 (video + participant + rest)
    ICC(2,k) = video / (video + (participant + rest) / k)

These are unbiased whoever rated what, and for a complete table they equal the analysis of variance of Shrout and Fleiss
(1979).
"""

from dataclasses import dataclass

import krippendorff
import numpy as np
import pandas as pd

STIMULUS = ["method", "clip_id"]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How far participants agree on one question of one dataset.

    Attributes:
        alpha: Krippendorff's, ordinal; 1 agreement, 0 chance; None where ``reason`` says why.
        icc: ICC(2,k): of mean opinions of ``k`` ratings, absolute agreement, participants random; None as above.
        k: ratings of a video, harmonic mean.
        videos, participants: what it was taken over.
    """

    dataset: str
    question: str
    alpha: float | None
    icc: float | None
    reason: str | None
    k: float
    videos: int
    participants: int


def agreements(ratings: pd.DataFrame) -> list[Agreement]:
    """Every dataset and question, in the order of their names.

    Args:
        ratings: answers that count (``benchmarks.study.exclusions.counted``).
    """
    groups = ratings.groupby(["dataset", "question"])
    return [_agreement(str(dataset), str(question), rows) for (dataset, question), rows in groups]


def _agreement(dataset: str, question: str, rows: pd.DataFrame) -> Agreement:
    table = rows.pivot(index="participant", columns=STIMULUS, values="score").to_numpy(dtype=np.float64)
    found = np.isfinite(table).sum(axis=0)
    reason = alpha = icc = None
    if found.max() < 2:
        reason = "no video has two ratings"
    elif rows["score"].nunique() < 2:
        reason = "all ratings are the same"
    else:
        alpha, icc = krippendorff_alpha(table), icc_2_k(table)
        reason = None if icc is not None else "too few ratings for ICC(2,k)"
    return Agreement(
        dataset=dataset,
        question=question,
        alpha=alpha,
        icc=icc,
        reason=reason,
        k=float(len(found) / (1 / found).sum()),
        videos=table.shape[1],
        participants=table.shape[0],
    )


def krippendorff_alpha(table: np.ndarray) -> float:
    """Ordinal alpha of (participants, videos) scores, NaN where not rated."""
    return float(krippendorff.alpha(reliability_data=table, level_of_measurement="ordinal"))


def icc_2_k(table: np.ndarray) -> float | None:
    """ICC(2,k) of (participants, videos) scores, NaN where not rated; k is the harmonic mean of a video's ratings.

    Returns:
        At most 1, below 0 where videos differ less than chance makes them; None where a kind of pairs is missing or
        nothing varies.
    """
    known = np.isfinite(table)
    scores, number = np.where(known, table, 0.0), known.sum()
    everything = _pairs(scores.sum(), (scores**2).sum(), number)
    of_video = _pairs(scores.sum(axis=0), (scores**2).sum(axis=0), known.sum(axis=0))
    of_participant = _pairs(scores.sum(axis=1), (scores**2).sum(axis=1), known.sum(axis=1))
    other = everything - of_video - of_participant
    if not (of_video[1] and other[1]):
        return None
    same_video, different = of_video[0] / of_video[1], other[0] / other[1]
    video, k = different - same_video, known.shape[1] / (1 / known.sum(axis=0)).sum()
    return float(video / (video + same_video / k)) if video + same_video / k > 0 else None


def _pairs(sums: np.ndarray, squares: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Sum of squared differences over all pairs within groups, and how many pairs there are."""
    return np.array([np.sum(number * squares - sums**2), np.sum(number * (number - 1) / 2)], dtype=np.float64)
