"""Lips and chin as points in face coordinates, and the picture between the lips.

What speech changes in a face, apart from the picture inside the mouth, is where about fifty landmarks lie. In the face
coordinates of ``speak.faces.mouth_view`` they hardly depend on where the head is.
"""

import cv2
import numpy as np

from speak.faces.mouth_view import transform

OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
CHIN = (18, 200, 199, 175, 152, 148, 176, 149, 150, 377, 400, 378, 379)
POINTS = OUTER + INNER + CHIN
INNER_SLICE = slice(len(OUTER), len(OUTER) + len(INNER))

NUM_TRAITS = 5
MIN_HEIGHT = 0.04
"""Least height of the box of an open mouth in face units; a lower one has no picture in it worth learning."""


def mouth_points(landmarks: np.ndarray, to_face: np.ndarray) -> np.ndarray:
    """(T, 478, 3) landmarks and their (T, 2, 3) face transforms to (T, 53, 2) lip and chin points in face units."""
    return transform(to_face, landmarks[:, POINTS, :2].astype(np.float64))


def traits(points: np.ndarray) -> np.ndarray:
    """How this mouth is built and how far it is open: opening, width, lip height, chin distance, corner height.

    Args:
        points: (T, 53, 2) of ``mouth_points``.

    Returns:
        (T, 5) in face units.
    """
    outer, inner = points[:, : len(OUTER)], points[:, INNER_SLICE]
    corners = (outer[:, 0] + outer[:, 10]) / 2
    opening = inner[:, 15, 1] - inner[:, 5, 1]
    width = np.linalg.norm(outer[:, 10] - outer[:, 0], axis=1)
    height = outer[:, 15, 1] - outer[:, 5, 1]
    chin = points[:, len(OUTER) + len(INNER) + 4, 1] - corners[:, 1]
    raised = corners[:, 1] - (outer[:, 15, 1] + outer[:, 5, 1]) / 2
    return np.stack([opening, width, height, chin, raised], axis=1)


def inner_boxes(points: np.ndarray) -> np.ndarray:
    """Boxes around the inner lips in face units: (T, 4) left, top, right, bottom."""
    inner = points[:, INNER_SLICE]
    return np.concatenate([inner.min(axis=1), inner.max(axis=1)], axis=1)


def box_transform(to_face: np.ndarray, box: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(2, 3) matrix from frame pixels to the pixels of a box of ``size`` (width, height) in face coordinates."""
    left, top, right, bottom = box
    scale = np.array([size[0] / (right - left), size[1] / (bottom - top)])
    return np.concatenate([to_face[:, :2], to_face[:, 2:] - [[left], [top]]], axis=1) * scale[:, None]


def inner_picture(frame: np.ndarray, to_face: np.ndarray, box: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The picture between open lips, stretched to ``size``: (H, W, 3) uint8 to (height, width, 3) uint8."""
    matrix = box_transform(to_face, box, size)
    return cv2.warpAffine(frame, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
