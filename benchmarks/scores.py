"""The Score record: one row per method × seed × clip × metric, and the files that hold them.

Everything downstream (tables, figures, claims) is a pure function of these files. A clip that could not be
scored is a row with a null value and a reason; a row that is absent means that the clip was never handed to
the scoring stage.
"""

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from speak.errors import UserError
from speak.files import atomic_path
from speak.metrics import METRICS, ClipPair, Measurement, Metric, MetricConfig


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """The hashes behind a score; None where a method has no such part (ground truth has no checkpoint)."""

    checkpoint: str | None
    params: str
    split: str
    recipe: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whose clip by which method, trained with which seed, is being scored; 0 where nothing is trained by seeds."""

    method: str
    seed: int
    dataset: str
    clip_id: str
    person: str


@dataclass(frozen=True, kw_only=True)
class Score:
    """One number, or the reason why there is none, with everything needed to find out where it came from.

    Attributes:
        seed: of the method's training; 0 for a method that is not trained once per seed.
        metric: a metric's versioned id, e.g. ``ssim-gauss11-rgb-v1``.
        value: null together with a ``reason``.
        found_share: share of frames in which a face was found, for metrics that need one.
    """

    method: str
    seed: int
    dataset: str
    clip_id: str
    person: str
    metric: str
    value: float | None
    reason: str | None
    found_share: float | None
    checkpoint: str | None
    params: str
    split: str
    recipe: str
    code: str


_NUMBERS = {"seed": pa.int64(), "value": pa.float64(), "found_share": pa.float64()}
SCHEMA = pa.schema([(field.name, _NUMBERS.get(field.name, pa.string())) for field in dataclasses.fields(Score)])


def score_clip(
    subject: Subject,
    pair: ClipPair,
    config: MetricConfig,
    provenance: Provenance,
    metrics: Sequence[Metric] = tuple(METRICS.values()),
) -> list[Score]:
    """Score one generated clip with every metric.

    A generated clip of another length or size than its reference scores null everywhere, with that reason.
    """
    mismatch = _mismatch(pair)
    measured = (mismatch or metric.compute(pair, config) for metric in metrics)
    return [_score(subject, metric, result, provenance) for metric, result in zip(metrics, measured, strict=True)]


def unscored_clip(
    subject: Subject, reason: str, provenance: Provenance, metrics: Sequence[Metric] = tuple(METRICS.values())
) -> list[Score]:
    """The rows of a clip that a method could not generate or that could not be read: null, with the
    reason."""
    return [_score(subject, metric, Measurement(None, reason), provenance) for metric in metrics]


def write_scores(path: Path, scores: Iterable[Score]) -> None:
    """Write a score file (Parquet), sorted, whole or not at all. Equal scores give equal bytes."""
    rows = sorted((dataclasses.asdict(score) for score in scores), key=_key)
    duplicates = [_key(a) for a, b in itertools.pairwise(rows) if _key(a) == _key(b)]
    if duplicates:
        raise ValueError(f"two scores for {duplicates[0]}")
    with atomic_path(path) as temporary:
        pq.write_table(pa.Table.from_pylist(rows, SCHEMA), temporary, compression="zstd")


def read_scores(paths: Iterable[Path]) -> pd.DataFrame:
    """All rows of several score files in one frame with the columns of ``SCHEMA``; null is NaN or None.

    Raises:
        UserError: a file is missing or is not a score file.
    """
    tables = []
    for path in paths:
        try:
            table = pq.read_table(path)
        except (OSError, pa.ArrowException) as error:
            raise UserError(f"{path}: not a readable score file ({error}); run the score stage again") from error
        if not table.schema.equals(SCHEMA):
            raise UserError(f"{path}: columns are not those of a score file; run the score stage again")
        tables.append(table)
    return pa.concat_tables(tables or [SCHEMA.empty_table()]).to_pandas()


def _key(row: dict) -> tuple[str | int, ...]:
    return row["method"], row["seed"], row["dataset"], row["clip_id"], row["metric"]


def _score(subject: Subject, metric: Metric, result: Measurement, provenance: Provenance) -> Score:
    return Score(
        **dataclasses.asdict(subject),
        metric=metric.id,
        **dataclasses.asdict(result),
        **dataclasses.asdict(provenance),
    )


def _mismatch(pair: ClipPair) -> Measurement | None:
    reference, generated = pair.reference_frames.shape, pair.generated_frames.shape
    if generated[0] != reference[0]:
        return Measurement(None, f"{generated[0]} frames generated, {reference[0]} in the reference")
    if generated != reference:
        sizes = [f"{shape[2]}×{shape[1]}" for shape in (generated, reference)]
        return Measurement(None, f"frames of {sizes[0]} pixels generated, {sizes[1]} in the reference")
    if len(pair.generated_landmarks) != generated[0] or len(pair.reference_landmarks) != reference[0]:
        raise ValueError("landmarks and frames of different lengths")
    return Measurement(None, "no frames") if not reference[0] else None
