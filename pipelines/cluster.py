"""Work spread over processes and machines; the only file that imports Ray.

``run_each`` applies a pure function to every item and returns one outcome per item, in the items' order, so the result
does not depend on the number of workers. One plain Ray task per item keeps failures apart: an exception becomes an
error of that item only, an item whose worker or machine dies is tried again a bounded number of times, and an item
that hangs is cancelled. Nothing an item does can take its neighbours along. Ray keeps worker processes between tasks,
so what a function caches (a network, a landmarker) is made once per worker.

Few items, or one worker, are done in this process: a private cluster takes about five seconds to start.

``run_together`` calls one function in several processes that talk to each other (torch.distributed), for a training
that is spread over GPUs or machines; with one worker it is a plain call.
"""

import dataclasses
import math
import os
import socket
import tempfile
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pipelines import ONE_THREAD
from pipelines.outcome import Outcome, UserMistake, checked, guarded
from pipelines.time_limit import TimeUp, time_limit
from speak.errors import UserError, disk_mistake
from speak.progress import progress

PROBE_TIMEOUT_S = 3.0
"""A running cluster answers its port at once; Ray itself waits for minutes on a dead address."""

QUIET_RAY = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # a task that reserves no GPU may use one beside others
}


TOLD_WORKERS = ("SPEAK_CACHE",)
"""Passed on to a running cluster's workers. Never credentials: Ray shows these to everyone who can see the cluster."""


@dataclass(frozen=True, kw_only=True)
class ClusterConfig:
    """Where and how widely to run. Never part of a stage's parameters, since it must not change a result.

    Attributes:
        workers: processes of a private cluster; None takes every core.
        serial_below: fewer items than this are done without a cluster.
        retries: further tries for an item whose worker or machine died.
        item_timeout_s: an item that takes longer is cancelled and reported.
        trainings_serial_below: fewer trainings than this are done without a cluster.
    """

    workers: int | None
    serial_below: int
    retries: int
    item_timeout_s: float
    trainings_serial_below: int

    def for_trainings(self) -> "ClusterConfig":
        """The same for items that take minutes or hours: few of them are worth a cluster, and none is ever too slow."""
        return dataclasses.replace(self, serial_below=self.trainings_serial_below, item_timeout_s=math.inf)


def num_workers(config: ClusterConfig) -> int:
    """Processes that a private cluster would get."""
    return config.workers or len(os.sched_getaffinity(0))


def run_each(
    function: Callable[[Any], Any], items: Sequence[Any], config: ClusterConfig, *, label: str
) -> list[Outcome]:
    """Apply ``function`` to every item; outcomes come back in the items' order.

    Args:
        function: picklable and pure; what it raises becomes that item's error, except UserError, which ends the run.
        items: picklable values, kept small (paths and parameters, not frames).
        config: where to run.
        label: name shown in the progress.

    Raises:
        UserError: raised by ``function`` (the first ends the run), or the cluster's address does not answer.
    """
    alone = num_workers(config) == 1 or len(items) < config.serial_below
    if alone and not os.environ.get("RAY_ADDRESS"):
        return _run_here(function, items, config, label)
    return _run_on_ray(function, items, config, label)


Result = TypeVar("Result")


def run_together(function: Callable[[], Result], workers: int, config: ClusterConfig) -> Result:
    """Call ``function`` in each of ``workers`` processes, joined by torch.distributed; returns what the first returns.

    Processes have a GPU each where there are GPUs (NCCL), else a core (gloo). One worker is a plain call in this
    process. Files that the function reads and writes must be at the same place for all.

    Args:
        function: picklable; called with no arguments in this process's working folder.
        workers: number of processes.
        config: where to run.

    Raises:
        UserError: raised by ``function`` in any of the processes, or the cluster's address does not answer.
        RuntimeError: it failed in another way.
    """
    if workers == 1:
        return function()
    os.environ.update(QUIET_RAY)  # read when Ray is imported
    import ray
    import torch
    from ray.train import RunConfig, ScalingConfig
    from ray.train.torch import TorchTrainer
    from ray.train.v2.api.exceptions import TrainingFailedError

    _connect(ray, max(workers, num_workers(config)))
    try:
        with tempfile.TemporaryDirectory() as storage:
            trainer = TorchTrainer(
                partial(_in_folder, function, Path.cwd()),
                scaling_config=ScalingConfig(num_workers=workers, use_gpu=torch.cuda.is_available()),
                run_config=RunConfig(storage_path=storage),
            )
            return trainer.fit().return_value
    except TrainingFailedError as error:
        raise _cause(error) from error
    finally:
        ray.shutdown()


def _in_folder(function: Callable[[], Result], folder: Path) -> Result:
    os.chdir(folder)  # Ray Train starts in a folder of its own
    return function()


def _cause(error: Exception) -> Exception:
    """What went wrong in the first process that failed; a mistake of the user in any of them comes first."""
    failures = list(getattr(error, "worker_failures", {}).values()) or [error]
    for failure in failures:
        if isinstance(failure, UserError):
            return failure
        if isinstance(failure, OSError) and (mistake := disk_mistake(failure)):
            return mistake
    return RuntimeError(f"training together failed: {type(failures[0]).__name__}: {' '.join(str(failures[0]).split())}")


def _run_here(function: Callable, items: Sequence, config: ClusterConfig, label: str) -> list[Outcome]:
    outcomes = []
    with progress(label, len(items)) as advance:
        for item in items:
            try:
                with time_limit(config.item_timeout_s):
                    outcomes.append(checked(guarded(function, item)))
            except TimeUp:
                outcomes.append(_too_slow(config))
            advance(len(outcomes))
    return outcomes


def _too_slow(config: ClusterConfig) -> Outcome:
    return Outcome(error=f"no result within {config.item_timeout_s:.0f} s")


def _run_on_ray(function: Callable, items: Sequence, config: ClusterConfig, label: str) -> list[Outcome]:
    os.environ.update(QUIET_RAY)  # read when Ray is imported
    import ray

    _connect(ray, num_workers(config))
    try:
        # Lost tasks are counted and sent again here: Ray would not say how often, nor start their time anew.
        task = ray.remote(num_cpus=1, max_retries=0)(_guarded_there)
        send = partial(task.remote, ray.put(function), folder=str(Path.cwd()))
        return _drain(ray, send, items, config, label)
    finally:
        ray.shutdown()


def _guarded_there(function: Callable, item: Any, folder: str) -> Outcome:
    """In a worker. A private cluster's workers start in the driver's folder, those of a running one anywhere."""
    try:
        os.chdir(folder)
    except OSError as error:
        needs = "a cluster needs the project at the same path on every machine (docs/cluster.md)"
        return Outcome(value=UserMistake(f"{folder}: {error.strerror} on {socket.gethostname()}; {needs}"))
    return guarded(function, item)


class _Lost(Outcome):
    """The item's worker or machine died under it; another try may do better."""


def _drain(ray: Any, send: Callable, items: Sequence, config: ClusterConfig, label: str) -> list[Outcome]:
    """Keep one task per core in flight: a task's age is then its running time, and memory grows by outcomes only."""
    outcomes: dict[int, Outcome] = {}
    waiting = deque(range(len(items)))
    lost: Counter[int] = Counter()
    flying: dict[Any, tuple[int, float]] = {}
    with progress(label, len(items)) as advance:
        while len(outcomes) < len(items):
            cores = max(1, int(ray.cluster_resources().get("CPU", 1)))  # of the machines that are alive now
            while waiting and len(flying) < cores:
                index = waiting.popleft()
                flying[send(items[index])] = (index, time.monotonic())
            for index, result in _landed(ray, flying, config.item_timeout_s):
                if isinstance(result, _Lost) and lost[index] < config.retries:
                    lost[index] += 1
                    waiting.append(index)  # behind the others: a poison item must not keep them waiting
                else:
                    outcomes[index] = checked(result)
            advance(len(outcomes))
    return [outcomes[index] for index in range(len(items))]


def _landed(ray: Any, flying: dict[Any, tuple[int, float]], timeout_s: float) -> list[tuple[int, Outcome]]:
    """Take what has finished, was lost or takes too long out of ``flying``."""
    done, running = ray.wait(list(flying), timeout=1.0)
    landed = [(flying.pop(reference)[0], _result(ray, reference)) for reference in done]
    for reference in running:
        index, started = flying[reference]
        if time.monotonic() - started > timeout_s:
            ray.cancel(reference, force=True)
            del flying[reference]
            landed.append((index, Outcome(error=f"no result within {timeout_s:.0f} s")))
    return landed


def _result(ray: Any, reference: Any) -> Outcome:
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:  # before or after our own guard: a bug, or an unpicklable item
        traceback.print_exc()
        return Outcome(error=f"task failed: {str(error).strip().splitlines()[-1]}")
    except ray.exceptions.RayError as error:
        return _Lost(error=f"worker died: {str(error).strip().splitlines()[0]}")


def _connect(ray: Any, num_cpus: int) -> None:
    """Attach to the cluster in RAY_ADDRESS if there is one, else start a private one of so many processes."""
    address = os.environ.get("RAY_ADDRESS", "local")
    if address != "local":
        _probe(address)
        told = ONE_THREAD | {name: os.environ[name] for name in TOLD_WORKERS if name in os.environ}
        ray.init(address=address, logging_level="ERROR", runtime_env={"env_vars": told})
        return
    # A private cluster inherits this process's environment; it listens on this machine only and needs no token.
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    ray.init(address="local", num_cpus=num_cpus, include_dashboard=False, logging_level="ERROR")


def _probe(address: str) -> None:
    """Raise UserError at once when nothing listens at the address."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        raise UserError(f"RAY_ADDRESS={address}: expected host:port; unset it to run on this machine alone")
    try:
        socket.create_connection((host, int(port)), timeout=PROBE_TIMEOUT_S).close()
    except OSError as error:
        raise UserError(
            f"RAY_ADDRESS={address}: no cluster answers ({error}); start one or unset the variable"
        ) from error
