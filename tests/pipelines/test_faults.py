"""Real processes that die and a real disk that fills, while clips are made: the next run ends with the same bytes."""

import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import quick_preprocess
from project import Project, bytes_below, copy_of_state

from speak.files import write_bytes

pytestmark = pytest.mark.dag

QUICK = (quick_preprocess.__file__, "smoke", quick_preprocess.DATASET)
REAL = ("-m", "pipelines.preprocess", "smoke", "mead")
ITEMS = 24


def wait_for(condition: Callable[[], object], process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 300
    while not condition():
        assert process.poll() is None, "it ended before its time"
        assert time.monotonic() < deadline
        time.sleep(0.002)


def kill(process: subprocess.Popen) -> None:
    process.kill()
    assert process.wait() == -signal.SIGKILL


def finish(project: Project, command: tuple[str, ...]) -> None:
    assert project.start(*command).wait() == 0, project.stderr.read_text()


def finished(partial: Path) -> int:
    """Number of items whose pieces are there."""
    return len([path for path in partial.glob("*/shard-00000.parquet") if path.parent.name != "clips"])


@pytest.fixture
def quick(fresh) -> Project:
    """Many small items, each in a shard of its own."""
    quick_preprocess.write_items(fresh.root, ITEMS)
    fresh.edit("profiles/smoke.yaml", cluster={"workers": 1}, shards={"shard_bytes": 1})
    return fresh


def test_a_driver_killed_at_five_points_ends_with_the_bytes_of_an_undisturbed_run(quick):
    clips = quick.root / "work/smoke/clips" / quick_preprocess.DATASET
    finish(quick, QUICK)
    wanted = bytes_below(clips)
    assert len(wanted) == ITEMS + 2, "a shard for each item, the index, the account"
    counts = random.Random(6).sample(range(1, ITEMS), 4)
    while_working = [lambda partial, count=count: finished(partial) >= count for count in counts]
    for reached in (*while_working, lambda partial: len(list(partial.glob("clips/shard-*.parquet"))) > 2):
        partial = quick.forget_clips(quick_preprocess.DATASET)
        process = quick.start(*QUICK)
        wait_for(lambda reached=reached, partial=partial: reached(partial), process)
        kill(process)
        assert not clips.exists(), "nothing half-written in the stage's output"
        finish(quick, QUICK)
        assert bytes_below(clips) == wanted
        assert not partial.exists()


def test_a_disk_that_fills_is_one_line_and_the_next_run_goes_on(quick):
    """The folder ``work`` is a file system of its own, too small at first."""
    work, partial = quick.root / "work", quick.forget_clips(quick_preprocess.DATASET)
    finish(quick, QUICK)
    wanted, ledger = bytes_below(work / "smoke/clips"), bytes_below(work / "smoke/ledger")
    mount = shutil.which("mount")
    mounted = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(work)], check=False)
    if not mounted or mounted.returncode != 0:
        pytest.skip("mounting a small file system needs root")
    try:
        for name, content in ledger.items():
            write_bytes(work / "smoke/ledger" / name, content)
        assert quick.start(*QUICK).wait() == 2
        (line,) = quick.stderr.read_text().splitlines()
        assert "no space left; make room and run again" in line
        assert 0 < finished(partial) < ITEMS and not list(work.rglob("*.partial*"))
        subprocess.run([mount, "-o", "remount,size=64m", str(work)], check=True)
        finish(quick, QUICK)
        assert bytes_below(work / "smoke/clips") == wanted and not partial.exists()
    finally:
        subprocess.run(["umount", str(work)], check=True)


@pytest.fixture
def two_workers(filmed, tmp_path) -> tuple[Project, dict[str, bytes]]:
    """MEAD still to be preprocessed, on Ray; and the bytes that one process made of it."""
    project = copy_of_state(filmed, tmp_path / "project")
    wanted = bytes_below(project.root / "work/smoke/clips/mead")
    project.edit("profiles/smoke.yaml", cluster={"workers": 2, "serial_below": 1})
    return project, wanted


def ray_processes(driver: subprocess.Popen, name: str = "") -> list[psutil.Process]:
    below = psutil.Process(driver.pid).children(recursive=True)
    return [process for process in below if name in " ".join(process.cmdline())]


def test_a_killed_worker_is_replaced_and_its_item_done_again(two_workers):
    project, wanted = two_workers
    partial = project.forget_clips("mead")
    driver = project.start(*REAL)
    wait_for(lambda: finished(partial) >= 1, driver)
    ray_processes(driver, "ray::_guarded_there")[0].kill()
    assert driver.wait() == 0, project.stderr.read_text()
    assert bytes_below(project.root / "work/smoke/clips/mead") == wanted
    assert not partial.exists()


def test_a_killed_driver_takes_its_cluster_along_and_the_next_run_goes_on(two_workers):
    project, wanted = two_workers
    partial = project.forget_clips("mead")
    driver = project.start(*REAL)
    wait_for(lambda: finished(partial) >= 2, driver)
    cluster = ray_processes(driver)
    kill(driver)
    assert not (project.root / "work/smoke/clips/mead").exists()
    kept = finished(partial)
    finish(project, REAL)
    assert 2 <= kept < 6
    assert bytes_below(project.root / "work/smoke/clips/mead") == wanted
    assert not partial.exists()
    _, alive = psutil.wait_procs(cluster, timeout=300)  # Ray's agents look for their parent now and then
    assert cluster and not alive
