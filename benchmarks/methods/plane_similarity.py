"""Rotation, scale and shift in the picture plane, and pictures moved by them."""

import cv2
import numpy as np
import skimage.transform

SOLID = 0.999
"""Share of a pixel that lies inside the picture laid on it; interpolation rounds a little."""


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The least-squares similarity without reflection: (K, 2) points to (K, 2) points, as a (2, 3) matrix.

    In the complex plane it is z → a z + b with a = Σ conj(z - z̄)(w - w̄) / Σ |z - z̄|² (the same as Umeyama 1991).
    """
    z, w = (points.astype(np.float64) @ np.array([1, 1j]) for points in (source, target))
    centred = z - z.mean()
    a = (centred.conj() * (w - w.mean())).sum() / (np.abs(centred) ** 2).sum()
    b = w.mean() - a * z.mean()
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def moved(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """(..., 2) points by a (2, 3) matrix."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def looked_up(picture: np.ndarray, matrix: np.ndarray, size: int) -> np.ndarray:
    """Square picture whose pixel p shows ``picture`` at ``matrix`` p, bilinearly, black outside.

    Args:
        picture: (H, W, 3) uint8 or float in [0, 1].
        matrix: (2, 3), from the result's pixels to the given picture's.
        size: of the result in pixels.

    Returns:
        (size, size, 3) float64 in [0, 1].
    """
    transform = skimage.transform.AffineTransform(matrix=np.vstack([matrix, [0, 0, 1]]))
    return skimage.transform.warp(picture, transform, output_shape=(size, size))


def laid_on(canvas: np.ndarray, picture: np.ndarray, to_picture: np.ndarray) -> np.ndarray:
    """Lay a picture on a canvas where its pixels came from.

    Args:
        canvas: (H, W, 3) uint8.
        picture: (h, w, 3) uint8.
        to_picture: (2, 3), from the canvas's pixels to the picture's.

    Returns:
        (H, W, 3) uint8; the canvas stays outside the picture.
    """
    height, width = canvas.shape[:2]
    options = {"flags": cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP}
    placed = cv2.warpAffine(picture, to_picture, (width, height), **options)
    inside = np.ones(picture.shape[:2], np.float32)
    share = cv2.warpAffine(inside, to_picture, (width, height), **options)[..., None]
    return np.where(share > SOLID, placed, canvas)


def inverse(matrix: np.ndarray) -> np.ndarray:
    """The (2, 3) matrix that leads back."""
    turned = np.linalg.inv(matrix[:, :2])
    return np.column_stack([turned, -turned @ matrix[:, 2]])
