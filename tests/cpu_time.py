"""How much CPU time something takes on a machine that others use too."""

import time
from collections.abc import Callable


def cpu_seconds(work: Callable[[], object], repeats: int = 3, *, warm: bool = True) -> float:
    """The least CPU time of several runs, after one that warms caches unless that is pointless for long work."""
    if warm:
        work()
    times = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)
