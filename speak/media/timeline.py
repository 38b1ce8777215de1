"""From a file's own times to a constant rate: by timestamps, never by counting frames."""

import math
from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np

Frame = TypeVar("Frame")

TIMESTAMP_ROUNDING_S = 0.0015
"""Containers round times (FLV and Matroska to 1 ms); a frame that much ahead of a tick still belongs to
it."""


def num_ticks(fps: float, start_s: float, end_s: float) -> int:
    """How many whole frames at ``fps`` fit into [start_s, end_s)."""
    return max(0, math.floor((end_s - start_s + TIMESTAMP_ROUNDING_S) * fps))


def at_rate(frames: Iterable[tuple[float, Frame]], fps: float, start_s: float, end_s: float) -> Iterator[Frame]:
    """Resample timed frames to a constant rate: tick ``k`` shows the last frame at or before ``start_s + k /
    fps``.

    A frame is shown until the next one comes, so 25 to 30 fps repeats every fifth, missing slots repeat their
    predecessor, and higher rates are thinned. Ticks before the first frame show the first frame.

    Args:
        frames: (time in seconds, anything), times increasing.
        fps: ticks a second.
        start_s: time of tick 0.
        end_s: end of the interval; ``num_ticks(fps, start_s, end_s)`` frames come out, unless ``frames`` is
            empty.
    """
    count, tick = num_ticks(fps, start_s, end_s), 0
    shown: Frame | None = None
    for time_s, frame in frames:
        while shown is not None and tick < count and start_s + tick / fps + TIMESTAMP_ROUNDING_S < time_s:
            yield shown
            tick += 1
        if tick >= count:
            return
        shown = frame
    while shown is not None and tick < count:
        yield shown
        tick += 1


def resample_rows(values: np.ndarray, from_fps: float, to_fps: float, num: int) -> np.ndarray:
    """Interpolate a track linearly to another rate; row ``k`` belongs to time ``k / to_fps``.

    Args:
        values: (T, ...) numbers, row ``i`` at time ``i / from_fps``; NaN rows spread to the rows between
            them.
        num: rows to return; times beyond the last row hold its value.

    Returns:
        (num, ...) in the dtype of ``values``.
    """
    values = np.asarray(values)
    if len(values) == 0:
        raise ValueError("an empty track cannot be resampled")
    position = np.minimum(np.arange(num) * (from_fps / to_fps), len(values) - 1)
    position = np.where(np.abs(position - np.rint(position)) < 1e-9, np.rint(position), position)
    below = np.floor(position).astype(int)
    above = np.ceil(position).astype(int)
    weight = (position - below).reshape(-1, *[1] * (values.ndim - 1))
    mixed = np.where(weight == 0, values[below], (1 - weight) * values[below] + weight * values[above])
    return mixed.astype(values.dtype)
