"""Expected = clips + quarantined + missing, and nothing without a reason."""

import pytest

from speak.data.ledger import CLIP, MISSING, QUARANTINED, LedgerRow, account, read_ledger, write_ledger
from speak.sources.item import Item


def row(name: str, status: str, reason: str | None = None) -> LedgerRow:
    item = Item(
        item_id=name,
        dataset="hdtf",
        person="p",
        emotion=None,
        level=None,
        sentence=None,
        video="a#b.mp4",
        audio=None,
        start_s=1.0,
        end_s=None,
        box=(0.0, 1.0, 2.0, 3.0),
        boxes=((0.0, 1.0, 2.0, 3.0, 4.0),),
        url="https://example.org/?a=1&b",
        partition=None,
    )
    return LedgerRow(item=item, root="r", status=status, stage=None, reason=reason)


def test_rows_come_back_as_they_were(tmp_path):
    rows = [row("a", CLIP), row("b", MISSING, "dead link"), row("c", QUARANTINED, "no face, <b>&")]
    write_ledger(rows, tmp_path / "ledger.parquet")
    assert read_ledger(tmp_path / "ledger.parquet") == rows
    write_ledger([], tmp_path / "ledger.parquet")
    assert read_ledger(tmp_path / "ledger.parquet") == []


def test_the_account_adds_up():
    rows = [row("a", CLIP), row("b", MISSING, "gone"), row("c", QUARANTINED, "no face"), row("d", CLIP)]
    assert account(rows) == {"expected": 4, "clips": 2, "quarantined": 1, "missing": 1}


def test_unfinished_or_unexplained_rows_are_refused():
    with pytest.raises(ValueError, match="without a final state"):
        account([row("a", "obtained")])
    with pytest.raises(ValueError, match="without a reason"):
        account([row("a", QUARANTINED)])
