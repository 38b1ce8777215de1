"""Fréchet distance between two sets of features, each taken as a Gaussian (FID, Heusel et al. 2017):

‖μ₁ - μ₂‖² + tr(Σ₁ + Σ₂ - 2 (Σ₁ Σ₂)^½).
"""

import numpy as np

from speak.metrics.measurement import SetMetric


def frechet_distance(reference: np.ndarray, generated: np.ndarray) -> float:
    """Squared Fréchet distance of the Gaussians fitted to two sets.

    The trace of the root is the sum of the singular values of the product of the two centred sets: of their smaller
    size, exact, and never complex.

    Args:
        reference: (N, D), N at least 2.
        generated: (M, D), M at least 2.

    Returns:
        0 or more; biased upwards for few features, the more so the fewer.

    Raises:
        ValueError: fewer than two rows.
    """
    if min(len(reference), len(generated)) < 2:
        raise ValueError("a covariance needs two rows or more")
    (mean, spread), (other_mean, other_spread) = (_gaussian(rows) for rows in (reference, generated))
    root = np.linalg.svd(spread @ other_spread.T, compute_uv=False).sum()
    total = ((mean - other_mean) ** 2).sum() + (spread**2).sum() + (other_spread**2).sum() - 2 * root
    return float(max(total, 0.0))


def _gaussian(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (D,), and B (K, D) with BᵀB the covariance, K at most D."""
    rows = rows.astype(np.float64)
    centred = (rows - rows.mean(axis=0)) / np.sqrt(len(rows) - 1)
    if len(centred) > centred.shape[1]:
        centred = np.linalg.qr(centred, mode="r")
    return rows.mean(axis=0), centred


FID = SetMetric(
    name="fid",
    id="fid-inception2015-256-v1",
    title="FID",
    unit="",
    higher_is_better=False,
    decimals=1,
    summary="Fréchet distance between Gaussians fitted to Inception features of all reference and all generated frames "
    "of a dataset. Biased upwards for few frames: compare equal n only.",
    source="Heusel et al. 2017",
    compute=frechet_distance,
)
