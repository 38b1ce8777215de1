"""Two runs compared, score by score: has anything become worse, or is no longer measured?

A metric regresses only when its mean moves the wrong way by more than an absolute *and* a relative floor, *and* the
interval of the paired difference (``benchmarks.statistics``: clustered by person) excludes zero. The floors keep out
what nobody would notice; the interval keeps out what other people's clips would not confirm.

What the baseline measured and the candidate did not is a failure of its own: a number must not vanish unseen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from benchmarks.gate_config import GateConfig
from benchmarks.statistics import Interval, mean_interval
from speak.errors import UserError
from speak.metrics import METRICS, Metric

EVERYTHING = "(all)"
"""Stands for a method, dataset or metric where a comparison is about all of them."""


class Verdict(StrEnum):
    """What became of one metric; the first two fail."""

    REGRESSED = "regressed"
    NOT_MEASURED = "not measured"
    IMPROVED = "improved"
    UNDECIDED = "no interval"
    UNCHANGED = "unchanged"


FAILURES = (Verdict.REGRESSED, Verdict.NOT_MEASURED)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One metric of one method on one dataset; ``EVERYTHING`` where it is about all.

    Attributes:
        metric: versioned id.
        reason: why it was not measured or has no interval; empty elsewhere.
        baseline, candidate: means over the clips that both scored; None where there are none.
        difference: candidate minus baseline, paired; None where nothing was compared.
    """

    method: str
    dataset: str
    metric: str
    verdict: Verdict
    reason: str = ""
    baseline: float | None = None
    candidate: float | None = None
    difference: Interval | None = None

    @property
    def failed(self) -> bool:
        """Whether it closes the gate."""
        return self.verdict in FAILURES


def compare(baseline: pd.DataFrame, candidate: pd.DataFrame, config: GateConfig) -> list[Comparison]:
    """Every comparison that the baseline asks for, sorted by verdict, method, metric and dataset.

    Args:
        baseline, candidate: score rows (``benchmarks.gate_runs.read_run``); what only the candidate has is left alone.
        config: what is guarded.

    Raises:
        UserError: the baseline has no value of anything that is guarded.
    """
    guarded = _guarded(baseline, config)
    if guarded.empty:
        raise UserError("the baseline has no value of any guarded method and metric; nothing can be compared")
    found = [*_vanished(guarded, candidate), *_measured(_remaining(guarded, candidate), candidate, config)]
    order = list(Verdict)
    return sorted(found, key=lambda one: (order.index(one.verdict), one.method, one.metric, one.dataset))


def differing_parts(baseline: pd.DataFrame, candidate: pd.DataFrame) -> list[str]:
    """What lies behind the scores and differs, in words: other test clips or other parameters may explain much."""
    parts = {"split": "test clips were split", "recipe": "clips were prepared", "params": "parameters were set"}
    return [
        f"{words} differently ({column} hash)"
        for column, words in parts.items()
        if set(baseline[column].dropna()) != set(candidate[column].dropna())
    ]


def metric_by_id(metric_id: str) -> Metric | None:
    """The metric with this versioned id; None when this version of the code has none."""
    return next((metric for metric in METRICS.values() if metric.id == metric_id), None)


def _guarded(baseline: pd.DataFrame, config: GateConfig) -> pd.DataFrame:
    """The baseline's values, without what the configuration leaves out."""
    absent = sorted(set(config.methods or ()) - set(baseline["method"]))
    if absent:
        raise UserError(f"the baseline has no method {absent[0]!r}, which the configuration guards")
    methods = baseline["method"].unique() if config.methods is None else config.methods
    ignored = [METRICS[name].id for name in config.ignored_metrics]
    rows = baseline["value"].notna() & baseline["method"].isin(list(methods)) & ~baseline["metric"].isin(ignored)
    return baseline[rows]


def _vanished(guarded: pd.DataFrame, candidate: pd.DataFrame) -> Iterator[Comparison]:
    """Metrics, methods, a method's datasets and its clips of which the candidate has no row at all."""
    new = sorted(set(candidate["metric"]) - set(guarded["metric"]))
    for metric in sorted(set(guarded["metric"]) - set(candidate["metric"])):
        yield _lost(EVERYTHING, EVERYTHING, metric, _renamed(metric, new))
    for method in sorted(set(guarded["method"]) - set(candidate["method"])):
        yield _lost(method, EVERYTHING, EVERYTHING, "the candidate has no score of this method")
    theirs = _places(candidate)
    for (method, dataset), own in guarded[guarded["method"].isin(candidate["method"])].groupby(["method", "dataset"]):
        clips = _places(own).unique()
        gone = clips[~clips.isin(theirs)]
        if len(gone):
            clip, seed = gone[0][2:]
            reason = f"no rows of {len(gone)} of {len(clips)} clips (each seed counts), first {clip} with seed {seed}"
            yield _lost(method, dataset, EVERYTHING, reason)


def _remaining(guarded: pd.DataFrame, candidate: pd.DataFrame) -> pd.DataFrame:
    """The baseline's values without those of which ``_vanished`` told already."""
    return guarded[_places(guarded).isin(_places(candidate)) & guarded["metric"].isin(candidate["metric"])]


def _places(scores: pd.DataFrame) -> pd.MultiIndex:
    """Which clip of which method and seed each row is about."""
    return pd.MultiIndex.from_frame(scores[["method", "dataset", "clip_id", "seed"]])


def _renamed(metric: str, new: Sequence[str]) -> str:
    """Why a metric id is missing: perhaps one of the ``new`` ids is the same metric computed in another way."""
    same = [other for other in new if other.split("-")[0] == metric.split("-")[0]]
    if same:
        return f"renamed or computed anew? The candidate has {', '.join(same)}; the two cannot be compared"
    return "the candidate has no score by this metric" + (f"; new in it: {', '.join(new)}" if new else "")


def _measured(guarded: pd.DataFrame, candidate: pd.DataFrame, config: GateConfig) -> Iterator[Comparison]:
    """What both have rows of: on each dataset, and on all of them together."""
    theirs = dict(iter(candidate.groupby(["method", "dataset", "metric"])))
    for (method, metric), own in guarded.groupby(["method", "metric"]):
        seeds = sorted(set(own["seed"]))
        parts = {
            dataset: _pair(rows, theirs.get((method, dataset, metric), candidate.iloc[:0]), seeds)
            for dataset, rows in own.groupby("dataset")
        }
        for dataset, pairs in parts.items():
            yield _judge((method, dataset, metric), pairs, config)
        if len(parts) > 1 and not any(pairs.lost for pairs in parts.values()):
            yield _judge((method, EVERYTHING, metric), _joined(list(parts.values())), config)


@dataclass(frozen=True)
class _Pairs:
    """One method and metric in both runs.

    Attributes:
        baseline, candidate: (N, S), clips × seeds, of the clips that both scored with every seed.
        persons: (N,) the person of each clip.
        lost: what only the baseline scored, in words; empty for nothing.
    """

    baseline: np.ndarray
    candidate: np.ndarray
    persons: np.ndarray
    lost: str


def _pair(ours: pd.DataFrame, theirs: pd.DataFrame, seeds: Sequence[int]) -> _Pairs:
    """Lay the rows of one dataset side by side."""
    clips = sorted(ours["clip_id"].unique())
    before, after = (
        rows.pivot(index="clip_id", columns="seed", values="value").reindex(index=clips, columns=list(seeds))
        for rows in (ours, theirs)
    )
    both = (before.notna() & after.notna()).all(axis=1)
    owners = ours.drop_duplicates("clip_id").set_index("clip_id")["person"]
    gone = int((before.notna() & after.isna()).to_numpy().sum())
    return _Pairs(
        before[both].to_numpy(dtype=np.float64),
        after[both].to_numpy(dtype=np.float64),
        owners.reindex(before.index[both]).to_numpy(dtype=str),
        f"{gone} of {len(ours)} values missing: {_reason(theirs)}" if gone else "",
    )


def _joined(parts: Sequence[_Pairs]) -> _Pairs:
    """All clips of some datasets of which nothing was lost."""
    columns = [(part.baseline, part.candidate, part.persons) for part in parts]
    return _Pairs(*(np.concatenate(column) for column in zip(*columns, strict=True)), "")


def _reason(rows: pd.DataFrame) -> str:
    """The commonest reason of the rows without a value."""
    reasons = rows.loc[rows["value"].isna(), "reason"].dropna().value_counts()
    return str(reasons.index[0]) if len(reasons) else "no row"


def _judge(key: tuple[str, str, str], pairs: _Pairs, config: GateConfig) -> Comparison:
    """The verdict on one method, dataset and metric."""
    difference = mean_interval(pairs.candidate - pairs.baseline, pairs.persons, config.statistics)
    metric, reason = metric_by_id(key[2]), pairs.lost
    if metric is None:
        reason = "this version does not know the metric, so not which way is better"
    verdict = _verdict(difference, pairs.baseline, metric, config) if metric and not reason else Verdict.NOT_MEASURED
    return Comparison(
        method=key[0],
        dataset=key[1],
        metric=key[2],
        verdict=verdict,
        reason=difference.reason or "" if verdict is Verdict.UNDECIDED else reason,
        baseline=float(pairs.baseline.mean()) if len(pairs.baseline) else None,
        candidate=float(pairs.candidate.mean()) if len(pairs.candidate) else None,
        difference=difference,
    )


def _verdict(difference: Interval, baseline: np.ndarray, metric: Metric, config: GateConfig) -> Verdict:
    floor = config.floors.get(metric.name, config.default)
    if difference.mean is None:
        return Verdict.UNDECIDED
    if abs(difference.mean) <= max(floor.absolute, floor.relative * abs(float(baseline.mean()))):
        return Verdict.UNCHANGED
    if difference.sign is None:
        return Verdict.UNDECIDED
    gain = difference.sign if metric.higher_is_better else -difference.sign
    return {1: Verdict.IMPROVED, 0: Verdict.UNCHANGED, -1: Verdict.REGRESSED}[gain]


def _lost(method: str, dataset: str, metric: str, reason: str) -> Comparison:
    return Comparison(method=method, dataset=dataset, metric=metric, verdict=Verdict.NOT_MEASURED, reason=reason)
