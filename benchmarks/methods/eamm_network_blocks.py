"""EAMM: the blocks that its networks share, those of the first-order motion model (Siarohin et al. 2019)."""

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional

KEYPOINTS = 10
COLOURS = 3


class ConvolveNormalise(nn.Module):
    """Convolution, batch normalisation, rectifier; sizes stay."""

    def __init__(self, inputs: int, outputs: int, size: int = 3):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, padding=size // 2)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H, W)."""
        return functional.relu(self.norm(self.conv(inputs)))


class Halve(ConvolveNormalise):
    """The same, then the mean of 2x2 pixels."""

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H/2, W/2)."""
        return functional.avg_pool2d(super().forward(inputs), 2)


class Double(ConvolveNormalise):
    """The same after each pixel is repeated 2x2."""

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, 2H, 2W)."""
        return super().forward(functional.interpolate(inputs, scale_factor=2, mode="nearest"))


class Residual(nn.Module):
    """Two convolutions, each normalised and rectified before it, added to the input."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(channels)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, C, H, W)."""
        hidden = self.conv1(functional.relu(self.norm1(inputs)))
        return inputs + self.conv2(functional.relu(self.norm2(hidden)))


class HourglassEncoder(nn.Module):
    """Features at every size, from the input down."""

    def __init__(self, channels: list[int]):
        super().__init__()
        pairs = itertools.pairwise(channels)
        self.down_blocks = nn.ModuleList(Halve(before, after) for before, after in pairs)

    def forward(self, inputs: Tensor) -> list[Tensor]:
        """(N, C, H, W) to the input and its features at H/2, H/4, ..."""
        features = [inputs]
        for block in self.down_blocks:
            features.append(block(features[-1]))
        return features


class HourglassDecoder(nn.Module):
    """Back to full size, joined with the encoder's features of the same size at each step."""

    def __init__(self, channels: list[int]):
        super().__init__()
        deepest = len(channels) - 1
        blocks = [
            Double(channels[level + 1] * (1 if level == deepest - 1 else 2), channels[level])
            for level in reversed(range(deepest))
        ]
        self.up_blocks = nn.ModuleList(blocks)

    def forward(self, features: list[Tensor]) -> Tensor:
        """The encoder's list to (N, outputs, H, W)."""
        *skips, hidden = features
        for block, skip in zip(self.up_blocks, reversed(skips), strict=True):
            hidden = torch.cat([block(hidden), skip], dim=1)
        return hidden


class Hourglass(nn.Module):
    """Encoder and decoder; the input itself is joined to the result.

    Args:
        inputs: channels of the input.
        first: channels of the decoder at full size; they double with each halving.
        most: largest number of channels.
        depth: number of halvings.
    """

    def __init__(self, inputs: int, first: int, most: int, depth: int):
        super().__init__()
        channels = [min(most, first << level) for level in range(depth + 1)]
        self.encoder = HourglassEncoder([inputs, *channels[1:]])
        self.decoder = HourglassDecoder(channels)
        self.outputs = first + inputs

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, first + inputs, H, W); H and W multiples of 2**depth."""
        return self.decoder(self.encoder(inputs))


class Quarter(nn.Module):
    """A quarter of the size: a Gaussian of 13x13 taps (a stored buffer), then every fourth pixel.

    The Gaussian is the product of one along rows and one along columns, so that both steps together are two products of
    matrices, on a CPU several times as fast as the convolution.
    """

    SIGMA, TAPS, STEP = 1.5, 13, 4

    def __init__(self):
        super().__init__()
        offsets = torch.arange(self.TAPS, dtype=torch.float32) - self.TAPS // 2
        line = torch.exp(-offsets.square() / (2 * self.SIGMA**2))
        kernel = torch.outer(line, line)
        self.register_buffer("weight", (kernel / kernel.sum()).repeat(COLOURS, 1, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) to (N, 3, H/4, W/4); black is assumed around the picture."""
        height, width = images.shape[2:]
        return self._means(height) @ images @ self._means(width).mT

    def _means(self, size: int) -> Tensor:
        """(size / 4, size): which pixels of a line each pixel of the smaller line is made of."""
        line = self.weight[:1, 0].sum(dim=1, keepdim=True)
        pixels = torch.eye(size, dtype=line.dtype, device=line.device)[:, None]
        return functional.conv1d(pixels, line, stride=self.STEP, padding=self.TAPS // 2)[:, 0].mT


def channels_last(network: nn.Module) -> nn.Module:
    """The same network, whose convolutions keep the channels of a pixel side by side: quicker where they are few."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            module.to(memory_format=torch.channels_last)
    return network


def coordinate_grid(height: int, width: int, like: Tensor) -> Tensor:
    """(height, width, 2): x and y of each pixel, -1 at the first pixel's centre and 1 at the last's."""
    x = torch.linspace(-1, 1, width, dtype=like.dtype, device=like.device)
    y = torch.linspace(-1, 1, height, dtype=like.dtype, device=like.device)
    rows, columns = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([columns, rows], dim=2)


def warp(images: Tensor, positions: Tensor) -> Tensor:
    """Look up pictures at positions, bilinearly; zero outside.

    ``align_corners=False``: -1 and 1 are the outer edges of the picture, half a pixel beyond what ``coordinate_grid``
    calls them. The original has this mismatch and was trained with it.

    Args:
        images: (N, C, H, W).
        positions: (N, h, w, 2), x and y in [-1, 1].

    Returns:
        (N, C, h, w).
    """
    return functional.grid_sample(images, positions, mode="bilinear", padding_mode="zeros", align_corners=False)
