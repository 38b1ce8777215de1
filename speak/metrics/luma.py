"""Luma: the brightness signal Y of ITU-R BT.601, ``Y = 0.299 R + 0.587 G + 0.114 B``.

Of 8-bit RGB at full range, so that Y lies in [0, 255] as well; ``luma`` does not round it, ``grey`` does.
"""

import cv2
import numpy as np

BT601 = np.array([0.299, 0.587, 0.114])


def luma(picture: np.ndarray) -> np.ndarray:
    """Luma of a picture, or of the difference of two.

    Args:
        picture: (H, W, 3) RGB.

    Returns:
        (H, W) float64 in the picture's scale.
    """
    return picture @ BT601


def grey(picture: np.ndarray) -> np.ndarray:
    """Luma in 8 bits: (H, W, 3) uint8 RGB to (H, W) uint8."""
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
