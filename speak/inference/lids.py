"""Eyes that close in a bent picture, instead of turning inside out.

At a blink the landmarker puts upper lids up to two pixels below lower ones, and a generator that learned from it does
so too. A picture that is bent to such points folds: between brow and lid it shows the eye, larger than before. So
lids stop just before they meet, which squeezes the eye to a line.
"""

import numpy as np

from speak.faces.head_points import USED

UPPER = (246, 161, 160, 159, 158, 157, 173, 466, 388, 387, 386, 385, 384, 398)
LOWER = (7, 163, 144, 145, 153, 154, 155, 249, 390, 373, 374, 380, 381, 382)
"""Landmarks that face each other across the eye, right eye first."""
LEAST_GAP = 0.007
"""Half a pixel of a 256-pixel clip, in face units: no wider than an eyelash, and far above the warp's stiffness."""

_UPPER, _LOWER = ([USED.index(landmark) for landmark in lid] for lid in (UPPER, LOWER))


def gaps(points: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """How far lower lids lie below upper ones, in face units, negative where they cross: (14,).

    Args:
        points: (K, 3) ``USED`` points, pixels.
        axes: (2, 3) from pixels to face coordinates of this frame, y down.
    """
    return (points[_LOWER, :2] - points[_UPPER, :2]) @ axes[1, :2]


def kept_apart(points: np.ndarray, axes: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """Points whose lids are at least ``LEAST_GAP`` apart; lids that are closer meet half way.

    Args:
        points, axes: as ``gaps``.
        picture: (14,) gaps in the picture that is bent; lids that are closer there may stay as they are.

    Returns:
        (K, 3), a copy.
    """
    short = np.maximum(np.minimum(LEAST_GAP, picture) - gaps(points, axes), 0.0)[:, None] / 2
    down = np.linalg.inv(axes[:, :2])[:, 1]
    apart = points.copy()
    apart[_LOWER, :2] += short * down
    apart[_UPPER, :2] -= short * down
    return apart
