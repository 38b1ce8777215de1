"""What was expected and what became of it: one row per item, through fetch and preprocess.

``expected = clips + quarantined + missing`` holds for every dataset, always; ``account`` refuses anything else.
"""

import dataclasses
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from speak.files import atomic_path
from speak.sources.item import Item

OBTAINED, MISSING, CLIP, QUARANTINED = "obtained", "missing", "clip", "quarantined"


@dataclass(frozen=True, kw_only=True)
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


COLUMNS = ("item_id", "dataset", "person", "source", "status", "stage", "reason", "root", "item")


def write_ledger(rows: Sequence[LedgerRow], path: Path) -> None:
    """Write rows as Parquet, in the order given; the item itself is a JSON column."""
    table = pd.DataFrame([_flat(row) for row in rows], columns=list(COLUMNS)).astype("string")
    with atomic_path(path) as temporary:
        table.to_parquet(temporary, index=False)


def read_ledger(path: Path) -> list[LedgerRow]:
    """Read what ``write_ledger`` wrote."""
    table = pd.read_parquet(path).astype(object)
    table = table.where(table.notna(), None)
    return [
        LedgerRow(item=_item(row.item), root=row.root, status=row.status, stage=row.stage, reason=row.reason)
        for row in table.itertuples()
    ]


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


def _flat(row: LedgerRow) -> dict:
    item = row.item
    return {
        "item_id": item.item_id,
        "dataset": item.dataset,
        "person": item.person,
        "source": item.video,
        "status": row.status,
        "stage": row.stage,
        "reason": row.reason,
        "root": row.root,
        "item": json.dumps(dataclasses.asdict(item)),
    }


def _item(text: str) -> Item:
    values = json.loads(text)
    values["box"] = None if values["box"] is None else tuple(values["box"])
    values["boxes"] = None if values["boxes"] is None else tuple(map(tuple, values["boxes"]))
    return Item(**values)
