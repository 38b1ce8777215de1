"""Random warps of the plane, under which key points must move along (first-order motion model, Siarohin et al. 2019).

An affine map close to the identity, and a thin-plate spline over a grid of control points. As in its authors' code the
spline measures distance as |x| + |y|, and shifts both coordinates by the same amount.
"""

from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.methods.eamm_network_blocks import coordinate_grid

AFFINE_DEVIATION, SPLINE_DEVIATION = 0.05, 0.005
SIDE = 5
"""Control points in a row, from edge to edge."""
LEAST = 1e-6
"""Added to distances before their logarithm is taken."""


class Warp:
    """One warp for each picture.

    Args:
        affine: (N, 2, 3).
        pulls: (N, 25), the spline's weights.
    """

    def __init__(self, affine: Tensor, pulls: Tensor):
        self.affine, self.pulls = affine, pulls
        self.anchors = coordinate_grid(SIDE, SIDE, like=affine).flatten(0, 1)

    @classmethod
    def random(cls, count: int, device: torch.device) -> Self:
        """``count`` warps from torch's own random numbers."""
        affine = torch.eye(2, 3, device=device) + AFFINE_DEVIATION * torch.randn(count, 2, 3, device=device)
        return cls(affine, SPLINE_DEVIATION * torch.randn(count, SIDE**2, device=device))

    def points(self, points: Tensor) -> Tensor:
        """Warp points (N, K, 2): x, y with the picture in [-1, 1]."""
        distance = self._distances(points)
        shift = (distance.square() * (distance + LEAST).log()) @ self.pulls[..., None]
        return points @ self.affine[:, :, :2].mT + self.affine[:, None, :, 2] + shift

    def jacobian(self, points: Tensor) -> Tensor:
        """Derivative of ``points``: (N, K, 2) to (N, K, 2, 2), rows by warped coordinates."""
        distance = self._distances(points)
        slope = 2 * distance * (distance + LEAST).log() + distance.square() / (distance + LEAST)
        directions = (points[:, :, None] - self.anchors).sign()
        shift = ((slope * self.pulls[:, None])[..., None] * directions).sum(dim=2)
        return self.affine[:, None, :, :2] + shift[:, :, None]

    def pictures(self, pictures: Tensor) -> Tensor:
        """(N, C, H, W) whose pixel p shows the given picture at ``points(p)``; beyond its edge, its reflection."""
        height, width = pictures.shape[2:]
        grid = coordinate_grid(height, width, like=pictures).flatten(0, 1)
        places = self.points(grid.expand(len(pictures), -1, -1)).unflatten(1, (height, width))
        return functional.grid_sample(pictures, places, padding_mode="reflection", align_corners=False)

    def _distances(self, points: Tensor) -> Tensor:
        """From each control point: (N, K, 25)."""
        x, y = ((points[:, :, None, axis] - self.anchors[:, axis]).abs() for axis in (0, 1))
        return x + y
