"""Mean opinions with intervals in which participants and clips both count as drawn at random.

``1.96 · sd / √n`` takes ratings for independent. They are not: a strict participant is strict each time, and a good
clip is good for everyone. So participants × persons (a person's clips belong together, as everywhere in this project)
are a two-way table in which each cell holds the influence of its ratings on the figure: the sum of (score - mean) / n,
and 0 where nobody rated. The analysis of variance of that table gives the variance of the figure,

    V = (MS_participants + MS_persons - MS_rest) / (I · K),   never below either of the first two terms alone,

and Satterthwaite's degrees of freedom go with it. For a complete table this is the textbook's two-way random-effects
variance of a mean; cells that are empty are part of the draw. (The pigeonhole bootstrap of Owen, 2007, resamples the
same table; its variance counts three times what neither participant nor clip explains, so it is not used here.)
``tests/benchmarks/study/test_rating_coverage.py`` measures how often these intervals hold the truth.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from benchmarks.comparison import Panel, panel
from benchmarks.statistics import NO_CLIPS, ONE_PERSON, Interval, StatisticsConfig, student_interval
from benchmarks.study.questions import SCORES

LEAST, MOST = float(min(SCORES)), float(max(SCORES))
ONE_PARTICIPANT = "one participant"
STEP = 1e-6
"""For derivatives of figures: these are linear in the means but for absolute values, so any small step is exact."""


@dataclass(frozen=True)
class RatingPanel(Panel):
    """Ratings of one question on one dataset; ``values`` are the mean opinions of each clip.

    Attributes:
        opinions: (M,) mean over all ratings of each method.
        numbers: (M,) how many ratings that is.
        influence: (I, K, M) participants × persons × methods: what a cell's ratings add to each mean.
    """

    opinions: np.ndarray
    numbers: np.ndarray
    influence: np.ndarray

    @property
    def participants(self) -> int:
        """How many people rated these clips."""
        return len(self.influence)

    @functools.cached_property
    def _means(self) -> np.ndarray:
        return self.opinions

    def mean(self, method: str) -> Interval:
        """Mean opinion of a method with its interval, which ends where the scale does."""
        found = super().mean(method)
        return found if found.low is None else replace(found, low=max(found.low, LEAST), high=min(found.high, MOST))

    def _interval(self, figure: Callable[[np.ndarray], np.ndarray]) -> Interval:
        clips, persons = len(self.values), len(set(self.persons))
        if not clips:
            return Interval(mean=None, low=None, high=None, reason=NO_CLIPS, clips=0, persons=0)
        here = float(figure(self._means))
        if self.participants < 2 or persons < 2:
            reason = ONE_PARTICIPANT if self.participants < 2 else ONE_PERSON
            return Interval(mean=here, low=None, high=None, reason=reason, clips=clips, persons=persons)
        steps = STEP * np.eye(len(self.methods))
        slopes = (figure(self._means + steps) - figure(self._means - steps)) / (2 * STEP)
        error, freedom = two_way_error(self.influence @ slopes)
        return student_interval(here, error, freedom, clips=clips, persons=persons, level=self.config.level)


def two_way_error(influence: np.ndarray) -> tuple[float, float]:
    """Standard error of a sum over a table whose rows and columns are both random, and its degrees of freedom.

    Args:
        influence: (I, K) with sum 0, I and K at least 2.

    Returns:
        The standard error, and Satterthwaite's degrees of freedom, at least those of the shorter side.
    """
    rows, columns = influence.shape
    by_row, by_column = influence.sum(axis=1), influence.sum(axis=0)
    rest = influence - by_row[:, None] / columns - by_column / rows + influence.sum() / influence.size
    freedoms = np.array([rows - 1, columns - 1, (rows - 1) * (columns - 1)])
    squares = np.array([(by_row**2).sum(), (by_column**2).sum(), influence.size * (rest**2).sum()])
    parts = squares * np.array([rows, columns, 1]) / freedoms
    variance = max(parts[0] + parts[1] - parts[2], parts[0], parts[1])
    spread = (parts**2 / freedoms).sum()
    freedom = max(variance**2 / spread, min(rows, columns) - 1) if spread else min(rows, columns) - 1
    return float(np.sqrt(variance)), float(freedom)


def rating_panel(rows: pd.DataFrame, methods: Sequence[str], config: StatisticsConfig) -> RatingPanel:
    """Gather one question on one dataset; as ``benchmarks.comparison.panel``, with several ratings of a clip.

    Args:
        rows: of ``benchmarks.study.analysis.opinion_rows``, one question and dataset.
        methods: keys wanted; one with ratings of too few clips is left out (``min_scored_share``).
        config: level, and the least share of clips.
    """
    rated = rows[rows["method"].isin(list(methods))]
    per_clip = rated.groupby(["clip_id", "method", "seed", "person"], as_index=False)["value"].mean()
    base = panel(per_clip, methods, config)
    counted = rated[rated["clip_id"].isin(base.clip_ids) & rated["method"].isin(base.methods)]
    participant, participants = pd.factorize(counted["rater"], sort=True)
    person, persons = pd.factorize(counted["person"], sort=True)
    method = np.array([base.methods.index(name) for name in counted["method"]], dtype=int)
    shape = (len(participants), len(persons), len(base.methods))
    sums, counts = np.zeros(shape), np.zeros(shape)
    np.add.at(sums, (participant, person, method), counted["value"].to_numpy())
    np.add.at(counts, (participant, person, method), 1)
    numbers = counts.sum(axis=(0, 1))
    opinions = sums.sum(axis=(0, 1)) / numbers
    influence = (sums - opinions * counts) / numbers
    return RatingPanel(base.values, base.methods, base.clip_ids, base.persons, config, opinions, numbers, influence)


def panel_of(rows: pd.DataFrame | None, methods: Sequence[str], config: StatisticsConfig) -> Panel:
    """The panel of one column of a table: of ratings where the rows have raters, else of scores."""
    if rows is not None and "rater" in rows and rows["rater"].notna().any():
        return rating_panel(rows, methods, config)
    return panel(rows, methods, config)
