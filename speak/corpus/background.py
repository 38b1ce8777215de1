"""What stands behind people: a blurred room, wall, window or lights, never a flat colour."""

import cv2
import numpy as np

from speak.corpus.noise import field


def background(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Draws a background.

    Args:
        rng: source of randomness; the same state gives the same picture.
        height: pixels.
        width: pixels.

    Returns:
        (height, width, 3) float32 linear light.
    """
    kinds = (_wall, _room, _lights, _window, _studio)
    picture = kinds[int(rng.integers(len(kinds)))](rng, height, width)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    away = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) * 2
    picture = picture * (1 - rng.uniform(0.15, 0.45) * away)[..., None]
    fine = field(rng, (height, width), (max(height // 5, 2), max(width // 5, 2)), 2)
    return np.clip(picture * (1 + 0.008 * fine[..., None]), 0.004, 1.0).astype(np.float32)


def _colour(rng: np.random.Generator, low: float, high: float, strength: float) -> np.ndarray:
    tone = rng.uniform(low, high)
    return tone * np.clip(1 + strength * rng.uniform(-1, 1, 3), 0.1, 2.0)


def _blend(height: int, width: int, a: np.ndarray, b: np.ndarray, angle: float) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    t = np.clip(0.5 + (x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle), 0, 1)[..., None]
    return a * (1 - t) + b * t


def _wall(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    base = _colour(rng, 0.15, 0.50, 0.28)
    picture = _blend(height, width, base * rng.uniform(0.6, 0.9), base * rng.uniform(1.0, 1.25), rng.uniform(0, 6.3))
    picture = picture * (1 + 0.07 * field(rng, (height, width), (4, 5), 4))[..., None]
    if rng.random() < 0.5:
        x = np.arange(width) / width
        panel = 1 + 0.10 * np.tanh(8 * np.sin(2 * np.pi * (x * rng.uniform(2, 5) + rng.random())))
        picture = picture * panel[None, :, None]
    return picture


def _room(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Shelves and furniture far out of focus."""
    picture = _blend(height, width, _colour(rng, 0.12, 0.35, 0.3), _colour(rng, 0.2, 0.5, 0.3), rng.uniform(0, 6.3))
    for _ in range(int(rng.integers(14, 26))):
        w, h = rng.uniform(0.05, 0.30) * width, rng.uniform(0.06, 0.45) * height
        x, y = rng.uniform(-0.1, 1.0) * width, rng.uniform(-0.1, 0.95) * height
        patch = picture[int(max(y, 0)) : int(max(y + h, 0)), int(max(x, 0)) : int(max(x + w, 0))]
        patch[:] = patch * 0.25 + 0.75 * _colour(rng, 0.03, 0.45, 0.5)
    return cv2.GaussianBlur(picture.astype(np.float32), (0, 0), rng.uniform(0.018, 0.035) * height)


def _lights(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Out-of-focus lights in front of something dark."""
    picture = _blend(height, width, _colour(rng, 0.02, 0.07, 0.5), _colour(rng, 0.06, 0.16, 0.5), rng.uniform(0, 6.3))
    picture = np.ascontiguousarray(picture, np.float32)
    for _ in range(int(rng.integers(14, 34))):
        spot = np.zeros((height, width), np.float32)
        centre = (int(rng.uniform(0, 16 * width)), int(rng.uniform(0, 16 * 0.85 * height)))
        cv2.circle(spot, centre, int(rng.uniform(0.02, 0.075) * 16 * height), 1.0, -1, cv2.LINE_8, 4)
        picture += spot[..., None] * (_colour(rng, 0.06, 0.28, 0.55) * [1.15, 1.0, 0.8]).astype(np.float32)
    return cv2.GaussianBlur(picture, (0, 0), 0.006 * height + 0.4)


def _window(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A bright soft window at one side of a darker wall."""
    wall = _colour(rng, 0.10, 0.30, 0.25)
    picture = _blend(height, width, wall, wall * 0.6, rng.uniform(0, 3.1)).astype(np.float32)
    left = rng.uniform(-0.15, 0.15) if rng.random() < 0.5 else rng.uniform(0.65, 0.85)
    x0, x1 = int(max(left, 0) * width), int(min(left + rng.uniform(0.25, 0.4), 1) * width)
    y1 = int(rng.uniform(0.55, 0.8) * height)
    picture[int(0.05 * height) : y1, x0:x1] = _colour(rng, 0.55, 0.85, 0.10)
    for k in range(1, 3):
        picture[:y1, x0 + k * (x1 - x0) // 3 - 2 : x0 + k * (x1 - x0) // 3 + 2] *= 0.45
    return cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.012, 0.03) * height)


def _studio(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A paper roll with a pool of light behind the person."""
    base = _colour(rng, 0.10, 0.45, 0.30)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    away = ((x / width - rng.uniform(0.35, 0.65)) ** 2 + (y / height - rng.uniform(0.3, 0.6)) ** 2) / rng.uniform(
        0.12, 0.3
    )
    glow = 0.45 + 0.85 * np.exp(-away)
    return base * (glow * (1 + 0.04 * field(rng, (height, width), (3, 3), 5)))[..., None]
