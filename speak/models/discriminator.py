"""The multiscale discriminator D(x, y) of eq. 10: is y a real frame, given the identity frame x?

Patch discriminators as in pix2pixHD (Wang et al. 2018): the two pictures side by side in channels, a few strided
convolutions, and one logit for each patch; the same again on the picture halved, and halved again, so that both detail
and the whole face are judged.

A discriminator is any module that takes (identity, frame) and returns a list of logit tensors, one for each scale.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from speak.models.small import SmallDiscriminator, SmallDiscriminatorConfig


@dataclass(frozen=True, kw_only=True)
class MultiscaleConfig:
    """Size of the picture discriminator; pix2pixHD's is 3, 4, 64, 512.

    Attributes:
        scales: number of patch discriminators, each on half the size of the last.
        convolutions: strided and plain convolutions before the one that gives logits.
        channels: after the first convolution, doubled by each.
        most: largest number of channels.
    """

    scales: int
    convolutions: int
    channels: int
    most: int


@dataclass(frozen=True, kw_only=True)
class DiscriminatorConfig:
    """Which discriminator; the section of the other kind of parts is None."""

    parts: Literal["paper", "small"]
    paper: MultiscaleConfig | None
    small: SmallDiscriminatorConfig | None

    def __post_init__(self):
        if getattr(self, self.parts) is None:
            raise ValueError(f"parts are {self.parts}, but section {self.parts} is missing")


class MultiscaleDiscriminator(nn.Module):
    """For pictures."""

    def __init__(self, config: MultiscaleConfig):
        super().__init__()
        self.scales = nn.ModuleList(_patches(config) for _ in range(config.scales))

    def forward(self, identity: Tensor, frame: Tensor) -> list[Tensor]:
        """Two (N, 3, H, W) in [-1, 1] to logits (N, 1, h, w), one tensor for each scale, finest first."""
        pair = torch.cat([identity, frame], dim=1)
        logits = []
        for patches in self.scales:
            logits.append(patches(pair))
            pair = functional.avg_pool2d(pair, 3, stride=2, padding=1, count_include_pad=False)
        return logits


KINDS = {"paper": MultiscaleDiscriminator, "small": SmallDiscriminator}


def build(config: DiscriminatorConfig) -> nn.Module:
    """Make the discriminator with fresh weights."""
    return KINDS[config.parts](getattr(config, config.parts))


def _patches(config: MultiscaleConfig) -> nn.Sequential:
    """Strided convolutions but for the last, instance norm but for the first, then one logit a patch."""
    layers, before = [], 6
    for index in range(config.convolutions):
        after = min(config.channels * 2**index, config.most)
        stride = 1 if index == config.convolutions - 1 else 2
        layers.append(nn.Conv2d(before, after, 4, stride=stride, padding=2))
        layers += [nn.InstanceNorm2d(after)] if index > 0 else []
        layers.append(nn.LeakyReLU(0.2))
        before = after
    return nn.Sequential(*layers, nn.Conv2d(before, 1, 4, padding=2))
