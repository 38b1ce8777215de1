"""PC-AVS's discriminator: are these patches of a real picture? And what both sides of the game lose.

Two equal patch discriminators, on the picture and on its half size, as in SPADE (Park et al. 2019), from which the
authors' program descends: spectral and instance norm in all but the first and last layer, hinge loss.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

SCALES = 2
CHANNELS = (64, 128, 256, 512)
"""Of the four layers before the one that judges; all but the last of them halve the size."""
KERNEL, PADDING, SLOPE = 4, 2, 0.2
INIT_GAIN = 0.02
"""Of Glorot's normal distribution, from the authors' options."""


class Patches(nn.Module):
    """One scale.

    Args:
        width: divides the channels.
    """

    def __init__(self, width: int):
        super().__init__()
        channels = [count // width for count in CHANNELS]
        layers = [nn.Sequential(_convolution(3, channels[0], 2), nn.LeakyReLU(SLOPE))]
        for index, (before, after) in enumerate(pairwise(channels), start=1):
            stride = 1 if index == len(channels) - 1 else 2
            convolution = spectral_norm(_convolution(before, after, stride, bias=False))
            layers.append(nn.Sequential(convolution, nn.InstanceNorm2d(after), nn.LeakyReLU(SLOPE)))
        self.layers = nn.ModuleList([*layers, _convolution(channels[-1], 1, 1)])

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """(N, 3, H, W) to what each layer makes of them; the last is one number a patch, (N, 1, h, w)."""
        made = []
        for layer in self.layers:
            pictures = layer(pictures)
            made.append(pictures)
        return made


class Judge(nn.Module):
    """Both scales.

    Args:
        width: divides the channels.
    """

    def __init__(self, width: int = 1):
        super().__init__()
        self.scales = nn.ModuleList(Patches(width) for _ in range(SCALES))

    def forward(self, pictures: Tensor) -> list[list[Tensor]]:
        """(N, 3, H, W) in [-1, 1] to, for each scale, the picture itself, four layers and the judgement."""
        seen = []
        for patches in self.scales:
            seen.append([pictures, *patches(pictures)])
            pictures = functional.avg_pool2d(pictures, 3, stride=2, padding=1, count_include_pad=False)
        return seen


def parted(seen: list[list[Tensor]]) -> tuple[list[list[Tensor]], list[list[Tensor]]]:
    """What the judge saw in a batch, as its first and its second half."""
    halves = [[tensor.chunk(2) for tensor in layers] for layers in seen]
    return tuple([[pair[side] for pair in layers] for layers in halves] for side in (0, 1))


def passing(made: list[list[Tensor]]) -> Tensor:
    """The generator's hinge loss, -mean of the judgement, averaged over scales; scalar."""
    return -torch.stack([layers[-1].float().mean() for layers in made]).mean()


def telling(real: list[list[Tensor]], made: list[list[Tensor]]) -> Tensor:
    """The judge's hinge loss, mean of max(0, 1 - real) + max(0, 1 + made), averaged over scales; scalar."""
    own = [functional.relu(1 - layers[-1].float()).mean() for layers in real]
    other = [functional.relu(1 + layers[-1].float()).mean() for layers in made]
    return (torch.stack(own) + torch.stack(other)).mean()


def matching(made: list[list[Tensor]], real: list[list[Tensor]]) -> Tensor:
    """L1 between what each layer but the judging one sees, the picture included: summed, averaged over scales."""
    pairs = zip(made, real, strict=True)
    distances = [
        functional.l1_loss(have.float(), want.detach().float())
        for own, wanted in pairs
        for have, want in zip(own[:-1], wanted[:-1], strict=True)
    ]
    return torch.stack(distances).sum() / SCALES


def _convolution(inputs: int, outputs: int, stride: int, bias: bool = True) -> nn.Conv2d:
    made = nn.Conv2d(inputs, outputs, KERNEL, stride=stride, padding=PADDING, bias=bias)
    nn.init.xavier_normal_(made.weight, INIT_GAIN)
    if bias:
        nn.init.zeros_(made.bias)
    return made
