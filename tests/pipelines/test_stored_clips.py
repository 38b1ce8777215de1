"""The pipeline with its shards and its DVC remote in a real S3 server: same clips, and nothing to do after a pull."""

import os
import shutil
import subprocess
import sys

import pytest
import quick_preprocess
from ports import free_port
from project import Project, bytes_below
from s3_server import BUCKET, S3Server, environment, s3_server

from speak.data.shards import INDEX, MANIFEST

pytestmark = pytest.mark.dag

READ = """
from hashlib import sha256
from pathlib import Path
from speak.data.shards import read_rows
for row in read_rows([Path("work/smoke/clips/folder")], ["video"]):
    print(row["clip_id"], sha256(row["video"]).hexdigest())
"""
QUICK = (quick_preprocess.__file__, "smoke", quick_preprocess.DATASET)


@pytest.fixture(scope="module")
def server():
    with s3_server() as started:
        yield started


@pytest.fixture
def quick(fresh) -> Project:
    """A few small items, to be kept in the store."""
    quick_preprocess.write_items(fresh.root, 8)
    fresh.edit(
        "profiles/smoke.yaml",
        cluster={"workers": 1},
        shards={"address": f"s3://{BUCKET}/quick"},
    )
    return fresh


def clips(project: Project) -> dict[str, bytes]:
    return bytes_below(project.root / "work/smoke/clips/folder")


def videos(project: Project, environment: dict[str, str]) -> str:
    """The clips' videos, as a process of the project's reads them."""
    result = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": str(project.root), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout


def test_clips_are_read_from_the_store(server, quick):
    assert quick.start(*QUICK, **server.environment).wait() == 0, quick.stderr.read_text()
    assert set(clips(quick)) == {MANIFEST, INDEX, "expected.parquet"}
    stored = videos(quick, server.environment)
    quick.edit("profiles/smoke.yaml", shards={"address": None})
    assert quick.start(*QUICK).wait() == 0, quick.stderr.read_text()
    assert set(clips(quick)) == {"shard-00000.parquet", INDEX, "expected.parquet"}
    assert stored.count("\n") == 8 and stored == videos(quick, {})


def test_a_store_that_refuses_or_is_dead_is_one_line_before_any_work(server, quick):
    stranger = environment(server.port, "AKIASTRANGER", "a-strangers-secret")
    nobody = environment(free_port(), "key", "a-strangers-secret")
    for variables in (stranger, nobody):
        assert quick.start(*QUICK, **variables).wait() == 2
        (line,) = quick.stderr.read_text().splitlines()
        assert f"s3://{BUCKET}/quick" in line and "check the address, the endpoint and the credentials" in line
        assert "a-strangers-secret" not in line
        assert not (quick.root / "work/smoke/partial").exists()


def test_after_push_wipe_and_pull_nothing_is_left_to_do(server: S3Server, filmed, tmp_path):
    """Shards in the store under their address, everything else in a DVC remote of the same bucket."""
    shutil.copytree(filmed.root, tmp_path / "project")
    project = Project(tmp_path / "project")
    project.edit("profiles/smoke.yaml", shards={"address": f"s3://{BUCKET}/shards"})
    target = "preprocess@mead"
    project.run("dvc", "repro", target, **server.environment)
    made = bytes_below(project.root / "work/smoke")
    made = {name: content for name, content in made.items() if not name.startswith("timings/")}
    project.run("dvc", "remote", "add", "--default", "store", f"s3://{BUCKET}/dvc")
    project.run("dvc", "push", "--with-deps", target, **server.environment)
    shutil.rmtree(project.root / ".dvc/cache")
    shutil.rmtree(project.root / "work")
    project.run("dvc", "pull", "--with-deps", target, **server.environment)
    assert bytes_below(project.root / "work/smoke") == made
    again = project.run("dvc", "repro", target, **server.environment)
    assert "Running stage" not in again.stdout and "up to date" in again.stdout
    names = server.objects()
    assert any(name.startswith("shards/") for name in names) and any(name.startswith("dvc/files/") for name in names)
