"""Kernel distance between two sets of features (KID, Bińkowski et al. 2018).

The unbiased estimate of the squared maximum mean discrepancy under the kernel k(x, y) = (x·y / D + 1)³. It has no bias
for few features, and may be below 0.
"""

import numpy as np

from speak.metrics.measurement import SetMetric

DEGREE = 3


def kernel_distance(reference: np.ndarray, generated: np.ndarray) -> float:
    """Squared maximum mean discrepancy of two sets, all rows at once.

    Args:
        reference: (N, D), N at least 2.
        generated: (M, D), M at least 2.

    Raises:
        ValueError: fewer than two rows.
    """
    if min(len(reference), len(generated)) < 2:
        raise ValueError("an unbiased estimate needs two rows or more")
    within = _mean_apart(reference) + _mean_apart(generated)
    return float(within - 2 * _kernel(reference, generated).mean())


def _mean_apart(rows: np.ndarray) -> float:
    """Mean kernel of two different rows."""
    table = _kernel(rows, rows)
    return (table.sum() - np.trace(table)) / (len(rows) * (len(rows) - 1))


def _kernel(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one.astype(np.float64) @ other.astype(np.float64).T / one.shape[1] + 1) ** DEGREE


KID = SetMetric(
    name="kid",
    id="kid-inception2015-256-cubic-v1",
    title="KID",
    unit="",
    higher_is_better=False,
    decimals=4,
    summary="Squared maximum mean discrepancy, cubic kernel, of the same features: one unbiased estimate over all "
    "frames, no subsets. May be a little below 0.",
    source="Bińkowski et al. 2018",
    compute=kernel_distance,
)
