"""Shards in a real S3 server: the same rows as from a folder, whole objects only, and one line for a mistake."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import fsspec
import numpy as np
import pytest
from drawn_clips import drawn_clip
from ports import free_port
from s3_server import BUCKET, S3Server, Wire, environment, s3_server

from speak.data.clip import SCHEMA, Clip
from speak.data.object_store import check_address, check_reachable, send
from speak.data.places import places
from speak.data.shards import read_clips, read_rows, shard_files, shard_sha256, write_shards
from speak.errors import UserError
from speak.files import sha256_of

ADDRESS = f"s3://{BUCKET}/prefix"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server():
    with s3_server() as started:
        yield started


def enter(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    """Become somebody with this environment; clients made before know another one."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    fsspec.get_filesystem_class("s3").clear_instance_cache()


@pytest.fixture
def s3(server, monkeypatch) -> S3Server:
    """The environment of somebody who may use the server; the bucket is empty."""
    enter(monkeypatch, server.environment)
    for key in server.objects():
        server.delete(key)
    return server


@pytest.fixture
def wire(s3, monkeypatch) -> Wire:
    with Wire(s3.port) as wire:
        enter(monkeypatch, {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{wire.port}"})
        yield wire


def drawn(count: int, video_bytes: int = 0) -> list[Clip]:
    clips = [drawn_clip(f"d/p{i}/{i}", i, person=f"p{i}", num_frames=8) for i in range(count)]
    if not video_bytes:
        return clips
    rng = np.random.default_rng(1)
    return [dataclasses.replace(clip, video=rng.bytes(video_bytes)) for clip in clips]


def plain(row: dict) -> dict:
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in row.items()}


def test_the_same_clips_come_back_from_the_store(s3, tmp_path):
    clips = drawn(5)
    write_shards(clips, tmp_path / "here", 20_000)
    assert write_shards(clips, tmp_path / "there", 20_000, ADDRESS) == 5
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == ["index.parquet", "shards.json"]
    here, there = shard_files([tmp_path / "here"]), shard_files([tmp_path / "there"])
    assert len(here) > 1
    assert [shard_sha256(shard) for shard in there] == [sha256_of(path) for path in here]
    assert s3.objects() == {f"prefix/{sha256_of(path)}.parquet": path.stat().st_size for path in here}
    rows = [[plain(row) for row in read_rows([tmp_path / name], SCHEMA.names)] for name in ("here", "there")]
    assert len(rows[0]) == 5 and rows[0] == rows[1]
    assert [clip.clip_id for clip in read_clips([tmp_path / "there"])] == [clip.clip_id for clip in clips]
    (place,) = places([tmp_path / "there"], ["d/p3/3"])
    np.testing.assert_array_equal(place.read(["landmarks"])["landmarks"], clips[3].landmarks)


def test_the_manifest_is_the_same_bytes_each_time_and_holds_no_secret(s3, tmp_path):
    for name in "ab":
        write_shards(drawn(2), tmp_path / name, 1, ADDRESS)
    content = (tmp_path / "a/shards.json").read_text()
    assert content == (tmp_path / "b/shards.json").read_text()
    assert [set(entry) for entry in json.loads(content)] == [{"url", "num_bytes", "sha256"}] * 2
    assert not [value for name, value in s3.environment.items() if "KEY" in name and value in content]


def test_readers_fetch_only_what_they_ask_for(wire, tmp_path):
    write_shards(drawn(4, video_bytes=1_000_000), tmp_path, 1 << 30, ADDRESS)
    before = wire.received
    (row,) = read_rows([tmp_path], ["landmarks"], clip_ids={"d/p2/2"})
    assert row["landmarks"].shape == (8, 478, 3)
    assert wire.received - before < 300_000
    before = wire.received
    (row,) = read_rows([tmp_path], ["video"], clip_ids={"d/p2/2"})
    assert 1_000_000 < wire.received - before < 1_500_000


def test_what_is_there_already_is_not_sent_again(wire, tmp_path):
    clips = drawn(2, video_bytes=1_000_000)
    write_shards(clips, tmp_path / "a", 1 << 30, ADDRESS)
    before = wire.sent
    assert before > 2_000_000
    write_shards(clips, tmp_path / "b", 1 << 30, ADDRESS)
    assert wire.sent - before < 20_000


UPLOAD = """
import pathlib, sys
from speak.data.object_store import send
send(pathlib.Path(sys.argv[1]), sys.argv[2])
"""


@pytest.mark.parametrize("num_bytes", [3_000_000, 120_000_000], ids=["in one piece", "in parts"])
def test_an_upload_that_is_killed_leaves_no_object(s3, tmp_path, num_bytes):
    file = tmp_path / "shard.parquet"
    with open(file, "wb") as stream:
        stream.truncate(num_bytes)
    with Wire(s3.port, stop_after=num_bytes * 2 / 3) as wire:
        variables = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{wire.port}", "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen([sys.executable, "-c", UPLOAD, str(file), ADDRESS], env={**os.environ, **variables})
        assert wire.stopped.wait(timeout=120)
        process.kill()
        process.wait()
    assert s3.objects() == {}
    stored = send(file, ADDRESS)
    assert s3.objects() == {f"prefix/{stored.sha256}.parquet": num_bytes}


def test_a_bucket_that_is_not_there_is_one_line(s3, tmp_path):
    with pytest.raises(UserError, match=r"s3://nowhere/x/\w{64}\.parquet: .+; check the address"):
        write_shards(drawn(1), tmp_path, 1, "s3://nowhere/x")


@pytest.mark.parametrize("changes", [{"AWS_SECRET_ACCESS_KEY": "wrong"}, {"AWS_ACCESS_KEY_ID": "AKIAWRONG"}])
def test_wrong_credentials_are_one_line(s3, tmp_path, monkeypatch, changes):
    write_shards(drawn(1), tmp_path / "mine", 1, ADDRESS)
    enter(monkeypatch, changes)
    for ask in (
        lambda: check_reachable(ADDRESS),
        lambda: write_shards(drawn(2), tmp_path / "other", 1, ADDRESS),
        lambda: list(read_rows([tmp_path / "mine"], ["video"])),
    ):
        with pytest.raises(UserError, match="check the address, the endpoint and the credentials") as caught:
            ask()
        assert "\n" not in str(caught.value)
        assert s3.environment["AWS_SECRET_ACCESS_KEY"] not in str(caught.value)


def test_a_dead_endpoint_is_one_line(s3, monkeypatch):
    enter(monkeypatch, environment(free_port(), "key", "secret"))
    with pytest.raises(UserError, match="Could not connect to the endpoint"):
        check_reachable(ADDRESS)


def test_an_object_that_is_gone_or_another_is_one_line(s3, tmp_path):
    write_shards(drawn(1), tmp_path, 1, ADDRESS)
    (key,) = s3.objects()
    s3.put(key, b"something else")
    with pytest.raises(UserError, match="14 bytes instead of"):
        list(read_rows([tmp_path], ["video"]))
    s3.delete(key)
    with pytest.raises(UserError, match=key):
        list(read_rows([tmp_path], ["video"]))


@pytest.mark.parametrize("address", ["bucket/prefix", "s3://", "ftp://me:secret@host/x", "nosuch://bucket/x"])
def test_an_address_that_cannot_be_is_refused(address):
    with pytest.raises(ValueError) as caught:
        check_address(address)
    assert "secret" not in str(caught.value)
