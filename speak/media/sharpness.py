"""How sharp and how bright a picture is."""

import cv2
import numpy as np


def sharpness(picture: np.ndarray) -> float:
    """Variance of the Laplacian (4 neighbours) of the 8-bit luma of (H, W, 3) uint8 RGB; 0 for a flat picture.

    A common measure of focus (Pech-Pacheco et al. 2000).
    """
    _, spread = cv2.meanStdDev(cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.CV_16S))
    return float(spread[0, 0] ** 2)


def brightness(picture: np.ndarray) -> float:
    """Mean luma (BT.601) of (H, W, 3) uint8 RGB, in [0, 255]."""
    red, green, blue, _ = cv2.mean(picture)
    return 0.299 * red + 0.587 * green + 0.114 * blue
