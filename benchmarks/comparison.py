"""Methods side by side on the clips that all of them scored.

A ``Panel`` holds one metric on one dataset: clips × methods × seeds without gaps, and one set of bootstrap counts that
every mean and every difference shares. A clip counts when every method scored it with every seed. A method that scored
no clip so, or that lacks a seed, is left out of the panel (and says why), so that it cannot empty everybody's column.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.statistics import (
    Interval,
    StatisticsConfig,
    mean_interval,
    mean_over_seeds,
    percentile_interval,
    resample_counts,
    resample_seeds,
    resampled_means,
)


@dataclass(frozen=True)
class Panel:
    """One metric on one dataset.

    Attributes:
        values: (N, M, S) float64, clips × methods × seeds, finite. A method of one seed (nothing in it is trained once
            per seed) has the same value with all.
        methods: M keys, the columns of ``values``.
        persons: (N,) the person of each clip; clips are sorted by id.
        counts: (resamples, N) how often each clip occurs in each bootstrap resample.
        seed_counts: (resamples, S) how often each seed does, for all methods alike.
        config: how intervals are made.
    """

    values: np.ndarray
    methods: tuple[str, ...]
    persons: np.ndarray
    counts: np.ndarray
    seed_counts: np.ndarray
    config: StatisticsConfig

    def mean(self, method: str) -> Interval:
        """Mean of a method with its interval."""
        return self._interval(self._column(method))

    def difference(self, first: str, second: str) -> Interval:
        """Paired mean of ``first - second`` with its interval."""
        return self._interval(self._column(first) - self._column(second))

    def closeness(self, first: str, second: str, target: str) -> Interval:
        """How much nearer ``first``'s mean lies to ``target``'s than ``second``'s mean does; positive:
        nearer.

        Means of empty panels and panels of one person follow ``mean_interval``'s rules.
        """
        gaps = np.stack([self._column(name) - self._column(target) for name in (first, second)], axis=1)
        base = self._interval(gaps[:, 0])
        if base.mean is None:
            return base
        here = np.abs(mean_over_seeds(gaps))
        low = high = None
        if base.low is not None:
            distances = np.abs(resampled_means(gaps, self.counts, self.seed_counts))
            low, high = percentile_interval(distances[:, 1] - distances[:, 0], self.config)
        return Interval(
            mean=float(here[1] - here[0]),
            low=low,
            high=high,
            reason=base.reason,
            clips=base.clips,
            persons=base.persons,
        )

    def _interval(self, values: np.ndarray) -> Interval:
        return mean_interval(values, self.persons, self.config, self.counts, self.seed_counts)

    def _column(self, method: str) -> np.ndarray:
        return self.values[:, self.methods.index(method)]


def by_column(scores: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Score rows by (dataset, versioned metric id); what is absent was not scored."""
    return dict(iter(scores.groupby(["dataset", "metric"])))


def panel(rows: pd.DataFrame | None, methods: Sequence[str], config: StatisticsConfig) -> Panel:
    """Gather one metric on one dataset.

    Args:
        rows: score rows of one dataset and one metric (``by_column``); None where there are none.
        methods: keys wanted; those that scored too few clips with every seed are left out (``min_scored_share``), since
            everybody is compared on the clips that all scored.
        config: how intervals are made.
    """
    rows = pd.DataFrame(columns=["method", "seed", "clip_id", "value", "person"]) if rows is None else rows
    rows = rows[rows["method"].isin(list(methods))]
    seeds, table = seeds_of(rows), rows.pivot(index="clip_id", columns=["method", "seed"], values="value").sort_index()
    columns = {name: _by_seed(table[name], seeds) for name in methods if name in table.columns}
    shares = {name: 1 - np.isnan(values).any(axis=1).mean() for name, values in columns.items()}
    present = tuple(name for name, share in shares.items() if share > 0 and share >= config.min_scored_share)
    if not present:
        nothing = np.empty((config.resamples, 0))
        return Panel(np.empty((0, 0, 0)), (), np.empty(0, dtype=str), nothing, nothing, config)
    values = np.stack([columns[name] for name in present], axis=1)
    common = ~np.isnan(values).any(axis=(1, 2))
    persons = rows.drop_duplicates("clip_id").set_index("clip_id")["person"].reindex(table.index[common])
    owners = persons.to_numpy(dtype=str)
    counts = resample_counts(owners, config) if len(owners) else np.empty((config.resamples, 0))
    return Panel(values[common], present, owners, counts, resample_seeds(len(seeds), config), config)


def seeds_of(rows: pd.DataFrame) -> tuple[int, ...]:
    """The seeds of score rows, in order."""
    return tuple(int(seed) for seed in sorted(set(rows["seed"])))


def missing_seeds(own: pd.DataFrame, seeds: Sequence[int]) -> tuple[int, ...]:
    """The seeds with which a method has no row; none for a method that has the first seed only (it has but one).

    Args:
        own: score rows of one method.
        seeds: of all methods that it is compared with.
    """
    found = seeds_of(own)
    return () if found == tuple(seeds[:1]) else tuple(seed for seed in seeds if seed not in found)


def _by_seed(own: pd.DataFrame, seeds: Sequence[int]) -> np.ndarray:
    """(N, S) values of one method, NaN where there is none; a method of one seed has the same with all."""
    if tuple(own.columns) == tuple(seeds[:1]):
        return np.broadcast_to(own.to_numpy(dtype=np.float64), (len(own), len(seeds)))
    return own.reindex(columns=list(seeds)).to_numpy(dtype=np.float64)
