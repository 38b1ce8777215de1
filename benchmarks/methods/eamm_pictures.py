"""EAMM: the photo and the emotional clip as its networks see them."""

from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.methods.plane_similarity import looked_up, similarity
from speak.assets import asset
from speak.faces.points68 import points68

SIZE = 256
PHOTO_POINTS, EMOTION_POINTS = slice(0, 47), slice(0, 35)
MOUTH_ROWS, MOUTH_COLUMNS = slice(160, 220), slice(85, 185)
LARGEST_TURN_DEG = 30.0
SKEW_PX, GROWTH_PX = (20, 30), (20, 40)
"""Ranges, upper ends left out, of what the corners are moved by."""


@dataclass(frozen=True, kw_only=True)
class Disturbance:
    """What is done to the emotional clip before it is shown, as in the original's training and at inference too.

    Attributes:
        seed: of everything random.
        flip, turn, skew: mirror the clip half of the time; turn it by up to 30 degrees; skew each frame.
    """

    seed: int = 0
    flip: bool = True
    turn: bool = True
    skew: bool = True


def template() -> np.ndarray:
    """(68, 2) points of the face that photos are aligned to (asset ``eamm_template``). Raises UserError."""
    return np.load(asset("eamm_template"), allow_pickle=False).astype(np.float64)


def photo_alignment(landmarks: np.ndarray, template_points: np.ndarray) -> np.ndarray:
    """From the aligned 256x256 photo's pixels to the frame's: similarity of points 0 to 46, (2, 3).

    Args:
        landmarks: (478, 3) pixels of the frame.
        template_points: (68, 2).
    """
    return similarity(template_points[PHOTO_POINTS], points68(landmarks)[PHOTO_POINTS])


def align_photo(frame: np.ndarray, alignment: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 to (256, 256, 3) uint8, rounded down as the original does."""
    return (looked_up(frame, alignment, SIZE) * 255).astype(np.uint8)


def align_emotion(frames: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Bring points 0 to 34 of each frame where they are in the first.

    Args:
        frames: (T, 256, 256, 3) uint8.
        landmarks: (T, 478, 3) pixels, finite.

    Returns:
        (T, 256, 256, 3) float32 in [0, 1], black where a frame ends.
    """
    points = points68(landmarks)[:, EMOTION_POINTS]
    aligned = np.empty((len(frames), SIZE, SIZE, 3), np.float32)
    for index, (frame, own) in enumerate(zip(frames, points, strict=True)):
        aligned[index] = _laid(frame, similarity(points[0], own))
    return aligned


def disturb(frames: np.ndarray, disturbance: Disturbance) -> np.ndarray:
    """Replace the mouth by noise, so that emotion cannot be read from speech; then mirror, turn and skew.

    Args:
        frames: (T, 256, 256, 3) float32 in [0, 1].
        disturbance: which of these.

    Returns:
        A new array of the same shape and type.
    """
    random = np.random.default_rng(disturbance.seed)
    result = frames.copy()
    box = result[:, MOUTH_ROWS, MOUTH_COLUMNS]
    box[:] = random.random(box.shape)
    mirrored = disturbance.flip and random.random() < 0.5
    angle = random.uniform(-LARGEST_TURN_DEG, LARGEST_TURN_DEG) if disturbance.turn else 0.0
    turn = cv2.getRotationMatrix2D(((SIZE - 1) / 2, (SIZE - 1) / 2), angle, 1.0)
    for index, frame in enumerate(result):  # one by one: a minute of them takes a gigabyte
        changed = np.ascontiguousarray(frame[:, ::-1]) if mirrored else frame
        if disturbance.turn:
            changed = cv2.warpAffine(changed, turn, (SIZE, SIZE))
        result[index] = _skewed(changed, random) if disturbance.skew else changed
    return result


def _laid(frame: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """uint8 to float32 in [0, 1], looked up at ``matrix`` of each pixel; black outside."""
    options = {"flags": cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP}
    return cv2.warpAffine(frame.astype(np.float32) / 255, matrix, (SIZE, SIZE), **options)


def _skewed(frame: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Corners grown or shrunk by one amount, and two of them moved against each other by another."""
    skew, growth = (random.integers(*limits) * random.choice([-1, 1]) for limits in (SKEW_PX, GROWTH_PX))
    near, far = -growth, SIZE + growth
    corners = np.array([[near, near], [near, far], [far, near], [far, far]], np.float32)
    shifted = corners + np.array([[0, 0], [skew, 0], [0, 0], [-skew, 0]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, shifted)
    return cv2.warpPerspective(frame.astype(np.float32), matrix, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE)
