"""How sure is a judge's accuracy? Persons are drawn, since clips of one person are alike."""

import numpy as np

RESAMPLES = 2000
LEVEL = 0.95


def interval(values: list[float], persons: list[str], sizes: list[int]) -> tuple[float, float]:
    """Percentile bootstrap of the weighted mean; persons are drawn, each with all its clips."""
    table, weight = np.asarray(values), np.asarray(sizes, float)
    _, group = np.unique(persons, return_inverse=True)
    totals, weights = np.bincount(group, table * weight), np.bincount(group, weight)
    draws = np.random.default_rng(0).integers(len(totals), size=(RESAMPLES, len(totals)))
    means = totals[draws].sum(1) / weights[draws].sum(1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
