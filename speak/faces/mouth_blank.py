"""A face without its mouth: where the head is and how it is turned, and nothing of what is said."""

import cv2
import numpy as np

from speak.faces.mouth_view import face_transforms, fill_missing

REGION = (0.75, 0.62, 1.75)
"""Half width, top and bottom of what is blanked, in face units (``speak.faces.mouth_view``): from below the nose to
below an open mouth's chin, and as wide as the jaw, which moves with speech too."""
GREY = 128
"""About 0 in a frame of [-1, 1]."""


def mouth_regions(landmarks: np.ndarray) -> np.ndarray:
    """Corners of what is blanked.

    Args:
        landmarks: (T, 478, 3) pixels; NaN rows are interpolated.

    Returns:
        (T, 4, 2) pixels.

    Raises:
        ValueError: no frame has a face.
    """
    to_face = face_transforms(fill_missing(landmarks))
    half, top, bottom = REGION
    corners = np.array([(-half, top), (half, top), (half, bottom), (-half, bottom)])
    offsets = corners - to_face[:, None, :, 2]
    return np.linalg.solve(to_face[:, None, :, :2], offsets[..., None])[..., 0]


def blank_mouths(frames: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Frames (T, H, W, 3) uint8 with ``mouth_regions`` (T, 4, 2) painted grey; a copy."""
    blank = np.array(frames)
    for frame, region in zip(blank, regions, strict=True):
        cv2.fillConvexPoly(frame, np.rint(region).astype(np.int32), (GREY,) * 3)
    return blank
