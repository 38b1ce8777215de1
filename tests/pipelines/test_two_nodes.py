"""A real cluster of two nodes, of which one dies in the middle: nothing is lost, and the bytes are the same."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import ray.cloudpickle
from project import bytes_below, copy_of_state
from ray_nodes import TwoNodes, two_nodes

from pipelines.cluster import ClusterConfig, run_each

# Workers cannot import a test file by name.
ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])

pytestmark = pytest.mark.dag

CONFIG = ClusterConfig(workers=None, serial_below=2, retries=2, item_timeout_s=300.0, trainings_serial_below=2)
POISON = 3


@pytest.fixture
def nodes(monkeypatch) -> Iterator[TwoNodes]:
    with two_nodes() as cluster:
        for name, value in cluster.environment.items():
            monkeypatch.setenv(name, value)
        yield cluster


def once(condition: Callable[[], object], act: Callable[[], None]) -> threading.Thread:
    """Do it as soon as the condition holds, beside the test."""

    def watch() -> None:
        deadline = time.monotonic() + 300
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.01)
        act()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def marked(number: int, folder: Path) -> tuple[int, Path]:
    """Leave a file that says on which node this ran; number 3 kills its worker, every time."""
    (folder / f"{number}-{os.getppid()}-{os.getpid()}").touch()
    if number == POISON:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.2)
    return number * number, Path.cwd()


def test_a_node_that_dies_loses_nothing_and_poison_is_given_up(nodes, tmp_path):
    raylets = nodes.head.raylet, nodes.second.raylet
    killer = once(lambda: len(list(tmp_path.glob(f"*-{raylets[1]}-*"))) >= 4, nodes.second.kill)
    outcomes = run_each(partial(marked, folder=tmp_path), range(40), CONFIG, label="two nodes")
    assert not killer.is_alive() and nodes.second.process.returncode == -signal.SIGKILL
    healthy = [number for number in range(40) if number != POISON]
    assert [outcomes[i].value for i in healthy] == [(i * i, Path.cwd()) for i in healthy]
    assert outcomes[POISON].error.startswith("worker died")
    ran = [path.name.split("-") for path in tmp_path.iterdir()]
    assert {int(raylet) for _, raylet, _ in ran} == set(raylets)
    assert sum(number == str(POISON) for number, *_ in ran) == 1 + CONFIG.retries


def test_preprocess_on_two_nodes_gives_the_bytes_of_one_process(filmed, nodes, tmp_path):
    project = copy_of_state(filmed, tmp_path / "project")
    wanted = bytes_below(project.root / "work/smoke/clips/mead")
    partial_folder = project.forget_clips("mead")
    killer = once(lambda: list(partial_folder.glob("*/shard-*.parquet")), nodes.second.kill)
    result = project.run("pipelines.preprocess", "smoke", "mead")
    assert not killer.is_alive() and nodes.second.process.returncode == -signal.SIGKILL
    assert "6 expected, 6 clips" in result.stdout
    assert bytes_below(project.root / "work/smoke/clips/mead") == wanted
    assert not partial_folder.exists()
