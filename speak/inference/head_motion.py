"""Where the points of a speaking face go when its head follows another clip."""

from collections.abc import Iterator

import cv2
import numpy as np

from speak.faces import mouth_view
from speak.faces.mouth_shape import CHIN, POINTS
from speak.faces.rigid import apply, rigid_motions

OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
CROWN = (10, 338, 297, 332, 284, 251, 389, 356, 454, 234, 127, 162, 21, 54, 103, 67, 109)
"""The upper part of the oval; hair lies around it."""
FEATURES = (
    *(33, 133, 362, 263, 159, 386, 145, 374, 70, 105, 107, 336, 334, 300),  # eyes, brows
    *(168, 6, 197, 195, 4, 2, 98, 327, 50, 280, 205, 425),  # nose, cheeks
)
HEAD = FEATURES + tuple(index for index in OVAL if index not in CHIN)
EARS = (234, 454)
HAIR_REACH = 1.4
"""Hair is carried along as far out as this, times the distance of the oval from the middle of the head."""

REACH = 0.9
"""Face units that the head may go from its place in the identity picture; beyond, the background would fold over."""

Placement = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def placements(
    identity: np.ndarray, to_face: np.ndarray, moves: np.ndarray, pose_landmarks: np.ndarray
) -> Iterator[Placement]:
    """For each frame, how the identity picture must be bent.

    Args:
        identity: (478, 3) landmarks of the identity frame.
        to_face: (2, 3) its face transform.
        moves: (T, 53, 2) displacement of lips and chin by speech, in face units.
        pose_landmarks: (T, 478, 3) of the driving clip, at least one row finite.

    Yields:
        control points (K, 2) and their displacement (K, 2), both in the identity's face coordinates; the lip and chin
        points (53, 2) in the frame's own face coordinates; the frame's face transform (2, 3).
    """
    driving = _calm(mouth_view.fill_missing(pose_landmarks).astype(np.float64))
    matrices, shifts = rigid_motions(identity, driving)
    shifts = _within_reach(matrices, shifts, identity, to_face)
    to_face_then = mouth_view.face_transforms(apply(matrices, shifts, identity))
    points = _control_points(identity)
    start = _to(to_face, points[:, :2])
    back = cv2.invertAffineTransform(to_face)[:, :2]
    for matrix, shift, move, axes in zip(matrices, shifts, moves, to_face_then, strict=True):
        spoken = points.copy()
        spoken[: len(POINTS), :2] += move @ back.T
        end = (spoken @ matrix.T + shift)[:, :2]
        yield start, _to(to_face, end) - start, _to(axes, end[: len(POINTS)]), axes


def _control_points(landmarks: np.ndarray) -> np.ndarray:
    """Lips and chin first, then the rest of the face, then the hair around it: (K, 3) pixels.

    Hair is seen where the head ends, so it turns as deep in the head as the ears lie.
    """
    middle = landmarks[OVAL, :].mean(axis=0)
    hair = middle + HAIR_REACH * (landmarks[CROWN, :] - middle)
    hair[:, 2] = landmarks[EARS, 2].mean()
    return np.concatenate([landmarks[POINTS, :], landmarks[HEAD, :], hair]).astype(np.float64)


def _within_reach(matrices: np.ndarray, shifts: np.ndarray, identity: np.ndarray, to_face: np.ndarray) -> np.ndarray:
    """Shifts (T, 3) shortened such that no head goes further than ``REACH``."""
    head = identity[HEAD, :].mean(axis=0)
    way = matrices @ head + shifts - head
    length = np.linalg.norm(way[:, :2] @ to_face[:, :2].T, axis=1)
    excess = 1 - np.minimum(1, REACH / np.maximum(length, 1e-9))
    return shifts - way * excess[:, None]


def _to(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ matrix[:, :2].T + matrix[:, 2]


def _calm(landmarks: np.ndarray) -> np.ndarray:
    """Average neighbouring frames: landmarks found frame by frame tremble."""
    padded = np.concatenate([landmarks[:1], landmarks, landmarks[-1:]])
    return 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]
