"""The layers of StyleGAN2 (Karras et al. 2020) as PC-AVS and EAMM use them, with the names of their published weights.

Two ideas: weights are drawn with unit variance and scaled when used (*equalised rate*), and every convolution's input
channels are scaled by a style and its output channels divided by the length this gives them. Unlike the project's own
``speak.models.stylegan`` sizes double by a transposed convolution followed by a blur, and the blur kernels and noise
pictures are part of the weights.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

TAPS = (1.0, 3.0, 3.0, 1.0)
"""Blur of the original: binomial, 4 taps."""
SLOPE = 0.2
GAIN = math.sqrt(2)
EPSILON = 1e-8
DOUBLING_GAIN = 4.0
"""Zeros between samples quarter the mean; the kernel makes up for it."""


class Blur(nn.Module):
    """Low-pass filter with a stored 4x4 kernel: correlates with the flipped kernel after padding with zeros.

    Args:
        before, after: zeros added on the left and top, on the right and bottom.
        spread: whether zeros are put between samples first, which doubles the size.
    """

    def __init__(self, before: int, after: int, spread: bool):
        super().__init__()
        taps = torch.tensor(TAPS)
        square = torch.outer(taps, taps)
        self.register_buffer("kernel", square / square.sum() * DOUBLING_GAIN)
        self.before, self.after, self.spread = before, after, spread

    def forward(self, picture: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C, H', W')."""
        batch, channels, height, width = picture.shape
        if self.spread:
            wide = picture.new_zeros(batch, channels, 2 * height, 2 * width)
            wide[:, :, ::2, ::2] = picture
            picture = wide
        padded = functional.pad(picture, (self.before, self.after) * 2)
        kernel = self.kernel.flip(0, 1).expand(channels, 1, -1, -1)
        return functional.conv2d(padded, kernel, groups=channels)


class EqualLinear(nn.Module):
    """y = (W · rate / √inputs) x + rate · b, with W drawn from N(0, 1/rate²); ``rate`` slows its learning."""

    def __init__(self, inputs: int, outputs: int, rate: float = 1.0, bias: float = 0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias))
        self.rate, self.scale = rate, rate / math.sqrt(inputs)

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, inputs) to (N, outputs)."""
        return functional.linear(inputs, self.weight * self.scale, self.bias * self.rate)


class ModulatedConvolution(nn.Module):
    """Convolution whose weight is w_oik s_i / √(fan-in), divided per output channel by its length (eqs. 1 and 3).

    Args:
        inputs, outputs: channels.
        size: of the kernel, odd.
        style: length of the style vector.
        demodulate: divide by the length or not.
        double: transposed convolution of stride 2 and a blur.
    """

    def __init__(self, inputs: int, outputs: int, size: int, style: int, *, demodulate: bool, double: bool):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, outputs, inputs, size, size))
        if double:
            self.blur = Blur(1, 1, spread=False)
        self.modulation = EqualLinear(style, inputs, bias=1.0)
        self.scale = 1 / math.sqrt(inputs * size**2)
        self.demodulate, self.doubles = demodulate, double

    def forward(self, hidden: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """(N, inputs, H, W) and (N, style) to (N, outputs, H', W') and the factors (N, 1, inputs, 1, 1)."""
        batch, channels, height, width = hidden.shape
        factors = self.modulation(style).view(batch, 1, channels, 1, 1)
        weight = self.scale * self.weight * factors
        if self.demodulate:
            weight = weight * torch.rsqrt(weight.square().sum(dim=(2, 3, 4), keepdim=True) + EPSILON)
        joined = hidden.reshape(1, batch * channels, height, width)  # each sample is a group of its own
        if self.doubles:
            kernels = weight.transpose(1, 2).flatten(0, 1)
            result = functional.conv_transpose2d(joined, kernels, stride=2, groups=batch)
        else:
            result = functional.conv2d(joined, weight.flatten(0, 1), padding=weight.shape[-1] // 2, groups=batch)
        result = result.view(batch, -1, *result.shape[2:])
        return self.blur(result) if self.doubles else result, factors


class Noise(nn.Module):
    """Adds one noise picture to all channels, with a learned strength that starts at 0."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, hidden: Tensor, noise: Tensor | None) -> Tensor:
        """(N, C, H, W); ``noise`` (1 or N, 1, H, W), or None to draw it anew."""
        if noise is None:
            noise = torch.randn_like(hidden[:, :1])
        return hidden + self.weight * noise


class Activation(nn.Module):
    """√2 · leaky_relu(x + b) with slope 0.2."""

    def __init__(self, channels: int):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, hidden: Tensor) -> Tensor:
        """(N, C, H, W)."""
        return GAIN * functional.leaky_relu(hidden + self.bias, SLOPE)


class StyledConvolution(nn.Module):
    """Modulated 3x3 convolution, noise, activation."""

    def __init__(self, inputs: int, outputs: int, style: int, *, double: bool = False):
        super().__init__()
        self.conv = ModulatedConvolution(inputs, outputs, 3, style, demodulate=True, double=double)
        self.noise = Noise()
        self.activate = Activation(outputs)

    def forward(self, hidden: Tensor, style: Tensor, noise: Tensor | None) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H or 2H, W or 2W)."""
        result, _ = self.conv(hidden, style)
        return self.activate(self.noise(result, noise))


class ToPicture(nn.Module):
    """Modulated 1x1 convolution to ``outputs`` channels, added to the doubled picture so far."""

    def __init__(self, inputs: int, outputs: int, style: int, *, double: bool = True):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1, outputs, 1, 1))
        if double:
            self.upsample = Blur(2, 1, spread=True)
        self.conv = ModulatedConvolution(inputs, outputs, 1, style, demodulate=False, double=False)

    def forward(self, hidden: Tensor, style: Tensor, picture: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(N, inputs, H, W) and the picture (N, outputs, H/2, W/2) to (N, outputs, H, W) and the factors."""
        detail, factors = self.conv(hidden, style)
        detail = detail + self.bias
        return (detail if picture is None else detail + self.upsample(picture)), factors


class LearnedConstant(nn.Module):
    """The picture that StyleGAN2 starts from."""

    def __init__(self, channels: int, size: int):
        super().__init__()
        self.input = nn.Parameter(torch.randn(1, channels, size, size))


class MappingLayer(EqualLinear):
    """One layer of the mapping network: equalised linear at a hundredth of the rate, then √2 · leaky rectifier."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__(inputs, outputs, rate=0.01)

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, inputs) to (N, outputs)."""
        return GAIN * functional.leaky_relu(super().forward(inputs), SLOPE)


class UnitPower(nn.Module):
    """Divides each vector by the root of its mean square."""

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, C)."""
        return inputs * torch.rsqrt(inputs.square().mean(dim=1, keepdim=True) + EPSILON)


class Synthesis(nn.Module):
    """All parts of a StyleGAN2 generator under their published names.

    Args:
        channels: channels at each size, smallest size first; each size is twice the one before.
        style: length of the style vector.
        outputs: channels of the picture.
    """

    MAPPING_LAYERS = 8

    def __init__(self, channels: Mapping[int, int], style: int, outputs: int):
        super().__init__()
        (first, *sizes), most = list(channels), next(iter(channels.values()))
        layers = [MappingLayer(style, style) for _ in range(self.MAPPING_LAYERS)]
        self.style = nn.Sequential(UnitPower(), *layers)
        self.input = LearnedConstant(most, first)
        self.conv1 = StyledConvolution(most, most, style)
        self.to_rgb1 = ToPicture(most, outputs, style, double=False)
        self.convs, self.to_rgbs, self.noises = nn.ModuleList(), nn.ModuleList(), nn.Module()
        before = most
        for size in sizes:
            after = channels[size]
            self.convs += [StyledConvolution(before, after, style, double=True), StyledConvolution(after, after, style)]
            self.to_rgbs.append(ToPicture(after, outputs, style))
            before = after
        for index, size in enumerate([first, *(size for size in sizes for _ in range(2))]):
            self.noises.register_buffer(f"noise_{index}", torch.randn(1, 1, size, size))

    def synthesise(self, start: Tensor, style: Tensor, fresh_noise: bool) -> tuple[Tensor, list[Tensor]]:
        """From the smallest features to the picture, the same style at every layer.

        Args:
            start: (N, channels of the smallest size, s, s).
            style: (N, style).
            fresh_noise: draw noise anew instead of using the stored pictures.

        Returns:
            (N, outputs, S, S), unbounded, and the factors of each 1x1 convolution.
        """
        stored = iter(self.noises.buffers())
        noise = [None if fresh_noise else next(stored) for _ in range(1 + len(self.convs))]
        hidden = self.conv1(start, style, noise[0])
        picture, factors = self.to_rgb1(hidden, style)
        collected = [factors]
        for index, to_picture in enumerate(self.to_rgbs):
            for layer in (2 * index, 2 * index + 1):
                hidden = self.convs[layer](hidden, style, noise[layer + 1])
            picture, factors = to_picture(hidden, style, picture)
            collected.append(factors)
        return picture, collected
