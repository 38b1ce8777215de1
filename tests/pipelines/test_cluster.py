"""One item's failure is one item's failure: exceptions, dead workers and hangs, on a real cluster."""

import contextlib
import dataclasses
import os
import signal
import socket
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import ray.cloudpickle

from pipelines.cluster import ClusterConfig, run_each
from pipelines.outcome import first_error
from speak.errors import UserError

# Workers cannot import a test file by name.
ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])

ALONE = ClusterConfig(workers=1, serial_below=1, retries=1, item_timeout_s=60.0, trainings_serial_below=1)
TWO = ClusterConfig(workers=2, serial_below=2, retries=1, item_timeout_s=20.0, trainings_serial_below=2)


def square(number: int) -> int:
    if number == 3:
        raise ValueError("three\nis bad")
    return number * number


def misbehave(number: int) -> tuple[int, str | None]:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 4:
        time.sleep(600)
    return square(number), os.environ.get("OMP_NUM_THREADS")


def who(number: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def mistake(number: int) -> int:
    raise UserError(f"item {number}: mend it")


def test_outcomes_keep_the_order_and_errors_are_one_line():
    outcomes = run_each(square, range(5), ALONE, label="squares")
    assert [outcome.value for outcome in outcomes] == [0, 1, 4, None, 16]
    assert outcomes[3].error == "ValueError: three is bad"
    with pytest.raises(RuntimeError, match="three is bad"):
        first_error(outcomes)


def stubborn(number):
    """Goes on for ever at 1, whatever is raised at it."""
    while number == 1:
        with contextlib.suppress(Exception):
            time.sleep(0.01)
    return number


def test_an_item_that_never_ends_is_given_up_in_this_process_too():
    soon = dataclasses.replace(ALONE, item_timeout_s=1.0)
    outcomes = run_each(stubborn, range(3), soon, label="stubborn")
    assert [outcome.value for outcome in outcomes] == [0, None, 2]
    assert outcomes[1].error == "no result within 1 s"


@pytest.mark.dag
def test_a_killed_worker_an_exception_and_a_hang_leave_the_neighbours_alone():
    outcomes = run_each(misbehave, range(7), TWO, label="faults")
    healthy = [0, 1, 5, 6]
    assert [outcomes[i].value for i in healthy] == [(i * i, "1") for i in healthy]
    assert outcomes[2].error.startswith("worker died")
    assert outcomes[3].error == "ValueError: three is bad"
    assert outcomes[4].error == "no result within 20 s"


@pytest.mark.dag
def test_one_worker_and_two_agree():
    assert run_each(square, range(8), ALONE, label="one") == run_each(square, range(8), TWO, label="two")


@pytest.mark.dag
def test_worker_processes_are_kept_between_items():
    workers = {outcome.value for outcome in run_each(who, range(40), TWO, label="workers")}
    assert len(workers) == 2 and os.getpid() not in workers


def counted(number: int, folder: Path) -> None:
    (folder / str(number)).touch()
    mistake(number)


@pytest.mark.parametrize("config", [ALONE, pytest.param(TWO, marks=pytest.mark.dag)])
def test_a_users_mistake_ends_the_run_before_the_rest_is_tried(config, tmp_path):
    with pytest.raises(UserError, match=r"item \d+: mend it"):
        run_each(partial(counted, folder=tmp_path), range(100), config, label="mistakes")
    assert 1 <= len(list(tmp_path.iterdir())) < 10


@pytest.mark.dag
def test_a_folder_that_a_worker_does_not_have_is_one_line(monkeypatch):
    monkeypatch.setattr(Path, "cwd", lambda: Path("/nowhere/project"))
    with pytest.raises(UserError, match=r"/nowhere/project: No such file or directory on .+; a cluster needs"):
        run_each(square, range(5), TWO, label="elsewhere")


def test_a_dead_cluster_address_fails_at_once(monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{port}")
    with pytest.raises(UserError, match=f"RAY_ADDRESS=127.0.0.1:{port}: no cluster answers"):
        run_each(square, range(5), TWO, label="dead")
    monkeypatch.setenv("RAY_ADDRESS", "nonsense")
    with pytest.raises(UserError, match="expected host:port"):
        run_each(square, range(5), TWO, label="dead")
