"""Methods side by side on the clips that all of them scored.

A ``Panel`` holds one metric on one dataset: clips × methods × seeds without gaps, and bootstrap resamples that every
mean and every difference shares. A clip counts when every method scored it with every seed. A method that scored
no clip so, or that lacks a seed, is left out of the panel (and says why), so that it cannot empty everybody's column.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.statistics import (
    NO_CLIPS,
    Interval,
    StatisticsConfig,
    interval_around,
    mean_over_seeds,
    resampled_means,
)


@dataclass(frozen=True)
class Panel:
    """One metric on one dataset.

    Attributes:
        values: (N, M, S) float64, clips × methods × seeds, finite. A method of one seed (nothing in it is trained once
            per seed) has the same value with all.
        methods: M keys, the columns of ``values``.
        clip_ids: (N,) sorted.
        persons: (N,) the person of each clip.
        config: how intervals are made.
    """

    values: np.ndarray
    methods: tuple[str, ...]
    clip_ids: np.ndarray
    persons: np.ndarray
    config: StatisticsConfig

    def mean(self, method: str) -> Interval:
        """Mean of a method with its interval."""
        place = self.methods.index(method)
        return self._interval(lambda means: means[..., place])

    def difference(self, first: str, second: str) -> Interval:
        """Paired mean of ``first - second`` with its interval."""
        a, b = (self.methods.index(name) for name in (first, second))
        return self._interval(lambda means: means[..., a] - means[..., b])

    def closeness(self, first: str, second: str, target: str) -> Interval:
        """How much nearer ``first``'s mean lies to ``target``'s than ``second``'s mean does; positive: nearer."""
        a, b, to = (self.methods.index(name) for name in (first, second, target))
        return self._interval(lambda means: abs(means[..., b] - means[..., to]) - abs(means[..., a] - means[..., to]))

    def _interval(self, figure: Callable[[np.ndarray], np.ndarray]) -> Interval:
        """The interval of a figure made of the methods' means (..., M)."""
        clips, persons = len(self.values), len(set(self.persons))
        if not clips:
            return Interval(mean=None, low=None, high=None, reason=NO_CLIPS, clips=0, persons=0)
        here = float(figure(self._means))
        return interval_around(here, figure(self._resampled), clips=clips, persons=persons, config=self.config)

    @functools.cached_property
    def _means(self) -> np.ndarray:
        """(M,) on the clips themselves."""
        return mean_over_seeds(self.values)

    @functools.cached_property
    def _resampled(self) -> np.ndarray:
        """(resamples, M) on each resample."""
        return resampled_means(self.values, self.persons, self.config)


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
        nothing = np.empty(0, dtype=str)
        return Panel(np.empty((0, 0, 0)), (), nothing, nothing, config)
    values = np.stack([columns[name] for name in present], axis=1)
    common = ~np.isnan(values).any(axis=(1, 2))
    clip_ids = table.index[common]
    persons = rows.drop_duplicates("clip_id").set_index("clip_id")["person"].reindex(clip_ids)
    return Panel(values[common], present, clip_ids.to_numpy(dtype=str), persons.to_numpy(dtype=str), config)


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
