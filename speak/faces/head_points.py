"""The landmarks that the small parts work with, in three groups, and heads without their rigid motion.

``HEAD`` moves with the skull only, ``UPPER`` are brows and lids, ``MOUTH`` is everything that speech moves: lips, chin,
jaw line and the folds beside the nose. What must not know about speech is given the first two groups and nothing else.
"""

import numpy as np

from speak.faces import mouth_view
from speak.faces.mouth_shape import POINTS as LIPS_AND_CHIN
from speak.faces.rigid import STEADY, similarity

HEAD = STEADY
UPPER = (
    *(70, 63, 105, 66, 107, 46, 53, 52, 65, 55),  # right brow
    *(300, 293, 334, 296, 336, 276, 283, 282, 295, 285),  # left brow
    *(7, 163, 144, 145, 153, 154, 155, 173, 157, 158, 159, 160, 161, 246),  # right lids
    *(382, 381, 380, 374, 373, 390, 249, 466, 388, 387, 386, 385, 384, 398),  # left lids
)
JAW = (205, 425, 172, 397, 136, 365, 58, 288, 132, 361, 93, 323)
MOUTH = (*LIPS_AND_CHIN, *JAW)
NUM_LIPS = len(LIPS_AND_CHIN)
USED = (*HEAD, *UPPER, *MOUTH)
GROUPS = {
    "head": slice(0, len(HEAD)),
    "upper": slice(len(HEAD), len(HEAD) + len(UPPER)),
    "mouth": slice(len(HEAD) + len(UPPER), len(USED)),
}


def used_points(landmarks: np.ndarray) -> np.ndarray:
    """(T, 478, 3) landmarks, NaN rows interpolated, to the used points: (T, K, 3) float64.

    Raises:
        ValueError: no frame has a face.
    """
    return mouth_view.fill_missing(landmarks)[:, USED].astype(np.float64)


def motions(template: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares similarity (Umeyama 1991) that takes the template's head points to each frame's.

    Args:
        template: (K, 3) of ``USED`` points.
        points: (T, K, 3) pixels.

    Returns:
        matrices (T, 3, 3), rotation times scale, and shifts (T, 3): ``points ≈ matrix @ template + shift``.
    """
    return similarity(template[GROUPS["head"]], points[:, GROUPS["head"]])


def to_head(matrices: np.ndarray, shifts: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Take the rigid motion out: (T, K, 3) pixels to (T, K, 3) in the template's coordinates."""
    inverse = np.linalg.inv(matrices)
    return (points - shifts[:, None]) @ inverse.transpose(0, 2, 1)


def to_canvas(matrices: np.ndarray, shifts: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """Put the rigid motion back: the inverse of ``to_head``."""
    return shapes @ matrices.transpose(0, 2, 1) + shifts[:, None]


def with_calm_mouth(shapes: np.ndarray) -> np.ndarray:
    """Shapes whose mouth points are the mean over all frames given: what the face tells without speech."""
    calm = shapes.copy()
    calm[:, GROUPS["mouth"]] = shapes[:, GROUPS["mouth"]].mean(axis=0)
    return calm
