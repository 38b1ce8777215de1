"""A time limit for work in this very process: an alarm that rings between two steps of Python.

It ends what goes on for ever frame by frame; a library that never comes back from one call is beyond it.
"""

import contextlib
import math
import signal
import threading
from collections.abc import Iterator


class TimeUp(BaseException):
    """The time is over. No ``Exception``, so that the work's own handlers let it pass."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeUp in the block once it has taken so long. Signals ring in the main thread only: no limit elsewhere."""
    if not math.isfinite(seconds) or threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGALRM, _ring)
    outer = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *outer)
        signal.signal(signal.SIGALRM, handler)


def _ring(*_: object) -> None:
    raise TimeUp
