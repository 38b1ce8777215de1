"""How a head has moved between two pictures: rotation, scale and shift in three dimensions, expression left out.

Only landmarks that neither speech nor expression moves take part, so nothing about the mouth gets through.
"""

import numpy as np

STEADY = (
    *(10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1, 2, 98, 327),  # forehead, bridge and base of the nose
    *(33, 133, 362, 263, 127, 356, 162, 389, 234, 454),  # eye corners, temples
    *(54, 284, 103, 332, 67, 297, 109, 338),  # hairline
)


def rigid_motions(source: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares similarity (Umeyama 1991) from one set of landmarks to each of T others.

    Args:
        source: (478, 3) pixels, z in the same scale.
        targets: (T, 478, 3) pixels, no NaN.

    Returns:
        matrices (T, 3, 3) (rotation times scale) and shifts (T, 3): ``target ≈ matrix @ source + shift``.
    """
    return similarity(source[STEADY, :].astype(np.float64), targets[:, STEADY].astype(np.float64))


def similarity(source: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares similarity (Umeyama 1991) of (K, 3) points to each of (T, K, 3): (T, 3, 3) and (T, 3)."""
    source_mean, target_mean = source.mean(axis=0), targets.mean(axis=1)
    centred, targets_centred = source - source_mean, targets - target_mean[:, None]
    u, spread, v = np.linalg.svd(targets_centred.transpose(0, 2, 1) @ centred)
    sign = np.sign(np.linalg.det(u @ v))
    spread[:, 2] *= sign
    u[:, :, 2] *= sign[:, None]
    scale = spread.sum(axis=1) / (centred**2).sum()
    matrices = scale[:, None, None] * (u @ v)
    return matrices, target_mean - matrices @ source_mean


def apply(matrices: np.ndarray, shifts: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Move (K, 3) or (T, K, 3) points by T motions: (T, K, 3)."""
    return points @ matrices.transpose(0, 2, 1) + shifts[:, None]


def undo(matrices: np.ndarray, shifts: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Take T motions of ``rigid_motions`` back from (T, K, 3) points; NaN where a motion shrank all to one spot."""
    squared_scales = (matrices**2).sum(axis=(1, 2), keepdims=True) / 3
    with np.errstate(invalid="ignore", divide="ignore"):
        return (points - shifts[:, None]) @ matrices / squared_scales
