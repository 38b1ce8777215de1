"""A list of wanted files, fetched by a few threads that can be stopped at any time.

Threads and not processes, since fetching waits far more than it computes.
"""

import random
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from speak.errors import UserError, disk_mistake
from speak.fetching.attempts import Attempts, attempt_at
from speak.fetching.http import partial_of
from speak.fetching.network import NetworkConfig
from speak.fetching.remaining import to_ask
from speak.fetching.turns import Job, Turns
from speak.fetching.wanted import Failed, NotObtained, Wanted
from speak.progress import progress

Ways = Mapping[str, Callable[[Wanted, Path, NetworkConfig], int]]
"""By ``Wanted.way``, what brings one file to a path, whole or not at all, or raises NotObtained; returns its bytes."""
TICK_S = 1.0
"""Seconds between looks at the progress."""


def fetch_all(
    wanted: Sequence[Wanted],
    root: Path,
    ways: Ways,
    network: NetworkConfig,
    attempts: Attempts,
    *,
    again: bool,
    label: str,
) -> dict[str, str]:
    """Fetch whatever is open of ``wanted`` to its place under ``root``.

    Args:
        ways: by ``Wanted.way``.
        attempts: where each try is written down; also says what need not be asked for.
        again: ask again for what is gone.
        label: name shown in the progress.

    Returns:
        By host that was left alone before its files had all been asked for, why.

    Raises:
        UserError: a path leads out of ``root``, or the disk is full.
    """
    queue = Queue(to_ask(wanted, root, attempts, again=again), root, ways, network, attempts)
    queue.run(label)
    return queue.turns.gave_up


@dataclass
class Arrived:
    """Bytes that came in this run: those of ended tries, and for each running one how many it had at its start."""

    ended: int = 0
    running: dict[Path, int] = field(default_factory=dict)

    def begin(self, target: Path) -> None:
        """A try begins."""
        self.running[target] = _size(partial_of(target))

    def end(self, target: Path, num_bytes: int | None) -> None:
        """It is over, with the whole file or with what there is of it."""
        held = _size(partial_of(target)) if num_bytes is None else num_bytes
        self.ended += max(0, held - self.running.pop(target))

    @property
    def num_bytes(self) -> int:
        """All of them, up to now."""
        coming = (_size(partial_of(target)) - held for target, held in list(self.running.items()))
        return self.ended + sum(max(0, more) for more in coming)


class Queue:
    """One run over files that are to be asked for."""

    def __init__(
        self, wanted: Sequence[Wanted], root: Path, ways: Ways, network: NetworkConfig, attempts: Attempts
    ) -> None:
        self.turns = Turns(wanted, network, random.Random())
        self._total, self._settled = len(wanted), 0
        self._root, self._ways, self._network, self._attempts = root, ways, network, attempts
        self._arrived = Arrived()
        self._changed = threading.Condition()
        self._stopped = False
        self._error: BaseException | None = None

    def run(self, label: str) -> None:
        """Work until nothing is left. Ctrl-C, or an error of the disk, leaves running downloads where they are."""
        # Daemons: a process that was told to stop does not wait for them, and unfinished files are picked up later.
        for _ in range(min(self._network.threads, self._total)):
            threading.Thread(target=self._work, daemon=True).start()
        try:
            self._watch(label)
        finally:
            with self._changed:
                self._stopped = True
                self._changed.notify_all()
        if self._error is not None:
            raise self._error

    def _watch(self, label: str) -> None:
        if not self._total:
            return
        began = time.monotonic()
        with progress(label, self._total) as advance:
            while not self._over():
                with self._changed:
                    self._changed.wait_for(self._over, TICK_S)
                    settled, rate = self._settled, self._arrived.num_bytes / (time.monotonic() - began)
                advance(settled, f"{rate / 1e6:.1f} MB/s")

    def _over(self) -> bool:
        return self._error is not None or not len(self.turns)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._try(job)
            except BaseException as error:  # the main thread raises it
                with self._changed:
                    self._error = disk_mistake(error) or error if isinstance(error, OSError) else error
                    self._changed.notify_all()

    def _next(self) -> Job | None:
        with self._changed:
            while not (self._stopped or self._over()):
                job, wait_s = self.turns.next(time.monotonic())
                if job is not None:
                    self._arrived.begin(self._root / job.wanted.path)
                    return job
                self._changed.wait(min(wait_s, threading.TIMEOUT_MAX))
        return None

    def _try(self, job: Job) -> None:
        started_at, began = datetime.now(UTC), time.monotonic()
        target = self._root / job.wanted.path
        problem = self._ask(job.wanted, target)
        attempt = attempt_at(
            job.wanted, target, problem, started_at=started_at, seconds=time.monotonic() - began, number=job.tried
        )
        self._attempts.append(attempt)
        with self._changed:
            self._arrived.end(target, attempt.num_bytes)
            self._settled += self.turns.finish(job, problem, time.monotonic())
            self._changed.notify_all()

    def _ask(self, wanted: Wanted, target: Path) -> NotObtained | None:
        """Fetch one file; returns why it could not be had. A full disk ends the run, a surprise in a way does not."""
        try:
            self._ways[wanted.way](wanted, target, self._network)
        except NotObtained as error:
            return error
        except UserError:
            raise
        except OSError as error:
            if disk_mistake(error):
                raise
            return Failed(f"{error.strerror or type(error).__name__} on this machine")
        except Exception as error:
            traceback.print_tb(error.__traceback__)  # without its message, which may hold an address with its keys
            return Failed(f"{type(error).__name__} in the way {wanted.way!r}, which is a fault of this program")
        return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
