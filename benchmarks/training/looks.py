"""What the perceptual losses of PC-AVS and EAMM look with.

Both were published with VGG19, whose weights are not everybody's. Without them the picture itself is compared, at
several sizes, and the training's figures say so; random features are never used.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from speak.assets import REGISTRY, asset
from speak.losses.perceptual import VggFeatures

HALVINGS = 3


@dataclass(frozen=True, kw_only=True)
class LooksConfig:
    """Attributes:
    features: ``vgg19``, or ``pixels`` at full, half, quarter and eighth size.
    weights: file with torchvision's VGG19 weights, or ``registry`` (``speak.assets``); None with ``pixels``.
    """

    features: Literal["vgg19", "pixels"]
    weights: str | None

    def __post_init__(self):
        if (self.features == "vgg19") != (self.weights is not None):
            raise ValueError("vgg19 needs a weights file, pixels take none (weights: null)")


class Pixels(nn.Module):
    """The picture at several sizes."""

    def forward(self, pictures: Tensor) -> list[tuple[float, Tensor]]:
        """(N, 3, H, W) to the weight of each size and the picture in it; weights sum to 1."""
        sizes = [pictures]
        for _ in range(HALVINGS):
            sizes.append(functional.avg_pool2d(sizes[-1], 2))
        return [(1 / len(sizes), size) for size in sizes]


def build(config: LooksConfig) -> nn.Module:
    """What looks. Raises UserError when VGG19's weights cannot be read."""
    if config.features == "pixels":
        return Pixels()
    return VggFeatures(asset("vgg19") if config.weights == REGISTRY else Path(config.weights))


def looks_loss(looks: nn.Module, made: Tensor, real: Tensor) -> Tensor:
    """Σ over features of weight · mean |difference|; scalar.

    Args:
        looks: from ``build``.
        made, real: (N, 3, H, W) in [-1, 1].
    """
    with torch.no_grad():
        wanted = looks(real)
    pairs = zip(looks(made), wanted, strict=True)
    return sum(weight * (have - want).abs().mean() for (weight, have), (_, want) in pairs)
