"""The Score record: one row per method × seed × clip × metric, and the files that hold them.

Everything downstream (tables, figures, claims) is a pure function of these files. A clip that could not be
scored is a row with a null value and a reason; a row that is absent means that the clip was never handed to
the scoring stage.
"""

import dataclasses
import itertools
from collections.abc import Iterable, Mapping, Sequence
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
KEY = ("method", "seed", "dataset", "clip_id", "metric")
"""What a score is about: no two rows agree in all of these."""


Measured = Mapping[str, Measurement]
"""What is known of one clip: a measurement for each metric's versioned id."""


def measure(pair: ClipPair, config: MetricConfig, metrics: Sequence[Metric] = tuple(METRICS.values())) -> Measured:
    """Measure one generated clip with every metric.

    A generated clip of another length or size than its reference is null everywhere, with that reason.
    """
    mismatch = _mismatch(pair)
    return {metric.id: mismatch or metric.compute(pair, config) for metric in metrics}


def unmeasured(reason: str, metrics: Sequence[Metric] = tuple(METRICS.values())) -> Measured:
    """A clip that a method could not generate or that could not be read: null everywhere, with the reason."""
    return {metric.id: Measurement(None, reason) for metric in metrics}


def scores_of(subject: Subject, measured: Measured, provenance: Provenance) -> list[Score]:
    """The rows of one clip."""
    common = dataclasses.asdict(subject) | dataclasses.asdict(provenance)
    return [Score(metric=name, **dataclasses.asdict(result), **common) for name, result in measured.items()]


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
    return read_tables(paths, SCHEMA, "score file")


def read_tables(paths: Iterable[Path], schema: pa.Schema, kind: str) -> pd.DataFrame:
    """All rows of several files of the score stage in one frame; ``kind`` is what each should be, in words.

    Raises:
        UserError: a file is missing or is of another kind.
    """
    tables = []
    for path in paths:
        try:
            table = pq.read_table(path)
        except (OSError, pa.ArrowException) as error:
            raise UserError(f"{path}: not a readable {kind} ({error}); run the score stage again") from error
        if not table.schema.equals(schema):
            raise UserError(f"{path}: columns are not those of a {kind}; run the score stage again")
        tables.append(table)
    return pa.concat_tables(tables or [schema.empty_table()]).to_pandas()


def records(scores: pd.DataFrame) -> list[Score]:
    """The rows of a frame (``read_scores``) as score records again; NaN becomes None."""
    plain = scores.astype(object).where(scores.notna(), None)
    return [Score(**row) for row in plain.to_dict("records")]


def _key(row: dict) -> tuple[str | int, ...]:
    return tuple(row[name] for name in KEY)


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
