"""Batches drawn ahead, so that the device never waits for them."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Batch = TypeVar("Batch")


def drawn_ahead(draw: Callable[[int], Batch], steps: Iterable[int], ahead: int) -> Iterator[Batch]:
    """The batches of the steps, in their order; what ``draw`` raises is raised where its batch would have come.

    Args:
        draw: makes the batch of a step; called from several threads at once.
        steps: numbers of the steps.
        ahead: batches drawn in the background, each by a thread of its own, while one is used; 0 draws none ahead.
    """
    if ahead == 0:
        yield from map(draw, steps)
        return
    pool, waiting = ThreadPoolExecutor(ahead), deque()
    try:
        for step in steps:
            waiting.append(pool.submit(draw, step))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
