"""EAMM: from key points to where each pixel comes from (the dense motion network of the first-order motion model)."""

import torch
from torch import Tensor, nn

from benchmarks.methods.eamm_network_blocks import COLOURS, KEYPOINTS, Hourglass, Quarter, coordinate_grid, warp

FIRST, MOST, DEPTH = 64, 1024, 5
KERNEL = 7
VARIANCE = 0.01
"""Of the Gaussian that marks a key point, in units of half the picture squared."""


class DenseMotion(nn.Module):
    """Weighs eleven motions, one of each key point and one of the still background, at every pixel.

    Args:
        width: divides the channels.
    """

    def __init__(self, width: int = 1):
        super().__init__()
        layers = KEYPOINTS + 1
        self.hourglass = Hourglass(layers * (COLOURS + 1), FIRST // width, MOST // width, DEPTH)
        self.mask = nn.Conv2d(self.hourglass.outputs, layers, KERNEL, padding=KERNEL // 2)
        self.occlusion = nn.Conv2d(self.hourglass.outputs, 1, KERNEL, padding=KERNEL // 2)
        self.down = Quarter()

    def forward(self, image: Tensor, driving: dict[str, Tensor], source: dict[str, Tensor]) -> dict[str, Tensor]:
        """Estimate the motion at a quarter of the size.

        Args:
            image: (N, 3, H, W) in [0, 1].
            driving, source: value (N, 10, 2) and jacobian (N, 10, 2, 2) of the wanted and of the given picture.

        Returns:
            sparse_deformed (N, 11, 3, H/4, W/4): the picture moved by each motion; mask (N, 11, H/4, W/4), summing
            to 1; deformation (N, H/4, W/4, 2): positions in [-1, 1]; occlusion_map (N, 1, H/4, W/4) in (0, 1).
        """
        small = self.down(image)
        grid = coordinate_grid(*small.shape[2:], like=small)
        motions = _motions(grid, driving, source)
        moved = _moved(small, motions)
        marks = _marks(grid, driving["value"]) - _marks(grid, source["value"])
        marks = torch.cat([torch.zeros_like(marks[:, :1]), marks], dim=1)
        features = self.hourglass(torch.cat([marks[:, :, None], moved], dim=2).flatten(1, 2))
        mask = torch.softmax(self.mask(features), dim=1)
        return {
            "sparse_deformed": moved,
            "mask": mask,
            "deformation": (motions * mask[..., None]).sum(dim=1),
            "occlusion_map": torch.sigmoid(self.occlusion(features)),
        }


def _marks(grid: Tensor, points: Tensor) -> Tensor:
    """A Gaussian around each point: grid (h, w, 2) and points (N, K, 2) to (N, K, h, w)."""
    distance = (grid - points[:, :, None, None]).square().sum(dim=-1)
    return torch.exp(-0.5 * distance / VARIANCE)


def _motions(grid: Tensor, driving: dict[str, Tensor], source: dict[str, Tensor]) -> Tensor:
    """Where each pixel z comes from: z, and s_k + J_s J_d⁻¹ (z - d_k) for each key point (eq. 4): (N, 11, h, w, 2)."""
    matrices = source["jacobian"] @ torch.inverse(driving["jacobian"])
    offsets = grid - driving["value"][:, :, None, None]
    turned = torch.einsum("nkij,nkhwj->nkhwi", matrices, offsets)
    moving = turned + source["value"][:, :, None, None]
    return torch.cat([grid.expand(len(moving), 1, -1, -1, -1), moving], dim=1)


def _moved(image: Tensor, motions: Tensor) -> Tensor:
    """The picture (N, 3, h, w) moved by each of (N, 11, h, w, 2): (N, 11, 3, h, w)."""
    layers = motions.shape[1]
    repeated = image.repeat_interleave(layers, dim=0)
    return warp(repeated, motions.flatten(0, 1)).unflatten(0, (-1, layers))
