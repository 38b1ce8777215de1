"""Intervals by bootstrap, clustered by person, and over the seeds of trainings.

Clips of one person resemble each other, so they are not independent samples of "people in general". A resample
therefore draws persons with replacement, each with all clips. How often each person occurs in each resample is all that
is needed: with these counts as a matrix ``W`` (resamples × persons), sums of every method are one product with
the persons' own sums, and a paired difference uses the same ``W`` for both methods.

Where methods were trained with several seeds, a resample also draws seeds with replacement, independently of the clips
and the same ones for every method: trainings of one seed saw the same data in the same order, so they are paired.

The spread of the resamples gives a standard error, and Student's t with one degree of freedom less than there are
persons gives the interval and the p-value. Percentiles of the resamples would be too narrow for few persons: with four,
an interval "of 95 %" covers the truth in 80 % (docs/log.md; tests/benchmarks/test_coverage.py measures both).
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtr, stdtrit

ONE_PERSON = "one person"
NO_CLIPS = "no clips scored"


@dataclass(frozen=True, kw_only=True)
class StatisticsConfig:
    """How intervals are made.

    Attributes:
        resamples: bootstrap resamples.
        level: coverage wanted, e.g. 0.95; ``1 - level`` is the error allowed for a family of comparisons, too.
        seed: of the resampling.
        min_scored_share: share of the clips that a method must have scored to be compared with the others at all; below
            it, the few clips would be everybody's.
    """

    resamples: int
    level: float
    seed: int
    min_scored_share: float

    def __post_init__(self):
        if self.resamples < 2 or not 0 < self.level < 1 or not 0 <= self.min_scored_share <= 1:
            raise ValueError("resamples must be at least 2, level in (0, 1) and min_scored_share in [0, 1]")


SEED_STREAM = 1
"""Tells the generator that draws seeds from the one that draws persons."""
REMEMBERED = 32
"""Draws that are kept: one for each number of persons or seeds in a run."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean with its interval; ``low``, ``high`` and ``p_value`` are None where ``reason`` says why.

    Attributes:
        p_value: two-sided, that the mean in the population is 0; not corrected for other comparisons (``holm``).
    """

    mean: float | None
    low: float | None
    high: float | None
    reason: str | None
    clips: int
    persons: int
    p_value: float | None = None

    @property
    def sign(self) -> int | None:
        """For a difference: 1 or -1 where the interval lies on one side of 0, 0 where not, None without
        interval."""
        if self.low is None:
            return None
        return int(self.low > 0) - int(self.high < 0)


@functools.lru_cache(maxsize=REMEMBERED)
def resample_persons(num_persons: int, config: StatisticsConfig) -> np.ndarray:
    """How often each person occurs in each resample: (resamples, K) float64 counts that sum to K; read-only."""
    return _draw(num_persons, [config.seed, num_persons], config)


@functools.lru_cache(maxsize=REMEMBERED)
def resample_seeds(num_seeds: int, config: StatisticsConfig) -> np.ndarray:
    """The weight of each seed in each resample: (resamples, S) float64 that sum to S; read-only.

    Counts would have (S - 1) / S of the variance that seeds have; stretched about 1 they have all of it (Rao and Wu,
    1988). With two seeds a weight is therefore -0.41, 1 or 2.41.
    """
    counts = _draw(num_seeds, [config.seed, num_seeds, SEED_STREAM], config)
    weights = 1 + np.sqrt(num_seeds / max(num_seeds - 1, 1)) * (counts - 1)
    weights.flags.writeable = False
    return weights


def _draw(number: int, stream: Sequence[int], config: StatisticsConfig) -> np.ndarray:
    uniform = np.full(number, 1 / number)
    counts = np.random.default_rng(stream).multinomial(number, uniform, size=config.resamples).astype(np.float64)
    counts.flags.writeable = False
    return counts


def resampled_sums(values: np.ndarray, persons: np.ndarray, config: StatisticsConfig) -> np.ndarray:
    """Sums over the clips of each resample.

    Args:
        values: (N, ...) finite, one entry per clip.
        persons: (N,) the person of each clip.
        config: number of resamples and seed.

    Returns:
        (resamples, ...) float64.
    """
    names, owner = np.unique(np.asarray(persons, dtype=str), return_inverse=True)
    sums = np.zeros((len(names), *values.shape[1:]))
    np.add.at(sums, owner, values)
    return np.tensordot(resample_persons(len(names), config), sums, axes=1)


def resampled_means(values: np.ndarray, persons: np.ndarray, config: StatisticsConfig) -> np.ndarray:
    """Mean over clips and seeds of each resample: (N, S) gives (resamples,), (N, M, S) gives (resamples, M)."""
    sums = resampled_sums(values, persons, config)
    totals = resampled_sums(np.ones(len(values)), persons, config)
    weights = resample_seeds(values.shape[-1], config)
    return np.einsum("r...s,rs->r...", sums, weights) / (values.shape[-1] * totals.reshape(-1, *[1] * (sums.ndim - 2)))


def mean_over_seeds(values: np.ndarray) -> np.ndarray:
    """Mean over clips, then over seeds: (N, S) gives a number, (N, M, S) gives (M,)."""
    return np.mean([values[..., seed].mean(axis=0) for seed in range(values.shape[-1])], axis=0)


def standard_error(samples: np.ndarray, num_persons: int) -> float:
    """The standard error that resamples (R,) show; a bootstrap over K persons has (K - 1) / K of the variance."""
    return float(samples.std() * np.sqrt(num_persons / (num_persons - 1)))


def interval_around(
    mean: float, samples: np.ndarray, *, clips: int, persons: int, config: StatisticsConfig
) -> Interval:
    """The interval around a figure, from its resamples.

    Args:
        mean: the figure on the clips themselves.
        samples: (resamples,) the same figure on each resample.
        clips, persons: what it was taken over; one person has no interval.
        config: the level, and how fine a p-value can be: never below 1 / (resamples + 1).
    """
    if persons < 2:
        return Interval(mean=mean, low=None, high=None, reason=ONE_PERSON, clips=clips, persons=persons)
    error = standard_error(samples, persons)
    found = student_interval(mean, error, persons - 1, clips=clips, persons=persons, level=config.level)
    return replace(found, p_value=max(found.p_value, 1 / (config.resamples + 1)))


def student_interval(mean: float, error: float, freedom: float, *, clips: int, persons: int, level: float) -> Interval:
    """The interval of Student's t around a figure.

    Args:
        mean: the figure.
        error: its standard error.
        freedom: degrees of freedom.
        clips, persons: what it was taken over.
        level: coverage wanted.
    """
    half = error * float(stdtrit(freedom, (1 + level) / 2))
    chance = 2 * float(stdtr(freedom, -abs(mean) / error)) if error else float(mean == 0)
    return Interval(
        mean=mean, low=mean - half, high=mean + half, reason=None, clips=clips, persons=persons, p_value=chance
    )


def mean_interval(values: np.ndarray, persons: np.ndarray, config: StatisticsConfig) -> Interval:
    """Mean over clips, and over seeds, with its interval.

    Args:
        values: (N,) finite, one per clip, or (N, S) for S seeds.
        persons: (N,) the person of each clip.
        config: how the interval is made.
    """
    if not len(values):
        return Interval(mean=None, low=None, high=None, reason=NO_CLIPS, clips=0, persons=0)
    values = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    return interval_around(
        float(mean_over_seeds(values)),
        resampled_means(values, persons, config),
        clips=len(values),
        persons=len(set(persons)),
        config=config,
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected for the family that they form (Holm, 1979), in the order given.

    Comparing each with α keeps the chance of a single wrong separation in the family below α, whatever the dependence
    between the comparisons: the k-th smallest of m is multiplied by m - k + 1, and none may be below the one before it.
    """
    order = np.argsort(p_values, kind="stable")
    corrected = np.empty(len(order))
    scaled = np.asarray(p_values, dtype=np.float64)[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1) if len(order) else scaled
    return corrected.tolist()
