"""Wall time and peak memory of a block of work, with all the processes it starts."""

import threading
import time

import psutil

SAMPLE_INTERVAL_S = 0.5


class Meter:
    """Context manager; afterwards ``seconds`` and ``peak_mib`` hold the figures.

    Memory is the sum of the resident sizes of this process and its descendants. Pages that they share count once per
    process, so the figure is an upper bound.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.peak_mib = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Meter":
        self._started = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.seconds = time.monotonic() - self._started

    def _watch(self) -> None:
        while True:
            self.peak_mib = max(self.peak_mib, _resident_mib())
            if self._stop.wait(SAMPLE_INTERVAL_S):
                return


def _resident_mib() -> float:
    me, total = psutil.Process(), 0
    for process in [me, *me.children(recursive=True)]:
        try:
            total += process.memory_info().rss
        except psutil.Error:
            continue  # it ended between listing and asking
    return total / 2**20
