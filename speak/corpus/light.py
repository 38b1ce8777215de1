"""The light of one clip: a key light, a weaker fill from the other side and the surroundings."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Light:
    """Directions are unit (3,) towards the light (x right, y up, z to the camera); colours are linear (3,)."""

    key: np.ndarray
    key_colour: np.ndarray
    fill: np.ndarray
    fill_colour: np.ndarray
    around: np.ndarray

    def pack(self) -> np.ndarray:
        """Returns (18,) float32: key, its colour, fill, its colour, half vector (key and camera), surroundings."""
        half = self.key + np.array([0.0, 0.0, 1.0])
        half = half / np.linalg.norm(half)
        parts = [self.key, self.key_colour, self.fill, self.fill_colour, half, self.around]
        return np.concatenate(parts).astype(np.float32)


def light_for(rng: np.random.Generator, melanin: float) -> Light:
    """Draws a clip's light; exposure opens a little for darker skin, as a camera's would."""
    side = rng.choice([-1.0, 1.0])
    azimuth, elevation = side * rng.uniform(0.35, 0.95), rng.uniform(0.40, 0.85)
    warmth = rng.uniform(-0.08, 0.10)
    tint = np.array([1 + warmth, 1.0, 1 - warmth])
    exposure = rng.uniform(0.92, 1.06) * (1.0 + 0.42 * melanin)
    return Light(
        key=_direction(azimuth, elevation),
        key_colour=exposure * rng.uniform(0.84, 0.98) * tint,
        fill=_direction(-azimuth * 1.1, 0.15),
        fill_colour=exposure * rng.uniform(0.07, 0.16) * tint[::-1],
        around=exposure * rng.uniform(0.11, 0.17) * np.array([0.98, 1.0, 1.03]),
    )


def _direction(azimuth: float, elevation: float) -> np.ndarray:
    flat = np.cos(elevation)
    return np.array([flat * np.sin(azimuth), np.sin(elevation), flat * np.cos(azimuth)])
