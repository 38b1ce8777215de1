"""One row per expected item: obtained, or missing with its reason."""

from collections.abc import Sequence
from pathlib import Path

from speak.data.ledger import MISSING, OBTAINED, LedgerRow
from speak.progress import progress
from speak.sources import SOURCES
from speak.sources.item import FetchError, Item


def item_rows(dataset: str, items: Sequence[Item], origin: Path, root: Path) -> list[LedgerRow]:
    """Bring every item of ``origin`` under ``root``, or only look when they are the same."""
    rows = []
    with progress(f"fetching {dataset}", len(items)) as advance:
        for item in items:
            rows.append(_row(dataset, item, origin, root))
            advance(len(rows))
    return rows


def _row(dataset: str, item: Item, origin: Path, root: Path) -> LedgerRow:
    try:
        SOURCES[dataset].fetch(item, origin, root)
    except FetchError as error:
        return LedgerRow(item=item, root=str(root), status=MISSING, stage="fetch", reason=str(error))
    return LedgerRow(item=item, root=str(root), status=OBTAINED, stage=None, reason=None)
