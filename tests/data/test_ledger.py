"""Expected = clips + quarantined + missing, and nothing without a reason."""

import dataclasses
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speak.data import ledger
from speak.data.ledger import CLIP, ITEM_SCHEMA, MISSING, QUARANTINED, LedgerRow, account, read_ledger, write_ledger
from speak.sources.item import Item

text = st.text(st.characters(codec="utf-8"), max_size=12)
number = st.floats(allow_nan=False)
rows_of = st.lists(
    st.builds(
        LedgerRow,
        item=st.builds(
            Item,
            item_id=text,
            level=st.none() | st.integers(1, 3),
            start_s=st.none() | number,
            end_s=st.none() | number,
            box=st.none() | st.tuples(*[number] * 4),
            boxes=st.none() | st.lists(st.tuples(*[number] * 5), max_size=3).map(tuple),
            box_unit=st.sampled_from(["pixels", "fraction"]),
            box_height=st.none() | st.integers(1, 4320),
            sex=st.sampled_from([None, "female", "male"]),
        ),
        reason=st.none() | text,
    ),
    max_size=5,
)


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


def test_there_is_a_column_for_each_field():
    assert ITEM_SCHEMA.names == [field.name for field in dataclasses.fields(Item)]


@given(rows_of)
@settings(deadline=None)
def test_every_field_comes_back_whatever_it_holds(rows):
    with tempfile.TemporaryDirectory() as folder:
        write_ledger(iter(rows), Path(folder) / "ledger.parquet")
        assert read_ledger(Path(folder) / "ledger.parquet") == rows


def test_batches_do_not_show(tmp_path, monkeypatch):
    rows = [row(f"item {number}", CLIP) for number in range(10)]
    write_ledger(rows, tmp_path / "one.parquet")
    monkeypatch.setattr(ledger, "BATCH_ROWS", 3)
    write_ledger(rows, tmp_path / "many.parquet")
    assert read_ledger(tmp_path / "many.parquet") == read_ledger(tmp_path / "one.parquet") == rows


def test_a_row_in_memory_stays_small(tmp_path):
    """A million utterances of a release have no boxes: a gigabyte for all of them, and texts that repeat are shared."""

    def release(number: int) -> LedgerRow:
        made = row(f"voxceleb/id00012/_raOc3-IRsw/{number:05d}", MISSING, "not there any more")
        video = f"mp4/id00012/_raOc3-IRsw/{number:05d}.mp4"
        return dataclasses.replace(made, item=dataclasses.replace(made.item, video=video, box=None, boxes=None))

    sizes = []
    for count in (1_000, 11_000):
        write_ledger(map(release, range(count)), tmp_path / "ledger.parquet")
        tracemalloc.start()
        rows = read_ledger(tmp_path / "ledger.parquet")
        sizes.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
    assert len(rows) == 11_000
    assert (sizes[1] - sizes[0]) / 10_000 < 1_000


def test_the_account_adds_up():
    rows = [row("a", CLIP), row("b", MISSING, "gone"), row("c", QUARANTINED, "no face"), row("d", CLIP)]
    assert account(rows) == {"expected": 4, "clips": 2, "quarantined": 1, "missing": 1}


def test_unfinished_or_unexplained_rows_are_refused():
    with pytest.raises(ValueError, match="without a final state"):
        account([row("a", "obtained")])
    with pytest.raises(ValueError, match="without a reason"):
        account([row("a", QUARANTINED)])
