"""Progress of long work: a bar on a terminal, a plain line now and then elsewhere (logs, CI)."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

PLAIN_INTERVAL_S = 15.0
"""Seconds between plain lines, so that a log of an hour stays readable."""


@contextlib.contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int, str], None]]:
    """Yield ``advance(done, note)``, to be called with the number of finished items whenever it has changed."""
    if sys.stderr.isatty():
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns, TextColumn("{task.fields[note]}"), transient=False) as bar:
            task = bar.add_task(label, total=total, note="")
            yield lambda done, note="": bar.update(task, completed=done, note=note)
    else:
        yield _plain(label, total)


def _plain(label: str, total: int) -> Callable[[int, str], None]:
    started = last = time.monotonic()

    def advance(done: int, note: str = "") -> None:
        nonlocal last
        now = time.monotonic()
        if done >= total or now - last >= PLAIN_INTERVAL_S:
            last = now
            left = f"about {duration((now - started) / done * (total - done))} left" if 0 < done < total else ""
            words = [f"{label}: {done}/{total} in {now - started:.0f} s", note, left]
            print(", ".join(filter(None, words)), file=sys.stderr, flush=True)

    return advance


def duration(seconds: float) -> str:
    """Seconds as people say them: ``40 s``, ``12 min``, ``3.5 h``."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:.0f} s"
