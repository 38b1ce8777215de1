"""What was expected and what became of it: one row per item, through fetch and preprocess.

``expected = clips + quarantined + missing`` holds for every dataset, always; ``account`` refuses anything else.
A dataset may have a million items, so a ledger is written and read in batches, and a reader of a few columns reads only
those (``pandas.read_parquet(path, columns=...)``).
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from speak.files import atomic_path
from speak.sources.item import Item

OBTAINED, MISSING, CLIP, QUARANTINED = "obtained", "missing", "clip", "quarantined"


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerRow:
    """One item's state.

    Attributes:
        root: folder that the item's paths are relative to.
        status: ``obtained`` or ``missing`` after fetch; ``clip``, ``quarantined`` or ``missing`` after preprocess.
        stage: where it failed, None if it did not.
        reason: why, in one line; None if it did not fail.
    """

    item: Item
    root: str
    status: Literal["obtained", "missing", "clip", "quarantined"]
    stage: str | None
    reason: str | None


ITEM_SCHEMA = pa.schema(
    [
        ("item_id", pa.string()),
        ("dataset", pa.string()),
        ("person", pa.string()),
        ("emotion", pa.string()),
        ("level", pa.int32()),
        ("sentence", pa.string()),
        ("video", pa.string()),
        ("audio", pa.string()),
        ("start_s", pa.float64()),
        ("end_s", pa.float64()),
        ("box", pa.list_(pa.float64())),
        ("boxes", pa.list_(pa.list_(pa.float64()))),
        ("url", pa.string()),
        ("partition", pa.string()),
        ("box_unit", pa.string()),
        ("box_height", pa.int32()),
        ("sex", pa.string()),
        ("note", pa.string()),
    ]
)
"""A column for each field of ``Item``."""

STATE_SCHEMA = pa.schema([(name, pa.string()) for name in ("status", "stage", "reason", "root")])
SCHEMA = pa.unify_schemas([ITEM_SCHEMA, STATE_SCHEMA])
BATCH_ROWS = 20_000
"""Rows in memory at once as columns beside those of the caller; also the size of a row group."""


def write_ledger(rows: Iterable[LedgerRow], path: Path) -> None:
    """Write rows as Parquet, in the order given."""
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, SCHEMA, compression="zstd") as writer:
        remaining = iter(rows)
        while batch := list(itertools.islice(remaining, BATCH_ROWS)):
            writer.write_batch(_columns(batch))


def read_ledger(path: Path) -> list[LedgerRow]:
    """Read what ``write_ledger`` wrote."""
    with pq.ParquetFile(path) as file:
        return [row for batch in file.iter_batches(BATCH_ROWS) for row in _rows(batch)]


def account(rows: Sequence[LedgerRow]) -> dict[str, int]:
    """Counts ``expected``, ``clips``, ``quarantined``, ``missing``. Raises ValueError when they do not add up."""
    counts = Counter(row.status for row in rows)
    if unfinished := counts.keys() - {CLIP, QUARANTINED, MISSING}:
        raise ValueError(f"items without a final state: {sorted(unfinished)}")
    if silent := [row.item.item_id for row in rows if row.status != CLIP and not row.reason]:
        raise ValueError(f"items without a reason: {silent[:10]}")
    return {
        "expected": len(rows),
        "clips": counts[CLIP],
        "quarantined": counts[QUARANTINED],
        "missing": counts[MISSING],
    }


def _columns(rows: Sequence[LedgerRow]) -> pa.RecordBatch:
    values = {name: map(attrgetter(f"item.{name}"), rows) for name in ITEM_SCHEMA.names}
    values |= {name: map(attrgetter(name), rows) for name in STATE_SCHEMA.names}
    return pa.record_batch([pa.array(values[field.name], field.type) for field in SCHEMA], schema=SCHEMA)


def _rows(batch: pa.RecordBatch) -> Iterator[LedgerRow]:
    columns = {field.name: _values(batch.column(field.name)) for field in SCHEMA}
    columns["box"] = [None if box is None else tuple(box) for box in columns["box"]]
    columns["boxes"] = [None if rows is None else tuple(map(tuple, rows)) for rows in columns["boxes"]]
    items = zip(*(columns[name] for name in ITEM_SCHEMA.names), strict=True)
    states = zip(*(columns[name] for name in STATE_SCHEMA.names), strict=True)
    for item, state in zip(items, states, strict=True):
        yield LedgerRow(
            item=Item(**dict(zip(ITEM_SCHEMA.names, item, strict=True))),
            **dict(zip(STATE_SCHEMA.names, state, strict=True)),
        )


def _values(column: pa.Array) -> list[Any]:
    """The column as Python values; equal texts are one object, which saves much for persons, folders and reasons."""
    if not pa.types.is_string(column.type):
        return column.to_pylist()
    encoded = column.dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    return [None if index is None else texts[index] for index in encoded.indices.to_pylist()]
