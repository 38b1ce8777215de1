"""PC-AVS, netG: a StyleGAN2 generator that starts from the identity's feature map instead of a constant.

The style vector is [identity | mouth | head pose] and modulates every layer as it is: the mapping network is stored
with the weights but not used.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from benchmarks.methods.stylegan2_layers import Synthesis

SMALLEST = 7
CHANNELS = {7: 512, 14: 512, 28: 512, 56: 512, 112: 256, 224: 128}
STYLE = 2560


class PoseModulatedGenerator(Synthesis):
    """Style and identity map to a picture.

    Args:
        width: divides the channels and the length of the style.
        size: of the picture in pixels: 7 times a power of two, up to 224.
    """

    def __init__(self, width: int = 1, size: int = 224):
        channels = {at: count // width for at, count in CHANNELS.items() if at <= size}
        super().__init__(channels, STYLE // width, 3)

    def forward(
        self, styles: Sequence[Tensor], identity_style: Tensor | None = None, randomize_noise: bool = True
    ) -> tuple[Tensor, list[Tensor]]:
        """Render pictures.

        Args:
            styles: one tensor (N, 2560 / width), in a list as the original is called.
            identity_style: (N, 512 / width, 7, 7); None takes the stored constant.
            randomize_noise: draw noise anew (the original's way); otherwise the stored pictures.

        Returns:
            (N, 3, size, size) in [-1, 1] RGB, and the factors of the 1x1 convolutions, each (N, 1, C, 1, 1).
        """
        (style,) = styles
        start = self.input.input.expand(len(style), -1, -1, -1) if identity_style is None else identity_style
        picture, factors = self.synthesise(start, style, randomize_noise)
        return torch.tanh(picture), factors
