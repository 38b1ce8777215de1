"""Do metrics see what people see? Correlation of every metric with every question.

Over clips: each video of a competing method is a point (its metric, its mean opinion). Participants and shown persons
are random: leaving out one of either at a time (jackknife) gives the variance of Fisher's z, both parts added, and
Student's t its interval, with as many degrees of freedom as the fewer of the two has, minus one. Over methods: each
method is a point, a sample of methods in general, and the interval is Fisher's, of variance 1 / (n - 3) (times 1.06
for ranks: Fieller, Hartley and Pearson, 1957).

Ground truth and the ends of the scale are left out: a metric that compares with the reference knows them beforehand.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit
from scipy.stats import rankdata

from benchmarks.comparison import by_column
from benchmarks.layout import RATINGS
from benchmarks.statistics import ONE_PERSON, StatisticsConfig
from benchmarks.study.analysis import competitors
from benchmarks.study.panel import ONE_PARTICIPANT
from speak.metrics import METRICS

OVER_CLIPS, OVER_METHODS = "clips", "methods"
LEAST_POINTS = 3
NOT_VARIED = "all the same"
FIELLER = 1.06
"""Variance of Fisher's z of a rank correlation, times n - 3."""


@dataclass(frozen=True, kw_only=True)
class Correlation:
    """One metric and one question on one dataset.

    Attributes:
        over: ``clips`` or ``methods``.
        coefficient: ``spearman`` or ``pearson``.
        value, low, high: None where ``reason`` says why.
        n: points.
    """

    dataset: str
    question: str
    metric: str
    over: str
    coefficient: str
    value: float | None
    low: float | None
    high: float | None
    reason: str | None
    n: int
    participants: int
    persons: int


@dataclass(frozen=True)
class _Points:
    """Videos that have both: ``metric`` (V,), scores and their numbers (participants, V), person and method of each."""

    metric: np.ndarray
    sums: np.ndarray
    counts: np.ndarray
    person: np.ndarray
    method: np.ndarray


def correlations(scores: pd.DataFrame, opinions: pd.DataFrame, config: StatisticsConfig) -> list[Correlation]:
    """All metrics × questions × datasets that have both, over clips and over methods, by both coefficients.

    Args:
        scores: score rows of the run; of a method's seeds the first counts, whose videos a study shows.
        opinions: of ``benchmarks.study.analysis.opinion_rows``.
        config: the level.
    """
    methods = competitors(opinions)
    rated = by_column(opinions[opinions["method"].isin(methods)])
    measured = by_column(scores[scores["value"].notna() & scores["method"].isin(methods)])
    found = []
    for dataset in sorted({name for name, _ in rated}):
        for metric in (item for item in METRICS.values() if (dataset, item.id) in measured):
            for question, column in RATINGS.items():
                if (dataset, column.metric) in rated:
                    points = _points(measured[dataset, metric.id], rated[dataset, column.metric])
                    found += _of_points(points, dataset, question, metric.id, config)
    return found


def _points(measured: pd.DataFrame, rated: pd.DataFrame) -> _Points:
    first = measured[measured["seed"] == measured.groupby("method")["seed"].transform("min")]
    values = first.set_index(["method", "clip_id"])["value"]
    table = rated.pivot(index="rater", columns=["method", "clip_id", "person"], values="value").sort_index(axis=1)
    both = table.columns.droplevel("person").isin(values.index)
    table = table.loc[:, both]
    known = table.notna().to_numpy()
    return _Points(
        metric=values.reindex(table.columns.droplevel("person")).to_numpy(dtype=np.float64),
        sums=table.fillna(0.0).to_numpy(dtype=np.float64),
        counts=known.astype(np.float64),
        person=table.columns.get_level_values("person").to_numpy(dtype=str),
        method=table.columns.get_level_values("method").to_numpy(dtype=str),
    )


def _of_points(
    points: _Points, dataset: str, question: str, metric: str, config: StatisticsConfig
) -> list[Correlation]:
    size = {"participants": int((points.counts.sum(axis=1) > 0).sum()), "persons": len(set(points.person))}
    found = []
    for over, measure in ((OVER_CLIPS, _over_clips), (OVER_METHODS, _over_methods)):
        for coefficient in COEFFICIENTS:
            value, low, high, reason, n = measure(points, coefficient, config.level)
            found.append(
                Correlation(
                    dataset=dataset,
                    question=question,
                    metric=metric,
                    over=over,
                    coefficient=coefficient,
                    value=value,
                    low=low,
                    high=high,
                    reason=reason,
                    n=n,
                    **size,
                )
            )
    return found


Answer = tuple[float | None, float | None, float | None, str | None, int]
"""Value, low, high, reason, number of points."""


def _over_clips(points: _Points, coefficient: str, level: float) -> Answer:
    raters, people = points.counts.sum(axis=1) > 0, sorted(set(points.person))
    every = np.ones(len(points.metric), dtype=bool)
    value, n = _value(points, raters, every, coefficient), len(points.metric)
    if value is None:
        return None, None, None, _too_little(n), n
    if raters.sum() < 2 or len(people) < 2:
        return value, None, None, ONE_PARTICIPANT if raters.sum() < 2 else ONE_PERSON, n
    less = [
        _value(points, raters & (np.arange(len(raters)) != who), every, coefficient) for who in np.flatnonzero(raters)
    ]
    fewer = [_value(points, raters, points.person != who, coefficient) for who in people]
    if None in less or None in fewer:
        return value, None, None, "too few clips to leave one out", n
    error = np.sqrt(_jackknife(less) + _jackknife(fewer))
    half = error * float(stdtrit(min(len(less), len(fewer)) - 1, (1 + level) / 2))
    return (value, *_around(value, half), None, n)


def _over_methods(points: _Points, coefficient: str, level: float) -> Answer:
    names = sorted(set(points.method))
    own = [points.method == name for name in names]
    metric = np.array([points.metric[mask].mean() for mask in own])
    opinion = np.array([points.sums[:, mask].sum() / points.counts[:, mask].sum() for mask in own])
    value, n = COEFFICIENTS[coefficient](metric, opinion), len(names)
    if value is None:
        return None, None, None, _too_little(n), n
    if n <= LEAST_POINTS:
        return value, None, None, f"{n} methods", n
    spread = FIELLER if coefficient == "spearman" else 1.0
    return (value, *_around(value, float(ndtri((1 + level) / 2)) * np.sqrt(spread / (n - 3))), None, n)


def _value(points: _Points, raters: np.ndarray, videos: np.ndarray, coefficient: str) -> float | None:
    """The correlation over some videos as some participants rated them."""
    counts = points.counts[raters].sum(axis=0)
    left = videos & (counts > 0)
    opinion = points.sums[raters].sum(axis=0)[left] / counts[left]
    return COEFFICIENTS[coefficient](points.metric[left], opinion)


def pearson(first: np.ndarray, second: np.ndarray) -> float | None:
    """Pearson's correlation of (N,) and (N,); None for fewer than 3 points, or where one of them does not vary."""
    if len(first) < LEAST_POINTS:
        return None
    centred = [values - values.mean() for values in (first, second)]
    lengths = [np.linalg.norm(values) for values in centred]
    if min(lengths) <= 1e-12 * max(1.0, np.abs(first).max(), np.abs(second).max()):
        return None
    return float(np.clip(centred[0] @ centred[1] / (lengths[0] * lengths[1]), -1, 1))


def spearman(first: np.ndarray, second: np.ndarray) -> float | None:
    """Spearman's; ties share their mean rank. As ``pearson``."""
    return pearson(rankdata(first), rankdata(second)) if len(first) else None


COEFFICIENTS: dict[str, Callable[[np.ndarray, np.ndarray], float | None]] = {"spearman": spearman, "pearson": pearson}


def _too_little(n: int) -> str:
    return NOT_VARIED if n >= LEAST_POINTS else f"{n} points"


def _fisher(value: float) -> float:
    """Fisher's z; a perfect correlation is taken for one just below."""
    return float(np.arctanh(np.clip(value, -1 + 1e-9, 1 - 1e-9)))


def _jackknife(left_out: list[float]) -> float:
    """The variance that values without one unit each show."""
    z = np.array([_fisher(value) for value in left_out])
    return float((len(z) - 1) / len(z) * ((z - z.mean()) ** 2).sum())


def _around(value: float, half: float) -> tuple[float, float]:
    return float(np.tanh(_fisher(value) - half)), float(np.tanh(_fisher(value) + half))
