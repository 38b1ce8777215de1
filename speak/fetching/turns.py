"""Whose turn it is: which file is asked for next, and when.

Each host has its own line, its own number of files at a time and its own least distance between requests. A file that
failed goes back into its host's line with the time before which it is not asked for again, so no thread ever waits
with a file in its hands. Times are seconds on the caller's clock; nothing here sleeps or locks.
"""

import heapq
import itertools
import math
import random
from collections.abc import Iterable
from dataclasses import dataclass

from speak.fetching.address import host_of
from speak.fetching.network import HostLimit, NetworkConfig
from speak.fetching.retry import pause_s
from speak.fetching.wanted import Failed, Gone, NotObtained, Wanted


@dataclass
class Job:
    """A wanted file, and how often it has been tried in this run."""

    wanted: Wanted
    tried: int = 0


class Line:
    """The files that one host is to be asked for."""

    def __init__(self, limit: HostLimit) -> None:
        self.limit = limit
        self.free_at = -math.inf
        self.running = 0
        self.failures = 0
        self.gave_up: str | None = None
        self._waiting: list[tuple[float, int, Job]] = []
        self._order = itertools.count()

    def __len__(self) -> int:
        return len(self._waiting) + self.running

    def add(self, job: Job, due: float = -math.inf) -> None:
        """Line up; files that were never tried come before those that failed."""
        if self.gave_up is None:
            heapq.heappush(self._waiting, (due, next(self._order), job))

    def ready_at(self) -> float:
        """When the next file may be asked for; infinite while the line is empty or the host busy."""
        if not self._waiting or self.running >= self.limit.at_once:
            return math.inf
        return max(self.free_at, self._waiting[0][0])

    def start(self, now: float) -> Job:
        """Hand out the next file."""
        *_, job = heapq.heappop(self._waiting)
        self.running += 1
        self.free_at = now + 1.0 / self.limit.per_second
        job.tried += 1
        return job

    def close(self, reason: str) -> None:
        """Leave this host alone for the rest of the run; the first reason counts."""
        self.gave_up = self.gave_up or reason
        self._waiting.clear()


class Turns:
    """All lines together.

    Args:
        wanted: what to ask for, in this order within a host.
        network: the limits.
        rng: draws the pauses before further tries.
    """

    def __init__(self, wanted: Iterable[Wanted], network: NetworkConfig, rng: random.Random) -> None:
        self._network, self._rng = network, rng
        self._lines: dict[str, Line] = {}
        for one in wanted:
            host = host_of(one.address)
            self._lines.setdefault(host, Line(network.limit(host))).add(Job(one))

    def __len__(self) -> int:
        """Files that are waiting or being fetched."""
        return sum(map(len, self._lines.values()))

    @property
    def gave_up(self) -> dict[str, str]:
        """By host that was left alone, why."""
        return {host: line.gave_up for host, line in self._lines.items() if line.gave_up}

    def next(self, now: float) -> tuple[Job | None, float]:
        """The next file of the host that has waited longest, or None and the seconds until one may be due.

        The seconds are infinite when only the end of a running file can change that.
        """
        line = min(self._lines.values(), key=Line.ready_at, default=None)
        if line is None or line.ready_at() > now:
            return None, math.inf if line is None else line.ready_at() - now
        return line.start(now), 0.0

    def finish(self, job: Job, error: NotObtained | None, now: float) -> bool:
        """What became of a file; returns whether it is settled for this run (else it is asked for again)."""
        host = host_of(job.wanted.address)
        line = self._lines[host]
        line.running -= 1
        line.failures = 0 if error is None or isinstance(error, Gone) else line.failures + 1
        after_s = (error.after_s or 0.0) if isinstance(error, Failed) else 0.0
        line.free_at = max(line.free_at, now + after_s)
        if after_s > self._network.longest_wait_s:
            line.close(f"{host} asked not to be asked for {after_s:.0f} s")
        elif line.failures >= self._network.give_up_after:
            line.close(f"{line.failures} tries in a row went wrong at {host}")
        if not isinstance(error, Failed) or job.tried >= self._network.tries or line.gave_up:
            return True
        line.add(job, now + max(after_s, pause_s(job.tried, self._network.backoff, self._rng)))
        return False
