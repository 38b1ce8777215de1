"""Between a clip's frame rate and the 25 frames a second at which the baselines work."""

import numpy as np

NATIVE_FPS = 25.0
ROUNDING = 1e-9


def shown_at(num: int, fps: float, source_fps: float, source_num: int) -> np.ndarray:
    """Which source frame is shown at each time k / fps: the last that has begun; after the last, the last.

    Args:
        num: frames wanted.
        fps, source_fps: frames a second.
        source_num: frames there are.

    Returns:
        (num,) integers in [0, source_num).
    """
    return np.floor(np.arange(num) * (source_fps / fps) + ROUNDING).astype(int).clip(0, source_num - 1)


def to_and_fro(num: int, source_num: int) -> np.ndarray:
    """0, 1, ... n - 1, n - 1, ... 1, 0, 0, 1, ...: (num,) integers in [0, source_num)."""
    turn, step = np.divmod(np.arange(num), source_num)
    return np.where(turn % 2 == 0, step, source_num - 1 - step)
