"""Clips survive the way to Parquet and back, and readers touch only what they ask for."""

import dataclasses

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speak.data.clip import NUM_BLENDSHAPES, NUM_LANDMARKS, SCHEMA, Clip, file_stem
from speak.data.shards import METADATA_COLUMNS, read_clips, read_rows, write_shards
from speak.errors import UserError


def make_clip(name: str, num_frames: int = 3, **changes) -> Clip:
    rng = np.random.default_rng(len(name) + num_frames)
    values = {
        "clip_id": name,
        "dataset": "mead",
        "person": "M003",
        "emotion": "happy",
        "level": 2,
        "sentence": None,
        "num_frames": num_frames,
        "fps": 30.0,
        "video": rng.bytes(1000),
        "audio": rng.bytes(200),
        "landmarks": rng.normal(size=(num_frames, NUM_LANDMARKS, 3)).astype("f4"),
        "head_pose": np.full((num_frames, 3), np.nan, "f4"),
        "blendshapes": rng.random((num_frames, NUM_BLENDSHAPES)).astype("f4"),
        "box": (-3.5, 0.0, 252.5, 256.0),
        "face_share": 1.0,
        "sharpness": 80.0,
        "brightness": 120.0,
        "audio_dbfs": -20.0,
        "speech_share": 0.5,
        "sync_offset": None,
        "sync_conf": None,
        "unmeasured": "sync: no sync network",
        "source_file": "a.mp4",
        "source_sha256": "0" * 64,
        "source_url": None,
        "source_start_s": 0.0,
        "source_end_s": 0.1,
        "recipe": "r",
    }
    return Clip(**(values | changes))


def assert_same(a: Clip, b: Clip) -> None:
    for field in dataclasses.fields(Clip):
        left, right = getattr(a, field.name), getattr(b, field.name)
        if isinstance(left, np.ndarray):
            np.testing.assert_array_equal(left, right)
        else:
            assert left == right, field.name


def test_the_record_and_its_schema_name_the_same_columns():
    assert SCHEMA.names == [field.name for field in dataclasses.fields(Clip)]


def test_clips_come_back_whole_and_in_order(tmp_path):
    clips = [make_clip(f"mead/{i}", i + 1) for i in range(5)]
    assert write_shards(clips, tmp_path, shard_bytes=20_000) == 5
    assert len(list(tmp_path.glob("shard-*.parquet"))) > 1
    for written, read in zip(clips, read_clips([tmp_path]), strict=True):
        assert_same(written, read)


def test_same_clips_give_the_same_bytes(tmp_path):
    for folder in ("a", "b"):
        write_shards([make_clip("x"), make_clip("yy")], tmp_path / folder, shard_bytes=1 << 20)
    name = "shard-00000.parquet"
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_reading_metadata_does_not_need_the_heavy_columns(tmp_path):
    write_shards([make_clip("x")], tmp_path, shard_bytes=1 << 20)
    assert not {"video", "audio", "landmarks", "blendshapes"} & set(METADATA_COLUMNS)
    # Proof by damage: overwrite the video column's bytes; metadata and landmarks still read.
    path = tmp_path / "shard-00000.parquet"
    group = pq.ParquetFile(path).metadata.row_group(0)
    column = next(group.column(i) for i in range(group.num_columns) if group.column(i).path_in_schema == "video")
    start = column.dictionary_page_offset or column.data_page_offset
    content = bytearray(path.read_bytes())
    content[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(content)
    (row,) = read_rows([tmp_path], ["person", "landmarks"])
    assert row["landmarks"].shape == (3, NUM_LANDMARKS, 3)
    with pytest.raises(OSError):
        list(read_rows([tmp_path], ["video"]))


def test_reading_some_clips_only(tmp_path):
    write_shards([make_clip(name) for name in "abcd"], tmp_path, shard_bytes=1 << 20)
    assert [row["clip_id"] for row in read_rows([tmp_path], clip_ids={"b", "d"})] == ["b", "d"]


@pytest.mark.parametrize("columns", [["person"], ["person", "head_pose"]])
def test_only_the_shards_that_hold_a_clip_are_opened(tmp_path, columns):
    clips = [make_clip(f"mead/{i}", i + 1) for i in range(6)]
    write_shards(clips[:4], tmp_path / "a", shard_bytes=20_000)
    write_shards(clips[4:], tmp_path / "b", shard_bytes=20_000)
    folders = [tmp_path / "a", tmp_path / "b"]
    everything = list(read_rows(folders, columns))
    some = [row["clip_id"] for row in read_rows(folders, columns, {"mead/5", "mead/1", "none"})]
    assert some == ["mead/1", "mead/5"] and len(everything) == 6
    light = list(read_rows(folders))
    (tmp_path / "b" / "index.parquet").unlink()
    assert list(read_rows(folders)) == light, "the index says what the shards say"
    assert [row["clip_id"] for row in read_rows(folders, columns, {"mead/5", "mead/1"})] == some
    shards = sorted((tmp_path / "a").glob("shard-*.parquet"))
    assert len(shards) > 1
    shards[-1].write_bytes(b"not opened")
    assert [row["clip_id"] for row in read_rows(folders, columns, {"mead/0"})] == ["mead/0"]


def test_a_dataset_without_clips_has_an_empty_shard_but_a_missing_folder_is_an_error(tmp_path):
    write_shards([], tmp_path / "none", shard_bytes=10)
    assert list(read_rows([tmp_path / "none"])) == []
    with pytest.raises(UserError, match="no clip shards here"):
        list(read_rows([tmp_path / "absent"]))


def test_a_clip_whose_tracks_do_not_fit_its_length_is_refused(tmp_path):
    with pytest.raises(ValueError, match="head_pose has shape"):
        write_shards([make_clip("x", head_pose=np.zeros((2, 3), "f4"))], tmp_path, shard_bytes=10)


ids = st.text(min_size=1, max_size=30).filter(lambda text: not text.startswith("/"))


@given(ids, ids)
def test_file_stems_are_safe_and_distinct(a, b):
    stem = file_stem(a)
    assert "/" not in stem and "\0" not in stem and not stem.startswith(".") and stem.isascii()
    assert (file_stem(a) == file_stem(b)) == (a == b)
