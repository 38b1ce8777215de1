"""PC-AVS: frames that show mouth and head pose, but no longer who it is.

As published: a clip's colours are scaled, its shape is squeezed in one direction, stretched in the other and narrowed
towards one end, and its frames are blurred or sharpened; colour and shape change once for all frames, so that motion
stays. The shape changes in one step here, and mirrors the picture beyond all its edges.
"""

import cv2
import numpy as np

BRIGHTNESS = (0.3, 1.6)
SQUEEZE, SHIFT_SHARE = (15, 25), 0.5
"""Pixels of 224 that each side gives or takes, and the share of them by which the picture may move."""
NARROW, LARGER = (20, 30), (20, 40)
"""Pixels by which the lower corners of a square move, and by which it is larger or smaller than the picture."""
MEDIANS = (3, 5, 7, 9)
SHARPEN = np.full((3, 3), -1.0) + np.pad([[10.0]], 1)


def disguised(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another look for all frames of a clip: (F, S, S, 3) uint8 to the same."""
    matrix = _shape(frames.shape[1], rng)
    coloured = _coloured(frames, rng)
    shaped = [
        cv2.warpPerspective(frame, matrix, frame.shape[1::-1], borderMode=cv2.BORDER_REFLECT) for frame in coloured
    ]
    if rng.integers(2):
        return np.stack([cv2.medianBlur(frame, int(rng.choice(MEDIANS))) for frame in shaped])
    return np.stack([cv2.filter2D(frame, -1, SHARPEN) for frame in shaped])


def _coloured(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One, two neighbouring or all three channels made darker or brighter."""
    first = int(rng.integers(2))
    last = int(rng.integers(first + 1, 4))
    factors = np.ones(3)
    factors[first:last] = rng.uniform(*BRIGHTNESS)
    return np.minimum(frames * factors, 255).astype(np.uint8)


def _shape(size: int, rng: np.random.Generator) -> np.ndarray:
    """From the frame's pixels to the disguised frame's: (3, 3)."""
    squeeze = int(rng.integers(*SQUEEZE))
    shift = int(rng.integers(int(squeeze * SHIFT_SHARE)))
    scale = 1 + np.array([-2, 2]) * _sign(rng) * squeeze / size
    narrow, larger = (_sign(rng) * int(rng.integers(*span)) for span in (NARROW, LARGER))
    end = size + 2 * shift + larger
    square = np.array([[-larger, -larger], [end, -larger], [-larger, end], [end, end]], np.float32)
    moved = square + np.array([[0, 0], [0, 0], [narrow, 0], [-narrow, 0]], np.float32)
    stretch = np.diag([*scale, 1.0])
    stretch[:2, 2] = size / 2 * (1 - scale) + shift
    return cv2.getPerspectiveTransform(square, moved) @ stretch


def _sign(rng: np.random.Generator) -> int:
    return int(rng.choice([-1, 1]))
