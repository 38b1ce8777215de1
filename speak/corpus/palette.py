"""Colours of people and cloth, and the two transfer curves between display values and light.

All shading is done on linear light and only the finished frame is turned into display (sRGB) values, as a camera does.
"""

import numpy as np

SKIN_LIGHT_TO_DARK = np.array(
    [(246, 216, 196), (236, 195, 168), (224, 176, 145), (201, 148, 112), (168, 114, 80), (128, 82, 57), (90, 56, 40)]
)
"""Display RGB of skin along one axis (0 = lightest); people are drawn anywhere between neighbours."""

HAIR = {
    "black": (26, 22, 22),
    "dark_brown": (52, 35, 26),
    "brown": (92, 61, 40),
    "chestnut": (122, 70, 42),
    "red": (160, 78, 38),
    "dark_blond": (158, 122, 76),
    "blond": (212, 176, 118),
    "grey": (128, 126, 124),
    "white": (186, 184, 180),
}
IRIS = {
    "brown": (92, 56, 30),
    "dark": (54, 34, 22),
    "hazel": (122, 92, 48),
    "green": (98, 122, 78),
    "blue": (94, 134, 168),
    "grey": (122, 136, 144),
}
CLOTH = (
    (38, 42, 52), (64, 84, 120), (120, 42, 48), (52, 92, 80), (190, 184, 172), (204, 202, 198), (92, 96, 104),
    (150, 108, 72), (96, 70, 110), (44, 60, 96), (178, 130, 60), (156, 84, 96), (20, 22, 26), (110, 130, 140),
)  # fmt: skip


def linear(display: np.ndarray | tuple) -> np.ndarray:
    """Turns display RGB in [0, 255] into linear light in [0, 1] (sRGB, IEC 61966-2-1)."""
    value = np.asarray(display, dtype=np.float64) / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


def display_table(size: int = 4096) -> np.ndarray:
    """Builds the curve from linear light in [0, 1] to display values as a table, (size,) float32 in [0, 255].

    A soft shoulder above 0.8 keeps highlights from clipping hard.
    """
    light = np.linspace(0.0, 1.6, size)
    light = np.where(light > 0.8, 0.8 + 0.2 * (1.0 - np.exp(-(light - 0.8) / 0.2)), light)
    value = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)
    return (255.0 * value).astype(np.float32)
