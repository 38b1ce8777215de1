"""The mouth as seen from the face: rotation, position and size of the head taken out.

Eye corners, nose bridge and nose base do not move with speech. Fitting them to one template by a similarity transform
gives face coordinates (unit: distance of the outer eye corners; origin: between the eyes; y down). A mouth view is an
upright rectangle in these coordinates, placed once per clip on the clip's median mouth, so that what moves inside it is
the mouth and not the head.
"""

import cv2
import numpy as np

STABLE = (33, 133, 362, 263, 168, 6, 197, 195, 2, 98, 327)
TEMPLATE = np.array(
    [
        *((-0.5, 0.0), (-0.2, 0.01), (0.2, 0.01), (0.5, 0.0)),
        *((0.0, -0.01), (0.0, 0.11), (0.0, 0.22), (0.0, 0.33)),
        *((0.0, 0.59), (-0.16, 0.55), (0.16, 0.55)),
    ]
)
"""Where the stable landmarks of a frontal face lie, in units of the distance between the outer eye corners."""

CORNERS = (61, 291)
SMOOTHING = (0.25, 0.5, 0.25)
"""Weights over neighbouring frames: landmarks found frame by frame tremble by a fraction of a pixel."""


def fill_missing(landmarks: np.ndarray) -> np.ndarray:
    """Interpolate frames in which no face was found; before the first and after the last, repeat.

    Args:
        landmarks: (T, K, D), NaN rows where no face was found.

    Raises:
        ValueError: no frame has a face.
    """
    found = np.isfinite(landmarks).all(axis=(1, 2))
    if not found.any():
        raise ValueError("no face found in any frame")
    if found.all():
        return landmarks
    times = np.arange(len(landmarks))
    after = np.searchsorted(times[found], times).clip(0, found.sum() - 1)
    before = (after - (times[found][after] > times)).clip(0)
    start, end = times[found][before], times[found][after]
    share = np.where(end > start, (times - start) / np.maximum(end - start, 1), 0.0)[:, None, None]
    known = landmarks[found]
    return (known[before] * (1 - share) + known[after] * share).astype(landmarks.dtype)


def face_transforms(landmarks: np.ndarray) -> np.ndarray:
    """Least-squares similarity from pixels to face coordinates, one per frame.

    Args:
        landmarks: (T, 478, 2 or 3) pixels, no NaN.

    Returns:
        (T, 2, 3) float64.
    """
    points = landmarks[:, STABLE, 0] + 1j * landmarks[:, STABLE, 1]
    target = TEMPLATE[:, 0] + 1j * TEMPLATE[:, 1]
    centred = points - points.mean(axis=1, keepdims=True)
    factor = (centred.conj() * (target - target.mean())).sum(axis=1) / (np.abs(centred) ** 2).sum(axis=1)
    shift = target.mean() - factor * points.mean(axis=1)
    return _matrices(_smooth(factor), _smooth(shift))


def transform(matrices: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Apply (T, 2, 3) matrices to (T, K, 2) points."""
    return points @ matrices[:, :, :2].transpose(0, 2, 1) + matrices[:, None, :, 2]


def mouth_centre(landmarks: np.ndarray, to_face: np.ndarray) -> np.ndarray:
    """The clip's median midpoint of the mouth corners in face coordinates: (2,)."""
    return np.median(transform(to_face, landmarks[:, CORNERS, :2]).mean(axis=1), axis=0)


def view_transforms(
    to_face: np.ndarray, centre: np.ndarray, size: tuple[int, int], extent: tuple[float, float, float]
) -> np.ndarray:
    """From pixels to the pixels of the mouth view.

    Args:
        to_face: (T, 2, 3) of ``face_transforms``.
        centre: (2,) of ``mouth_centre``.
        size: width and height of the view in pixels.
        extent: half width of the view, and its reach above and below the centre, in face units.

    Returns:
        (T, 2, 3) float64.
    """
    half, above, below = extent
    scale = np.array([size[0] / (2 * half), size[1] / (above + below)])
    corner = centre - (half, above)
    return np.concatenate([to_face[:, :, :2], to_face[:, :, 2:] - corner[:, None]], axis=2) * scale[:, None]


def cut_views(frames: np.ndarray, matrices: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resample each frame into its view: (T, H, W[, 3]) uint8 to (T, height, width[, 3]) uint8."""
    flags = cv2.INTER_LINEAR
    views = [
        cv2.warpAffine(frame, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        for frame, matrix in zip(frames, matrices, strict=True)
    ]
    return np.stack(views)


def _matrices(factor: np.ndarray, shift: np.ndarray) -> np.ndarray:
    rows = [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    return np.array(rows).transpose(2, 0, 1)


def _smooth(values: np.ndarray) -> np.ndarray:
    padded = np.concatenate([values[:1], values, values[-1:]])
    return sum(w * padded[i : i + len(values)] for i, w in enumerate(SMOOTHING))
