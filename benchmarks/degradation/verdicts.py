"""Does each metric do what is expected of it? A pure function of what the stage ``degrade`` measured.

Every number is a *change*: the metric of the spoiled clip minus that of the same clip unspoiled, signed so that more is
worse, in the metric's own unit, and then a mean over clips. The unspoiled clip has been through the codec and has had
its landmarks found anew, like any method's video, so what these two do is in neither.

A metric that must get worse has moved when its mean change is above ``standard_errors`` standard errors over clips
(with one clip: above 0). A metric that must stay has moved when it is, besides, above ``least_share`` of the metric's
largest mean change under any degradation; the same holds for a step back from one level to the next.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
import pandas as pd

from benchmarks.degradation.config import DegradeConfig
from benchmarks.degradation.expectations import EXPECTATIONS, Expectation
from benchmarks.degradation.registry import BEFORE, DEGRADATIONS
from speak.metrics import METRICS, Metric


class Verdict(StrEnum):
    """What became of an expectation."""

    EXPECTED = "as expected"
    NOT_MONOTONE = "moves, not monotone"
    UNMOVED = "does not move"
    WRONG = "moves the wrong way"
    MOVES = "moves, should not"
    UNMEASURED = "not measured"
    UNCLAIMED = "nothing claimed"

    @property
    def fails(self) -> bool:
        """Whether the metric was measured and did not do what is expected of it."""
        return self in (Verdict.NOT_MONOTONE, Verdict.UNMOVED, Verdict.WRONG, Verdict.MOVES)


@dataclass(frozen=True, kw_only=True)
class Change:
    """A mean change over clips.

    Attributes:
        mean: in the metric's unit, above 0 where worse.
        error: its standard error over clips; None for one clip.
        clips: how many were measured both ways.
    """

    mean: float
    error: float | None
    clips: int

    def direction(self, errors: float, least: float = 0.0) -> int:
        """1 worse, -1 better, 0 neither, at so many standard errors and at least so much."""
        return int(np.sign(self.mean)) if abs(self.mean) > max(least, errors * (self.error or 0.0)) else 0


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One metric under one degradation.

    Attributes:
        changes: by level, from mild to strong; None at a level that too few clips have a number for.
        largest: the metric's largest mean change under any degradation, absolute.
        reason: why there is no number, at the first level that has none; None where all levels have.
    """

    metric: str
    degradation: str
    expectation: Expectation | None
    changes: Mapping[float, Change | None]
    largest: float
    reason: str | None
    verdict: Verdict

    @property
    def clips(self) -> int:
        """Clips behind the strongest measured level."""
        return next((change.clips for change in reversed(self.changes.values()) if change), 0)

    def share(self, level: float) -> float | None:
        """The mean change at a level as a share of the metric's largest; None where there is no number."""
        change = self.changes[level]
        return None if change is None else change.mean / self.largest if self.largest else 0.0


def findings(table: pd.DataFrame, config: DegradeConfig) -> list[Finding]:
    """Every registered metric under every degradation, metrics in the registry's order.

    Args:
        table: columns as in ``trials.COLUMNS``.
        config: levels and what counts as a change.
    """
    return [finding for metric in METRICS.values() for finding in _of_metric(metric, table, config)]


def _of_metric(metric: Metric, table: pd.DataFrame, config: DegradeConfig) -> Iterator[Finding]:
    own = table[table.metric == metric.id]
    sign = -1 if metric.higher_is_better else 1
    pivot = sign * own.pivot(index="clip_id", columns=["degradation", "level"], values="value").astype(float)
    values = dict(zip(pivot.columns, pivot.to_numpy().T, strict=True))

    def change(to: tuple[str, float], since: tuple[str, float] = BEFORE) -> Change | None:
        return _change(values[to] - values[since], config.min_measured_share) if to in values else None

    changes = {name: {level: change((name, level)) for level in config.levels_of(name)} for name in DEGRADATIONS}
    means = [found.mean for by_level in changes.values() for found in by_level.values() if found]
    largest = max(map(abs, means), default=0.0)
    for name, by_level in changes.items():
        measured = [(name, level) for level, found in by_level.items() if found]
        steps = [change(after, since) for since, after in pairwise([BEFORE, *measured])]
        expectation = EXPECTATIONS.get(metric.name, {}).get(name)
        yield Finding(
            metric=metric.name,
            degradation=name,
            expectation=expectation,
            changes=by_level,
            largest=largest,
            reason=_reason(own, name, by_level),
            verdict=_verdict(expectation, [found for found in by_level.values() if found], steps, config, largest),
        )


def _change(differences: np.ndarray, min_measured_share: float) -> Change | None:
    """Mean of one difference per clip, NaN where there is none; None where too few clips have one."""
    found = differences[np.isfinite(differences)]
    if len(found) < max(1, min_measured_share * len(differences)):
        return None
    error = float(found.std(ddof=1) / math.sqrt(len(found))) if len(found) > 1 else None
    return Change(mean=float(found.mean()), error=error, clips=len(found))


def _reason(own: pd.DataFrame, degradation: str, by_level: Mapping[float, Change | None]) -> str | None:
    """Why the first level without a number has none: its own reason, or that of the unspoiled clip."""
    missing = next((level for level, change in by_level.items() if change is None), None)
    if missing is None:
        return None
    for cause, level in ((degradation, missing), BEFORE):
        reasons = own[(own.degradation == cause) & (own.level == level)].reason.dropna()
        if len(reasons):
            return str(reasons.iloc[0])
    return "not tried"


def _verdict(
    expectation: Expectation | None,
    changes: Sequence[Change],
    steps: Sequence[Change | None],
    config: DegradeConfig,
    largest: float,
) -> Verdict:
    """``changes`` at the measured levels, and the paired ``steps`` to each of them from the one before."""
    if not changes:
        return Verdict.UNMEASURED
    if expectation is None:
        return Verdict.UNCLAIMED
    errors, least = config.standard_errors, config.least_share * largest
    if expectation.move == "still":
        moved = any(change.direction(errors, least) for change in changes)
        return Verdict.MOVES if moved else Verdict.EXPECTED
    directions = [change.direction(errors) for change in changes]
    if not any(directions):
        return Verdict.UNMOVED
    if directions[-1] < 0 or max(directions) < 1:
        return Verdict.WRONG
    back = any(step.direction(errors, least) < 0 for step in steps if step)
    monotone = directions[-1] == 1 and not back
    return Verdict.EXPECTED if monotone or not expectation.monotone else Verdict.NOT_MONOTONE
