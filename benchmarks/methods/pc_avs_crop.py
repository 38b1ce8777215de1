"""PC-AVS: how a face is brought into the 224x224 picture that its networks see, and back.

Two steps, as published. Eyes and mouth of a clip, averaged over its frames, are brought to fixed places by one
similarity, and each frame is shifted so that its own mouth stays there; then 32 rows at the bottom and 16 columns on
each side are cut off and the rest is enlarged again.
"""

import cv2
import numpy as np

from benchmarks.methods.plane_similarity import moved, similarity
from speak.faces.points68 import points68

SIZE = 224
EYES_AND_MOUTH = np.array([[87, 59], [137, 59], [112, 120]], np.float64)
"""Where the middles of the eye in the left and in the right half and of the inner lips are brought."""
FIRST_EYE, SECOND_EYE, INNER_LIPS = slice(36, 42), slice(42, 48), slice(60, 68)
CALM = 0.2
"""Share of the previous frame's shift in each frame's."""
SIDE = 16
KEPT = SIZE - 2 * SIDE


def alignments(landmarks: np.ndarray) -> np.ndarray:
    """From each frame's pixels to the aligned 224x224 picture.

    Args:
        landmarks: (T, 478, 3) pixels of a clip or of a single picture, all finite.

    Returns:
        (T, 2, 3): one rotation and scale for all, a shift for each.
    """
    points = points68(landmarks)
    places = np.stack([points[:, part].mean(axis=1) for part in (FIRST_EYE, SECOND_EYE, INNER_LIPS)], axis=1)
    matrix = similarity(places.mean(axis=0), EYES_AND_MOUTH)
    matrices = np.repeat(matrix[None], len(points), axis=0)
    shift = None
    for index, mouth in enumerate(places[:, 2]):
        own = EYES_AND_MOUTH[2] - moved(mouth, matrix)
        shift = own if shift is None else CALM * shift + (1 - CALM) * own
        matrices[index, :, 2] += shift
    return matrices


def crop(frame: np.ndarray, alignment: np.ndarray) -> np.ndarray:
    """What the networks see: (H, W, 3) uint8 to (224, 224, 3) uint8, black where the frame ends."""
    aligned = cv2.warpAffine(frame, alignment, (SIZE, SIZE))
    return cv2.resize(aligned[:KEPT, SIDE : SIDE + KEPT], (SIZE, SIZE))


def to_crop(alignment: np.ndarray) -> np.ndarray:
    """From the frame's pixels to the crop's, as (2, 3); the enlargement keeps outer edges, not pixel centres."""
    enlarge = SIZE / KEPT
    matrix = alignment * enlarge
    matrix[:, 2] += (0.5 - np.array([SIDE, 0])) * enlarge - 0.5
    return matrix


def to_tensor_range(frames: np.ndarray) -> np.ndarray:
    """(T, H, W, 3) uint8 to (T, 3, H, W) float32 in [-1, 1]."""
    return frames.transpose(0, 3, 1, 2).astype(np.float32) / 255 * 2 - 1
