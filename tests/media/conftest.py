"""Pictures that carry their own number, and clicks that carry their own time."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

BITS, BLOCK = 8, 16


def numbered(number: int, width: int = 128, height: int = 96) -> np.ndarray:
    """(H, W, 3) uint8: a grey ramp with the number in black and white blocks along the top."""
    image = np.tile(np.linspace(60, 190, width).astype(np.uint8)[None, :, None], (height, 1, 3)).copy()
    for bit in range(BITS):
        image[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 255 if number >> bit & 1 else 0
    return image


def number_in(image: np.ndarray) -> int:
    """Read the number back."""
    middles = image[BLOCK // 2, BLOCK // 2 : BITS * BLOCK : BLOCK].mean(axis=-1)
    return sum(int(value > 127) << bit for bit, value in enumerate(middles))


@pytest.fixture(scope="session")
def draw() -> Callable[..., np.ndarray]:
    return numbered


@pytest.fixture(scope="session")
def read_number() -> Callable[[np.ndarray], int]:
    return number_in


@pytest.fixture(scope="session")
def smooth_colours() -> np.ndarray:
    """(128, 128, 3) uint8 without anything that 4:2:0 could lose, but with strong colours."""
    coarse = np.random.default_rng(3).uniform(20, 235, (4, 4, 3)).astype(np.float32)
    return cv2.resize(coarse, (128, 128), interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def clicks() -> tuple[np.ndarray, list[int]]:
    """Two seconds at 16 kHz with single loud samples, and where they are."""
    positions = [700, 8000, 16_003, 24_500, 31_000]
    audio = np.zeros(32_000, np.float32)
    audio[positions] = 0.9
    return audio, positions
