"""Small parts: encoders, synthesis and discriminator for frames that are vectors (``speak.models.small_frame``).

They stand in for ResNet50, StyleGAN2 and the picture discriminator behind the same interfaces, so that IRFD, the
editing module, SPEAK, the losses and the ablations are the paper's while a training takes seconds of one core.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from speak.models.editing import adain
from speak.models.small_frame import SmallFrameConfig

SLOPE = 0.2
SCALES = (("head", "upper", "mouth"), ("mouth",))
"""What each scale of the discriminator looks at: the whole face, and the mouth by itself."""


@dataclass(frozen=True, kw_only=True)
class SmallFaceConfig:
    """Sizes.

    Attributes:
        frame: what a frame is.
        encoder: width of the encoders' layers.
        hidden: width of the synthesis; a multiple of ``channels``.
        channels: groups that AdaIN normalises.
        layers: layers of the synthesis, each with a style vector of its own.
    """

    frame: SmallFrameConfig
    encoder: int
    hidden: int
    channels: int
    layers: int


@dataclass(frozen=True, kw_only=True)
class SmallDiscriminatorConfig:
    """Sizes.

    Attributes:
        frame: what a frame is.
        hidden: width of the layers.
    """

    frame: SmallFrameConfig
    hidden: int


class SmallEncoder(nn.Module):
    """A residual MLP on the blocks that its factor may see, beside a linear path."""

    def __init__(self, factor: str, code: int, config: SmallFaceConfig):
        super().__init__()
        view = config.frame.view(factor)
        self.register_buffer("view", torch.tensor(view), persistent=False)
        self.enter = nn.Linear(len(view), config.encoder)
        self.inner = nn.Linear(config.encoder, config.encoder)
        self.leave = nn.Linear(config.encoder, code)
        self.straight = nn.Linear(len(view), code)

    def forward(self, frame: Tensor) -> Tensor:
        """(N, D) frames to (N, code)."""
        seen = frame[:, self.view]
        hidden = functional.leaky_relu(self.enter(seen), SLOPE)
        hidden = hidden + functional.leaky_relu(self.inner(hidden), SLOPE)
        return self.straight(seen) + self.leave(hidden)


class SmallLayer(nn.Module):
    """One layer of the synthesis: AdaIN with style = affine(F_layer) + affine(face), as eq. 9 is read (row 10)."""

    def __init__(self, face: int, style: int, config: SmallFaceConfig):
        super().__init__()
        self.channels = config.channels
        self.connect = nn.Linear(config.hidden, config.hidden)
        self.from_style = nn.Linear(style, 2 * config.channels)
        self.from_face = nn.Linear(face, 2 * config.channels)
        self.style_in = nn.Linear(style, config.hidden)
        self.leave = nn.Linear(config.hidden, config.hidden)

    def forward(self, hidden: Tensor, face: Tensor, style: Tensor) -> Tensor:
        """(N, hidden), (N, C) and (N, style) to (N, hidden)."""
        scale, shift = (self.from_style(style) + self.from_face(face)).chunk(2, dim=1)
        inner = functional.leaky_relu(self.connect(hidden) + self.style_in(style), SLOPE)
        inner = adain(inner.unflatten(1, (self.channels, -1)), 1 + scale, shift).flatten(1)
        return hidden + self.leave(inner)


class SmallSynthesis(nn.Module):
    """Fused face codes and F to a frame (``speak.models.generator.Synthesis``)."""

    def __init__(self, face: int, style: int, config: SmallFaceConfig):
        super().__init__()
        self.layers = config.layers
        self.enter = nn.Linear(face, config.hidden)
        self.steps = nn.ModuleList(SmallLayer(face, style, config) for _ in range(config.layers))
        self.leave = nn.Linear(config.hidden, config.frame.size)
        self.straight = nn.Linear(face, config.frame.size)

    def forward(self, face: Tensor, styles: Tensor) -> Tensor:
        """(N, C) and (N, layers, style) to (N, D)."""
        hidden = functional.leaky_relu(self.enter(face), SLOPE)
        for index, step in enumerate(self.steps):
            hidden = step(hidden, face, styles[:, index])
        return self.straight(face) + self.leave(hidden)


class SmallDiscriminator(nn.Module):
    """Is this a frame of a real clip of this person? One MLP for each of ``SCALES``; the identity is given whole."""

    def __init__(self, config: SmallDiscriminatorConfig):
        super().__init__()
        frame = config.frame
        self.views = [frame.positions(blocks) for blocks in SCALES]
        self.scales = nn.ModuleList(
            nn.Sequential(
                nn.Linear(frame.size + len(view), config.hidden), nn.LeakyReLU(SLOPE),
                nn.Linear(config.hidden, config.hidden), nn.LeakyReLU(SLOPE),
                nn.Linear(config.hidden, 1),
            )
            for view in self.views
        )  # fmt: skip

    def forward(self, identity: Tensor, frame: Tensor) -> list[Tensor]:
        """(N, D) identity frames and (N, D) frames to the logits of each scale, (N, 1)."""
        return [
            scale(torch.cat([identity, frame[:, view]], dim=1))
            for scale, view in zip(self.scales, self.views, strict=True)
        ]


def small_encoder(factor: str, code: int, config: SmallFaceConfig) -> SmallEncoder:
    """The encoder of one of ``FACTORS``: (N, D) to (N, code)."""
    return SmallEncoder(factor, code, config)


def small_synthesis(face: int, style: int, config: SmallFaceConfig) -> SmallSynthesis:
    """The synthesis for fused codes of length ``face`` and style vectors of length ``style``."""
    return SmallSynthesis(face, style, config)
