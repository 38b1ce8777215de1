"""The split of all datasets' clips, from their shards."""

import pandas as pd
import pytest

from pipelines import split
from pipelines.cluster import ClusterConfig
from pipelines.paths import Paths
from pipelines.stage import Stage
from speak.data.shards import write_shards
from speak.data.split import SplitConfig
from speak.errors import UserError
from tests.simulate_shards import clip_of

PATHS = Paths("divided")
ROLES = {"mead": "mixed", "hdtf": "test"}


@pytest.fixture
def stage(tmp_path, monkeypatch) -> Stage:
    monkeypatch.chdir(tmp_path)
    config = SplitConfig(seed=1, roles=ROLES, test_share=0.5)
    cluster = ClusterConfig(workers=1, serial_below=1, retries=0, item_timeout_s=1.0, trainings_serial_below=1)
    return Stage("split", "divided", PATHS, cluster, {"split": config}, "")


def write(dataset: str, persons: str) -> None:
    clips = (clip_of(f"{dataset}/{number}", dataset, person) for number, person in enumerate(persons))
    write_shards(clips, PATHS.clips(dataset), shard_bytes=1)


def test_every_clip_is_there_in_order_and_a_person_has_one_side(stage):
    write("mead", "abba")
    write("hdtf", "ac")
    split.run(stage)
    table = pd.read_parquet(PATHS.split)
    assert table.columns.tolist() == ["clip_id", "dataset", "person", "split"]
    assert table.clip_id.tolist() == ["mead/0", "mead/1", "mead/2", "mead/3", "hdtf/0", "hdtf/1"]
    assert set(table.split[table.person.isin(["a", "c"])]) == {"test"}, "a is in a test dataset"


def test_no_clip_at_all_is_one_line(stage):
    write("mead", "")
    write("hdtf", "")
    with pytest.raises(UserError, match="no clips in any dataset"):
        split.run(stage)
