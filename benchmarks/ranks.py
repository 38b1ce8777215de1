"""Which methods are separated from which, and what ranks that leaves open to each.

The family of comparisons is every pair of the methods given, on one metric and one dataset. The pairs with the
best method alone would be fewer, but which method is best is read from the same numbers, so those pairs are chosen
after the fact. Each pair's paired difference has a p-value, all of them are corrected together (Holm), and what is then
below ``1 - level`` is separated.

A method's rank is then at least 1 + the methods that are separated and better, and at most the number of methods minus
those that are separated and worse. These intervals hold for all methods at once: when no pair is separated wrongly,
every true rank lies in its interval (Mogstad, Romano, Shaikh and Wilhelm, 2024).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from benchmarks.comparison import Panel
from benchmarks.statistics import holm


def separations(panel: Panel, methods: Sequence[str], higher_is_better: bool) -> np.ndarray:
    """Who is better than whom, after correction for all pairs.

    Args:
        panel: one metric on one dataset.
        methods: M keys, all in the panel.
        higher_is_better: the metric's direction.

    Returns:
        (M, M) int: 1 where the row's method is separated from the column's and better, -1 where worse, else 0.
    """
    result = np.zeros((len(methods), len(methods)), dtype=int)
    pairs = list(combinations(range(len(methods)), 2))
    differences = [panel.difference(methods[a], methods[b]) for a, b in pairs]
    tested = [(pair, found) for pair, found in zip(pairs, differences, strict=True) if found.p_value is not None]
    corrected = holm([found.p_value for _, found in tested])
    for ((a, b), found), p_value in zip(tested, corrected, strict=True):
        if p_value < 1 - panel.config.level:
            result[a, b] = 1 if (found.mean > 0) == higher_is_better else -1
            result[b, a] = -result[a, b]
    return result


@dataclass(frozen=True)
class Standing:
    """Where a method stands among others.

    Attributes:
        rank: 1 + the methods with a better mean.
        low, high: best and worst rank that the separations leave open; ``rank`` lies between them.
        separated: whether a method of rank 1 is separated from this one and better.
    """

    rank: int
    low: int
    high: int
    separated: bool


def standings(panel: Panel, methods: Sequence[str], higher_is_better: bool) -> dict[str, Standing]:
    """The standing of each method among those that are in the panel; the others have no entry.

    Arguments as ``separations``. Of one person nothing is separated, so every rank is open.
    """
    present = [name for name in methods if name in panel.methods]
    if not present or not len(panel.values):
        return {}
    separated = separations(panel, present, higher_is_better)
    means = np.array([panel.mean(name).mean for name in present]) * (1 if higher_is_better else -1)
    places = 1 + (means[None, :] > means[:, None]).sum(axis=1)
    beaten = (separated[places == 1] == 1).any(axis=0)
    return {
        name: Standing(int(place), low, high, bool(lost))
        for name, place, (low, high), lost in zip(present, places, open_ranks(separated), beaten, strict=True)
    }


def ranks(panel: Panel, methods: Sequence[str], higher_is_better: bool) -> dict[str, tuple[int, int]]:
    """Best and worst rank of each method among those that are in the panel; as ``standings``."""
    return {name: (found.low, found.high) for name, found in standings(panel, methods, higher_is_better).items()}


def open_ranks(separated: np.ndarray) -> list[tuple[int, int]]:
    """The ranks that ``separations`` (M, M) leave to each method, 1 for the best."""
    better, worse = (separated == -1).sum(axis=1), (separated == 1).sum(axis=1)
    return [(1 + int(above), len(separated) - int(below)) for above, below in zip(better, worse, strict=True)]
