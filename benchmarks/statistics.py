"""Intervals by bootstrap, clustered by person, and over the seeds of trainings.

Clips of one person resemble each other, so they are not independent samples of "people in general". A
resample therefore draws persons with replacement, and then, for each person drawn, that person's clips with
replacement. The number of times each clip occurs in each resample is all that is needed: with these counts as
a matrix ``W`` (resamples × clips), the means of every method are one product ``W V``, and a paired difference
uses the same ``W`` for both methods.

Where methods were trained with several seeds, a resample also draws seeds with replacement, independently of the clips
and the same ones for every method: trainings of one seed saw the same data in the same order, so they are paired. Few
seeds say little about seeds in general: a bootstrap over two of them sees half of their variance.
"""

from dataclasses import dataclass

import numpy as np

ONE_PERSON = "one person"
NO_CLIPS = "no clips scored"


@dataclass(frozen=True, kw_only=True)
class StatisticsConfig:
    """How intervals are made.

    Attributes:
        resamples: bootstrap resamples.
        level: coverage wanted, e.g. 0.95.
        seed: of the resampling.
        min_scored_share: share of the clips that a method must have scored to be compared with the others at all; below
            it, the few clips would be everybody's.
    """

    resamples: int
    level: float
    seed: int
    min_scored_share: float

    def __post_init__(self):
        if self.resamples < 1 or not 0 < self.level < 1 or not 0 <= self.min_scored_share <= 1:
            raise ValueError("resamples must be at least 1, level in (0, 1) and min_scored_share in [0, 1]")


SEED_STREAM = 1
"""Tells the generator that draws seeds from the one that draws clips."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean with its percentile interval; ``low`` and ``high`` are None where ``reason`` says why."""

    mean: float | None
    low: float | None
    high: float | None
    reason: str | None
    clips: int
    persons: int

    @property
    def sign(self) -> int | None:
        """For a difference: 1 or -1 where the interval lies on one side of 0, 0 where not, None without
        interval."""
        if self.low is None:
            return None
        return int(self.low > 0) - int(self.high < 0)


def resample_counts(persons: np.ndarray, config: StatisticsConfig) -> np.ndarray:
    """How often each clip occurs in each resample.

    Args:
        persons: (N,) the person of each clip, sorted by clip id so that a result does not depend on file
            order.
        config: number of resamples and seed.

    Returns:
        (resamples, N) float64 counts.
    """
    generator = np.random.default_rng([config.seed, len(persons)])
    names, owner = np.unique(np.asarray(persons, dtype=str), return_inverse=True)
    drawn = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=config.resamples)
    counts = np.empty((config.resamples, len(persons)))
    for person in range(len(names)):
        clips = np.flatnonzero(owner == person)
        uniform = np.full(len(clips), 1 / len(clips))
        counts[:, clips] = generator.multinomial(drawn[:, person] * len(clips), uniform)
    return counts


def resample_seeds(num_seeds: int, config: StatisticsConfig) -> np.ndarray:
    """How often each seed occurs in each resample: (resamples, S) float64 counts that sum to S."""
    generator = np.random.default_rng([config.seed, num_seeds, SEED_STREAM])
    uniform = np.full(num_seeds, 1 / num_seeds)
    return generator.multinomial(num_seeds, uniform, size=config.resamples).astype(np.float64)


def mean_interval(
    values: np.ndarray,
    persons: np.ndarray,
    config: StatisticsConfig,
    counts: np.ndarray | None = None,
    seed_counts: np.ndarray | None = None,
) -> Interval:
    """Mean over clips, and over seeds, with its interval.

    Args:
        values: (N,) finite, one per clip, or (N, S) for S seeds.
        persons: (N,) the person of each clip.
        config: how the interval is made.
        counts: ``resample_counts`` of these persons, when it is at hand already.
        seed_counts: ``resample_seeds`` of these seeds, when it is at hand already.
    """
    values = np.asarray(values, dtype=np.float64)
    num_persons = len(set(persons))
    if not len(values):
        return Interval(mean=None, low=None, high=None, reason=NO_CLIPS, clips=0, persons=0)
    values = values.reshape(len(values), -1)
    mean = float(mean_over_seeds(values))
    if num_persons == 1:
        return Interval(mean=mean, low=None, high=None, reason=ONE_PERSON, clips=len(values), persons=1)
    counts = resample_counts(persons, config) if counts is None else counts
    seed_counts = resample_seeds(values.shape[1], config) if seed_counts is None else seed_counts
    low, high = percentile_interval(resampled_means(values, counts, seed_counts), config)
    return Interval(mean=mean, low=low, high=high, reason=None, clips=len(values), persons=num_persons)


def paired_difference(
    first: np.ndarray,
    second: np.ndarray,
    persons: np.ndarray,
    config: StatisticsConfig,
    counts: np.ndarray | None = None,
) -> Interval:
    """Mean of ``first - second`` over the clips that both scored, with its interval; arguments as
    ``mean_interval``."""
    return mean_interval(np.asarray(first, float) - np.asarray(second, float), persons, config, counts)


def mean_over_seeds(values: np.ndarray) -> np.ndarray:
    """Mean over clips, then over seeds: (N, S) gives a number, (N, M, S) gives (M,)."""
    return np.mean([values[..., seed].mean(axis=0) for seed in range(values.shape[-1])], axis=0)


def resampled_means(values: np.ndarray, counts: np.ndarray, seed_counts: np.ndarray) -> np.ndarray:
    """Mean of each resample.

    Args:
        values: (N, S) or (N, M, S): clips, quantities, seeds.
        counts: (resamples, N), of ``resample_counts``.
        seed_counts: (resamples, S), of ``resample_seeds``.

    Returns:
        (resamples,) or (resamples, M).
    """
    totals = counts.sum(axis=1)
    totals = totals if values.ndim == 2 else totals[:, None]
    means = np.stack([(counts @ values[..., seed]) / totals for seed in range(values.shape[-1])], axis=-1)
    return np.einsum("r...s,rs->r...", means, seed_counts) / values.shape[-1]


def percentile_interval(samples: np.ndarray, config: StatisticsConfig) -> tuple[float, float]:
    """The central ``level`` of the samples (R,)."""
    tail = (1 - config.level) / 2
    low, high = np.quantile(samples, [tail, 1 - tail])
    return float(low), float(high)
