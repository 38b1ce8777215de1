"""Numbers of a set: one row per method × seed × dataset × metric, and the files that hold them.

FID and KID compare all frames of a dataset with all that a method made of them; no clip has such a number.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.scores import Provenance, read_tables
from speak.files import atomic_path
from speak.metrics import SET_METRICS, Missing, SetMetric

LEAST = 2
"""Frames that a covariance needs."""


@dataclass(frozen=True, kw_only=True)
class SetConfig:
    """Which frames make a set.

    Attributes:
        every: n, where the first frame of each clip and every n-th after it are taken.
    """

    every: int

    def __post_init__(self):
        if self.every < 1:
            raise ValueError(f"every must be at least 1, got {self.every}")


@dataclass(frozen=True, kw_only=True)
class Features:
    """What the network saw in frames of one clip: reference and generated, (K, D) each, of the same frames."""

    dataset: str
    reference: np.ndarray
    generated: np.ndarray


@dataclass(frozen=True, kw_only=True)
class SetScore:
    """One number of a set, or the reason why there is none; hashes as in ``benchmarks.scores.Score``.

    Attributes:
        metric: versioned id, e.g. ``fid-inception2015-256-v1``.
        n: frames of the method, and as many of the reference.
    """

    method: str
    seed: int
    dataset: str
    metric: str
    value: float | None
    reason: str | None
    n: int
    checkpoint: str | None
    params: str
    split: str
    code: str


_NUMBERS = {"seed": pa.int64(), "value": pa.float64(), "n": pa.int64()}
SCHEMA = pa.schema([(field.name, _NUMBERS.get(field.name, pa.string())) for field in dataclasses.fields(SetScore)])


def score_sets(
    method: str,
    seed: int,
    datasets: Iterable[str],
    clips: Sequence[Features] | Missing,
    provenance: Provenance,
) -> list[SetScore]:
    """Every metric of a set on each dataset.

    Args:
        method: key.
        seed: of its training.
        datasets: those it was asked for.
        clips: features of the clips that could be scored, or why there are none.
        provenance: the recipe is a clip's and has no place here.
    """
    hashes = {name: value for name, value in dataclasses.asdict(provenance).items() if name != "recipe"}
    return [
        SetScore(method=method, seed=seed, dataset=dataset, metric=metric.id, **result, **hashes)
        for dataset in sorted(set(datasets))
        for metric in SET_METRICS.values()
        for result in [_measured(metric, dataset, clips)]
    ]


def _measured(
    metric: SetMetric, dataset: str, clips: Sequence[Features] | Missing
) -> Mapping[str, float | str | int | None]:
    if isinstance(clips, Missing):
        return {"value": None, "reason": clips.reason, "n": 0}
    own = [clip for clip in clips if clip.dataset == dataset]
    n = sum(len(clip.generated) for clip in own)
    if n < LEAST:
        return {"value": None, "reason": f"{n} frames, at least {LEAST} needed", "n": n}
    reference, generated = (
        np.concatenate([getattr(clip, side) for clip in own]) for side in ("reference", "generated")
    )
    return {"value": metric.compute(reference, generated), "reason": None, "n": n}


def write_set_scores(path: Path, scores: Iterable[SetScore]) -> None:
    """Write a file (Parquet), whole or not at all. Equal scores give equal bytes."""
    with atomic_path(path) as temporary:
        table = pa.Table.from_pylist([dataclasses.asdict(score) for score in scores], SCHEMA)
        pq.write_table(table, temporary, compression="zstd")


def read_set_scores(paths: Iterable[Path]) -> pd.DataFrame:
    """All rows of several files in one frame. Raises UserError when a file is missing or of another kind."""
    return read_tables(paths, SCHEMA, "file of set scores")
