"""The account in the report, from expected.parquet."""

import pytest

from pipelines.account import TOLD_REASONS, count
from pipelines.paths import Paths
from speak.data.ledger import CLIP, MISSING, QUARANTINED, LedgerRow, write_ledger
from speak.data.shards import write_shards
from speak.sources.item import Item

PATHS = Paths("account")
NOT_KNOWN = dict.fromkeys(
    ("emotion", "level", "sentence", "audio", "start_s", "end_s", "box", "boxes", "url", "partition")
)


def row(name: str, status: str, reason: str | None = None) -> LedgerRow:
    dataset, person, _ = name.split("/")
    item = Item(item_id=name, dataset=dataset, person=person, video=f"{name}.mp4", **NOT_KNOWN)
    return LedgerRow(item=item, root="r", status=status, stage=None, reason=reason)


def write(dataset: str, rows: list[LedgerRow]) -> None:
    write_shards([], PATHS.clips(dataset), 1)
    write_ledger(rows, PATHS.clips(dataset) / "expected.parquet")


@pytest.fixture(autouse=True)
def in_a_fresh_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_few_reasons_are_told_word_for_word():
    write(
        "mead", [row("mead/a/1", CLIP), row("mead/a/2", MISSING, "dead link 7"), row("mead/b/3", QUARANTINED, "dark")]
    )
    found = count("mead", PATHS)
    assert (found.expected, found.clips, found.quarantined, found.missing) == (3, 1, {"dark": 1}, {"dead link 7": 1})


def test_many_reasons_are_told_by_kind_and_none_is_lost():
    gone = [row(f"mead/a/{i}", MISSING, f"missing: mp4/a/{i}.mp4 is not at the origin") for i in range(50)]
    small = [row(f"mead/b/{i}", QUARANTINED, f"too small: {i} px") for i in range(50)]
    words = ["abcdefghijklmnopqrstuvwxyz"[i:] for i in range(25)]
    write("mead", [*gone, *small, *(row("mead/c/1", QUARANTINED, word) for word in words)])
    found = count("mead", PATHS)
    assert found.missing == {"missing: … is not at the origin": 50}
    assert found.quarantined["too small: … px"] == 50
    assert found.quarantined["other reasons"] == 25 - (TOLD_REASONS - 1)
    assert sum(found.quarantined.values()) == 75
