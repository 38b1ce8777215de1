"""Smooth random fields: the grain of skin, cloth, hair and walls."""

import cv2
import numpy as np


def field(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int], octaves: int = 1) -> np.ndarray:
    """Sums value noise over octaves.

    Args:
        rng: where the randomness comes from.
        shape: height and width of the field.
        cells: number of noise cells down and across in the first octave; each further octave doubles both.
        octaves: number of octaves; each has 0.55 of the amplitude of the one before.

    Returns:
        ``shape`` float32, zero mean, about unit deviation.
    """
    total = np.zeros(shape, np.float32)
    weight, power = 1.0, 0.0
    rows, columns = cells
    for _ in range(octaves):
        coarse = rng.standard_normal((rows + 3, columns + 3)).astype(np.float32)
        total += weight * cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
        power += weight * weight
        weight, rows, columns = weight * 0.55, rows * 2, columns * 2
    return total / np.float32(0.7 * np.sqrt(power))


def smoothstep(low: float, high: float, value: np.ndarray) -> np.ndarray:
    """Goes from 0 at ``low`` to 1 at ``high`` with flat ends (cubic Hermite); ``low`` may be above ``high``."""
    place = np.clip((value - low) / (high - low), 0.0, 1.0)
    return place * place * (3.0 - 2.0 * place)
