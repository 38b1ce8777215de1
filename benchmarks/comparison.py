"""Methods side by side on the clips that all of them scored.

A ``Panel`` holds one metric on one dataset: a matrix of clips × methods without gaps, and one set of
bootstrap counts that every mean and every difference shares. A method that scored no clip at all is left out
of the panel (and says why), so that it cannot empty everybody's column.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.statistics import (
    Interval,
    StatisticsConfig,
    mean_interval,
    percentile_interval,
    resample_counts,
    resampled_means,
)


@dataclass(frozen=True)
class Panel:
    """One metric on one dataset.

    Attributes:
        values: (N, M) float64, clips × methods, finite.
        methods: M keys, the columns of ``values``.
        persons: (N,) the person of each clip; clips are sorted by id.
        counts: (resamples, N) how often each clip occurs in each bootstrap resample.
        config: how intervals are made.
    """

    values: np.ndarray
    methods: tuple[str, ...]
    persons: np.ndarray
    counts: np.ndarray
    config: StatisticsConfig

    def mean(self, method: str) -> Interval:
        """Mean of a method with its interval."""
        return mean_interval(self._column(method), self.persons, self.config, self.counts)

    def difference(self, first: str, second: str) -> Interval:
        """Paired mean of ``first - second`` with its interval."""
        difference = self._column(first) - self._column(second)
        return mean_interval(difference, self.persons, self.config, self.counts)

    def closeness(self, first: str, second: str, target: str) -> Interval:
        """How much nearer ``first``'s mean lies to ``target``'s than ``second``'s mean does; positive:
        nearer.

        Means of empty panels and panels of one person follow ``mean_interval``'s rules.
        """
        gaps = np.stack([self._column(name) - self._column(target) for name in (first, second)], axis=1)
        base = mean_interval(gaps[:, 0], self.persons, self.config, self.counts)
        if base.mean is None:
            return base
        here = np.abs(gaps.mean(axis=0))
        low = high = None
        if base.low is not None:
            distances = np.abs(resampled_means(gaps, self.counts))
            low, high = percentile_interval(distances[:, 1] - distances[:, 0], self.config)
        return Interval(
            mean=float(here[1] - here[0]),
            low=low,
            high=high,
            reason=base.reason,
            clips=base.clips,
            persons=base.persons,
        )

    def _column(self, method: str) -> np.ndarray:
        return self.values[:, self.methods.index(method)]


def by_column(scores: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Score rows by (dataset, versioned metric id); what is absent was not scored."""
    return dict(iter(scores.groupby(["dataset", "metric"])))


def panel(rows: pd.DataFrame | None, methods: Sequence[str], config: StatisticsConfig) -> Panel:
    """Gather one metric on one dataset.

    Args:
        rows: score rows of one dataset and one metric (``by_column``); None where there are none.
        methods: keys wanted; those without any value are left out.
        config: how intervals are made.
    """
    if rows is None or rows.empty:
        return Panel(np.empty((0, 0)), (), np.empty(0, dtype=str), np.empty((config.resamples, 0)), config)
    rows = rows[rows["method"].isin(list(methods)) & rows["value"].notna()]
    table = rows.pivot(index="clip_id", columns="method", values="value").dropna().sort_index()
    persons = rows.drop_duplicates("clip_id").set_index("clip_id")["person"]
    owners = persons.reindex(table.index).to_numpy(dtype=str)
    counts = resample_counts(owners, config) if len(owners) else np.empty((config.resamples, 0))
    present = tuple(name for name in methods if name in table.columns)
    return Panel(table[list(present)].to_numpy(dtype=np.float64), present, owners, counts, config)
