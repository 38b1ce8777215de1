"""A driving clip is rarely as long as the sound: play it to and fro, or slow it down or speed it up, until it fits.

To and fro (frames 0 1 2 3 2 1 0 1 ...) never jumps, and keeps the speed of what was filmed. Stretching keeps the order
of events and changes their speed.
"""

from collections.abc import Callable

import numpy as np


def ping_pong(length: int, count: int) -> np.ndarray:
    """(count,) indices that run to and fro through ``length`` frames; the frames at the ends are shown once."""
    period = max(2 * (length - 1), 1)
    place = np.arange(count) % period
    return np.where(place < length, place, period - place)


def stretched(length: int, count: int) -> np.ndarray:
    """(count,) indices from the first to the last of ``length`` frames at an even pace."""
    return np.linspace(0, length - 1, count).round().astype(int)


class Played:
    """Frames (T, ...) in another order, without copying them: a loop over minutes costs the clip's memory only.

    Slices and index arrays give numpy arrays, as does ``numpy.asarray``.
    """

    def __init__(self, frames: np.ndarray, index: np.ndarray):
        self.frames, self.index = frames, index

    @property
    def shape(self) -> tuple[int, ...]:
        """As an array's."""
        return (len(self.index), *self.frames.shape[1:])

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, key: int | slice | np.ndarray) -> np.ndarray:
        return self.frames[self.index[key]]

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.frames[self.index], dtype=dtype)


FITS: dict[str, Callable[[int, int], np.ndarray]] = {"loop": ping_pong, "stretch": stretched}
