"""What a method made of each clip: the table of its page, its worst clips, and why clips have no score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from speak.metrics import METRICS, Metric


@dataclass(frozen=True, kw_only=True)
class ClipColumn:
    """One metric on every clip of a method.

    Attributes:
        values: by clip, in the order of ``MethodClips.clips``; a mean over seeds, None where a seed has none.
        reasons: why a value is None, None where there is one.
        worst_first: positions of clips, the worst first and those without a value last.
    """

    metric: Metric
    values: tuple[float | None, ...]
    reasons: tuple[str | None, ...]
    worst_first: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class MethodClips:
    """A method's clips.

    Attributes:
        clips: (dataset, clip id, person), sorted.
    """

    clips: tuple[tuple[str, str, str], ...]
    columns: tuple[ClipColumn, ...]

    def unscored(self) -> list[tuple[str, str, int, tuple[Metric, ...]]]:
        """(dataset, reason, clips, metrics) of everything without a score, by dataset and reason."""
        found: dict[tuple[str, str], tuple[set[str], dict[str, Metric]]] = {}
        for column in self.columns:
            for (dataset, clip_id, _), reason in zip(self.clips, column.reasons, strict=True):
                if reason is not None:
                    clips, metrics = found.setdefault((dataset, reason), (set(), {}))
                    clips.add(clip_id)
                    metrics[column.metric.name] = column.metric
        return [(*key, len(found[key][0]), tuple(found[key][1].values())) for key in sorted(found)]


def method_clips(scores: pd.DataFrame) -> MethodClips:
    """The clips of one method's score rows, which may have several seeds; metrics that are not known are left out."""
    known = ["dataset", "clip_id", "person"]
    clips = tuple(scores[known].drop_duplicates(known[:2]).sort_values(known).itertuples(index=False, name=None))
    by_metric = dict(iter(scores.groupby("metric")))
    columns = [_column(metric, by_metric[metric.id], clips) for metric in METRICS.values() if metric.id in by_metric]
    return MethodClips(clips=clips, columns=tuple(columns))


def _column(metric: Metric, rows: pd.DataFrame, clips: Sequence[tuple[str, str, str]]) -> ClipColumn:
    by_clip: dict[tuple[str, str], list[tuple[float, str | None]]] = {}
    for dataset, clip_id, value, reason in rows[["dataset", "clip_id", "value", "reason"]].itertuples(index=False):
        by_clip.setdefault((dataset, clip_id), []).append((value, reason))
    found = [_value(by_clip.get((dataset, clip_id), [])) for dataset, clip_id, _ in clips]
    values = tuple(value for value, _ in found)
    return ClipColumn(
        metric=metric,
        values=values,
        reasons=tuple(reason for _, reason in found),
        worst_first=worst_first(values, metric.higher_is_better),
    )


def _value(seeds: Sequence[tuple[float, str | None]]) -> tuple[float | None, str | None]:
    """Mean over a clip's seeds, or the first reason why one has no value."""
    if not seeds:
        return None, "not handed to the scoring stage"
    for value, reason in seeds:
        if pd.isna(value):
            return None, "no reason given" if pd.isna(reason) else reason
    return sum(value for value, _ in seeds) / len(seeds), None


def worst_first(values: Sequence[float | None], higher_is_better: bool) -> tuple[int, ...]:
    """Positions from the worst value to the best, equal ones in order, then those of no value."""
    sign = 1 if higher_is_better else -1
    scored = [position for position, value in enumerate(values) if value is not None]
    scored.sort(key=lambda position: sign * values[position])
    return (*scored, *(position for position, value in enumerate(values) if value is None))


def hashes(scores: pd.DataFrame) -> Mapping[str, tuple[str, ...]]:
    """What stands behind a method's numbers, by the score record's field; several where seeds or recipes differ."""
    fields = ("checkpoint", "params", "split", "recipe", "code")
    return {name: tuple(sorted(set(scores[name].dropna()))) for name in fields}
