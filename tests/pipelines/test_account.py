"""The account in the report, and the split, from expected.parquet alone."""

import pandas as pd
import pytest

from pipelines import split
from pipelines.account import TOLD_REASONS, count
from pipelines.cluster import ClusterConfig
from pipelines.paths import Paths
from pipelines.stage import Stage
from speak.data.ledger import CLIP, MISSING, QUARANTINED, LedgerRow, write_ledger
from speak.data.split import SplitConfig
from speak.errors import UserError
from speak.sources.item import Item

PATHS = Paths("account")
NOT_KNOWN = dict.fromkeys(
    ("emotion", "level", "sentence", "audio", "start_s", "end_s", "box", "boxes", "url", "partition")
)
ROLES = {"mead": "mixed", "hdtf": "test"}


def row(name: str, status: str, reason: str | None = None) -> LedgerRow:
    dataset, person, _ = name.split("/")
    item = Item(item_id=name, dataset=dataset, person=person, video=f"{name}.mp4", **NOT_KNOWN)
    return LedgerRow(item=item, root="r", status=status, stage=None, reason=reason)


def write(dataset: str, rows: list[LedgerRow]) -> None:
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


def stage() -> Stage:
    config = SplitConfig(seed=1, roles=ROLES, test_share=0.5)
    cluster = ClusterConfig(workers=1, serial_below=1, retries=0, item_timeout_s=1.0, trainings_serial_below=1)
    return Stage("split", "account", PATHS, cluster, {"split": config}, "")


def test_the_split_has_each_clip_in_order_and_nothing_else():
    write(
        "mead",
        [row("mead/a/1", CLIP), row("mead/b/2", CLIP), row("mead/b/3", QUARANTINED, "dark"), row("mead/a/4", CLIP)],
    )
    write("hdtf", [row("hdtf/a/1", CLIP), row("hdtf/c/2", MISSING, "gone")])
    split.run(stage())
    table = pd.read_parquet(PATHS.split)
    assert table.columns.tolist() == ["clip_id", "dataset", "person", "split"]
    assert table.clip_id.tolist() == ["mead/a/1", "mead/b/2", "mead/a/4", "hdtf/a/1"]
    sides = dict(zip(table.clip_id, table.split, strict=True))
    assert {sides[name] for name in ("mead/a/1", "mead/a/4", "hdtf/a/1")} == {"test"}, "one person, one side"


def test_no_clip_at_all_is_one_line():
    write("mead", [row("mead/a/1", MISSING, "gone")])
    write("hdtf", [])
    with pytest.raises(UserError, match="no clips in any dataset"):
        split.run(stage())
