"""EAMM, generator: the photo's features moved by the dense motion, darkened where they are hidden, and decoded."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.methods.eamm_network_blocks import COLOURS, ConvolveNormalise, Double, Halve, Residual, warp
from benchmarks.methods.eamm_network_motion import DenseMotion

FIRST = 64
HALVINGS, RESIDUALS = 2, 6
KERNEL = 7


class MotionRenderer(nn.Module):
    """Photo and key points to a picture.

    Args:
        width: divides the channels.
    """

    def __init__(self, width: int = 1):
        super().__init__()
        channels = [(FIRST // width) << level for level in range(HALVINGS + 1)]
        self.dense_motion_network = DenseMotion(width)
        self.first = ConvolveNormalise(COLOURS, channels[0], KERNEL)
        self.down_blocks = nn.ModuleList(Halve(*channels[level : level + 2]) for level in range(HALVINGS))
        self.up_blocks = nn.ModuleList(
            Double(channels[level + 1], channels[level]) for level in reversed(range(HALVINGS))
        )
        residuals = {f"r{index}": Residual(channels[-1]) for index in range(RESIDUALS)}
        self.bottleneck = nn.Sequential()
        for name, block in residuals.items():
            self.bottleneck.add_module(name, block)
        self.final = nn.Conv2d(channels[0], COLOURS, KERNEL, padding=KERNEL // 2)

    def forward(
        self, source_image: Tensor, kp_driving: dict[str, Tensor], kp_source: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Render.

        Args:
            source_image: (N, 3, 256, 256) in [0, 1], or (1, 3, 256, 256) where all are of one picture.
            kp_driving, kp_source: value (N, 10, 2) and jacobian (N, 10, 2, 2).

        Returns:
            prediction (N, 3, 256, 256) in (0, 1); deformed, the photo moved, of the same shape; mask,
            sparse_deformed and occlusion_map of ``DenseMotion``.
        """
        features = self.first(source_image)
        for block in self.down_blocks:
            features = block(features)
        features, source_image = (
            given.expand(len(kp_driving["value"]), -1, -1, -1) for given in (features, source_image)
        )
        motion = self.dense_motion_network(source_image, kp_driving, kp_source)
        deformation = motion.pop("deformation")
        hidden = _moved(features, deformation) * motion["occlusion_map"]
        hidden = self.bottleneck(hidden)
        for block in self.up_blocks:
            hidden = block(hidden)
        prediction = torch.sigmoid(self.final(hidden))
        return {"prediction": prediction, "deformed": _moved(source_image, deformation), **motion}


def _moved(images: Tensor, positions: Tensor) -> Tensor:
    """Warp pictures by positions that are first resized to them."""
    if positions.shape[1:3] != images.shape[2:]:
        channels_first = positions.permute(0, 3, 1, 2)
        resized = functional.interpolate(channels_first, size=images.shape[2:], mode="bilinear", align_corners=False)
        positions = resized.permute(0, 2, 3, 1)
    return warp(images, positions)
