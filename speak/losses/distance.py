"""The paper's ‖a − b‖₂, made comparable between codes and pictures.

A picture has hundreds of times the elements of a code, and its norm would drown the others. So every norm is divided
by the square root of the number of elements: 1 means that elements differ by 1 (root mean square).
"""

import torch
from torch import Tensor


def distance(first: Tensor, second: Tensor) -> Tensor:
    """‖first − second‖₂ / sqrt(number of elements) of each sample: two (B, ...) to (B,); gradient 0 where equal."""
    difference = (first - second).flatten(1)
    return torch.linalg.vector_norm(difference, dim=1) / difference.shape[1] ** 0.5


def both(first: tuple[Tensor, Tensor], second: tuple[Tensor, Tensor]) -> Tensor:
    """The shape of eqs. 3, 4 and 7: ‖a − b‖ of one pair plus ‖c − d‖ of the other, batch means; scalar.

    Args:
        first: (a, b), each (B, ...).
        second: (c, d), each (B, ...).
    """
    return distance(*first).mean() + distance(*second).mean()
