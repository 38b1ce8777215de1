"""A StyleGAN2-type synthesis network (Karras et al. 2020) for the generators of section 3.2.3.

A learned 4x4 constant is convolved and doubled in size until it is a picture. What it shows is decided by the styles:
each convolution's input channels are scaled by a style (*modulated*), and its output channels divided by the size that
this gives them (*demodulated*), so that unit-variance inputs leave with unit variance whatever the style. After each
convolution noise is added, the same for every frame in evaluation mode. At each size the picture so far is doubled and
a 1x1 convolution adds detail to it.

"At convolutional block we add mlp results of f'_R": the style of layer l is affine(F_l) + affine(mlp of the codes).

Simpler than the original: sizes double by bilinear interpolation after the first convolution of a size (same work as
its transposed convolution, and no extra blur), and weights are plain (no equalised rate), as the paper's Adam rate of
0.0001 suits.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

EPSILON = 1e-8
SMALLEST = 4
GAIN = math.sqrt(2)
"""Undoes the loss of variance in the leaky rectifier, as StyleGAN2 does."""


@dataclass(frozen=True, kw_only=True)
class StyleGanConfig:
    """Size of the network.

    Attributes:
        size: of the picture in pixels; a power of two, at least 8.
        base: channels at size r are ``base / r``, but at most ``most``; StyleGAN2's is 32768.
        most: largest number of channels; StyleGAN2's is 512.
    """

    size: int
    base: int
    most: int

    def __post_init__(self):
        if self.size < 2 * SMALLEST or self.size & (self.size - 1):
            raise ValueError(f"size must be a power of two and at least {2 * SMALLEST}, got {self.size}")

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sizes from 4 to that of the picture."""
        return tuple(2**power for power in range(2, self.size.bit_length()))

    def channels(self, size: int) -> int:
        """Channels at a size."""
        return min(self.base // size, self.most)


class Style(nn.Module):
    """affine(F_layer) + affine(face): the factors on a convolution's input channels, 1 at first on average."""

    def __init__(self, face: int, style: int, channels: int):
        super().__init__()
        self.from_style = nn.Linear(style, channels)
        self.from_face = nn.Linear(face, channels, bias=False)
        nn.init.ones_(self.from_style.bias)

    def forward(self, face: Tensor, style: Tensor) -> Tensor:
        """(N, C) and (N, style) to (N, channels)."""
        return self.from_style(style) + self.from_face(face)


def modulated_convolution(inputs: Tensor, weight: Tensor, factors: Tensor, demodulate: bool) -> Tensor:
    """Convolution whose input channels are scaled per sample; the input and output are scaled, not the weight.

    With w' = s_i w_oik, demodulation divides output channel o by sqrt(Σ_ik w'² + ε) (eqs. 1 and 3 of StyleGAN2).

    Args:
        inputs: (N, I, H, W).
        weight: (O, I, k, k), k odd.
        factors: (N, I), s.
        demodulate: divide or not.

    Returns:
        (N, O, H, W).
    """
    outputs = functional.conv2d(inputs * factors[..., None, None], weight, padding=weight.shape[2] // 2)
    if not demodulate:
        return outputs
    power = factors.square() @ weight.square().sum(dim=(2, 3)).T
    return outputs * (power + EPSILON).rsqrt()[..., None, None]


class StyledConvolution(nn.Module):
    """Modulated 3x3 convolution, doubling where asked, noise, bias and leaky rectifier."""

    def __init__(self, channels: tuple[int, int], size: int, style: Style, double: bool):
        super().__init__()
        before, after = channels
        self.double = double
        self.style = style
        self.weight = nn.Parameter(torch.randn(after, before, 3, 3) / math.sqrt(9 * before))
        self.bias = nn.Parameter(torch.zeros(after, 1, 1))
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.register_buffer("noise", torch.randn(1, 1, size, size))

    def forward(self, inputs: Tensor, face: Tensor, style: Tensor) -> Tensor:
        """(N, before, H, W) to (N, after, size, size)."""
        hidden = modulated_convolution(inputs, self.weight, self.style(face, style), demodulate=True)
        if self.double:
            hidden = _double(hidden)
        noise = torch.randn_like(hidden[:, :1]) if self.training else self.noise
        hidden = hidden + self.noise_strength * noise + self.bias
        return GAIN * functional.leaky_relu(hidden, 0.2)


class ToPicture(nn.Module):
    """Modulated 1x1 convolution to red, green and blue, not demodulated."""

    def __init__(self, channels: int, style: Style):
        super().__init__()
        self.style = style
        self.weight = nn.Parameter(torch.randn(3, channels, 1, 1) / math.sqrt(channels))
        self.bias = nn.Parameter(torch.zeros(3, 1, 1))

    def forward(self, hidden: Tensor, face: Tensor, style: Tensor) -> Tensor:
        """(N, channels, H, W) to (N, 3, H, W)."""
        return modulated_convolution(hidden, self.weight, self.style(face, style), demodulate=False) + self.bias


class StyleGan(nn.Module):
    """The synthesis network; a ``generator.Synthesis`` whose frames are pictures.

    Args:
        face: length of the fused face codes.
        style: length of each style vector of F.
        config: sizes.
    """

    def __init__(self, face: int, style: int, config: StyleGanConfig):
        super().__init__()
        sizes = config.sizes
        self.layers = 2 * len(sizes)
        first = config.channels(SMALLEST)
        self.constant = nn.Parameter(torch.randn(1, first, SMALLEST, SMALLEST))
        self.convolutions, self.pictures = nn.ModuleList(), nn.ModuleList()
        before = first
        for size in sizes:
            after = config.channels(size)
            pairs = [(after, after)] if size == SMALLEST else [(before, after), (after, after)]
            for index, pair in enumerate(pairs):
                double = size > SMALLEST and index == 0
                self.convolutions.append(StyledConvolution(pair, size, Style(face, style, pair[0]), double))
            self.pictures.append(ToPicture(after, Style(face, style, after)))
            before = after

    def forward(self, face: Tensor, styles: Tensor) -> Tensor:
        """Fused codes (N, face) and F (N, layers, style) to pictures (N, 3, size, size), about [-1, 1].

        As in StyleGAN2 there are 2 log2(size) - 2 styles: one for each convolution, and one for the last 1x1
        convolution; the other 1x1 convolutions share the style of the convolution that follows.
        """
        hidden = self.constant.expand(len(face), -1, -1, -1)
        picture = None
        for layer, convolution in enumerate(self.convolutions):
            hidden = convolution(hidden, face, styles[:, layer])
            if layer % 2 == 0:
                detail = self.pictures[layer // 2](hidden, face, styles[:, layer + 1])
                picture = detail if picture is None else _double(picture) + detail
        return picture


def _double(picture: Tensor) -> Tensor:
    return functional.interpolate(picture, scale_factor=2, mode="bilinear", align_corners=False)
