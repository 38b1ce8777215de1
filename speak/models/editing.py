"""The editing module of section 3.2.2: what is said and felt, brought into line with the face that says it.

The audio vector f_a and the emotion code f_E enter together. Then, level by level: a fully connected block, random
noise, and AdaIN with f'_R (the fused face codes). Every level gives one style vector, F of eq. 9, to one layer of the
generator. "Channel-wise" normalisation needs channels: the hidden vector is split into ``channels`` groups.

While IRFD is trained there is no audio; a learned null audio vector takes its place (``generator.IrfdGenerator``). In
evaluation mode the noise is zero, so that the same codes give the same styles.

Generic: it sees codes and audio vectors only, so ``paper`` and ``small`` parts share it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from speak.models.codes import FACTORS, Codes
from speak.models.fusion import Fusion, FusionKind

EPSILON = 1e-5
"""Added to the variance in AdaIN."""


@dataclass(frozen=True, kw_only=True)
class EditingConfig:
    """Size of the editing module.

    Attributes:
        audio: length A of an audio vector f_a; the audio encoder ends in it.
        hidden: width of the fully connected blocks; a multiple of ``channels``.
        channels: groups that AdaIN normalises.
        style: length of each style vector of F.
    """

    audio: int
    hidden: int
    channels: int
    style: int


def adain(hidden: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Adaptive instance normalisation (Huang and Belongie 2017): scale (x − µ) / σ + shift, per sample and channel.

    Args:
        hidden: (N, C, P); µ and σ are taken over P.
        scale, shift: (N, C).

    Returns:
        (N, C, P).
    """
    centred = hidden - hidden.mean(dim=2, keepdim=True)
    deviation = (centred.square().mean(dim=2, keepdim=True) + EPSILON).sqrt()
    return scale[..., None] * centred / deviation + shift[..., None]


class EditingLevel(nn.Module):
    """One level: fully connected, noise, AdaIN with f'_R, and the style vector that leaves here."""

    def __init__(self, config: EditingConfig, face: int):
        super().__init__()
        self.channels = config.channels
        self.connect = nn.Linear(config.hidden, config.hidden)
        self.noise_strength = nn.Parameter(torch.zeros(config.hidden))
        self.affine = nn.Linear(face, 2 * config.channels)
        self.style = nn.Linear(config.hidden, config.style)

    def forward(self, hidden: Tensor, face: Tensor) -> tuple[Tensor, Tensor]:
        """(N, hidden) and f'_R (N, C) to the next hidden vector and the style (N, style)."""
        hidden = nn.functional.leaky_relu(self.connect(hidden), 0.2)
        if self.training:
            hidden = hidden + self.noise_strength * torch.randn_like(hidden)
        scale, shift = self.affine(face).chunk(2, dim=1)
        grouped = hidden.unflatten(1, (self.channels, -1))
        hidden = adain(grouped, 1 + scale, shift).flatten(1)
        return hidden, self.style(hidden)


class Editing(nn.Module):
    """Audio vectors and codes to F.

    Args:
        config: sizes.
        code: length C of each code.
        fusion: how f'_R is made of the three codes.
        layers: styles wanted; ``synthesis.layers`` of the generator that takes them.
    """

    def __init__(self, config: EditingConfig, code: int, fusion: FusionKind, layers: int):
        super().__init__()
        self.face = Fusion(FACTORS, code, fusion)
        self.enter = nn.Linear(config.audio + code, config.hidden)
        self.levels = nn.ModuleList(EditingLevel(config, code) for _ in range(layers))

    def forward(self, codes: Codes, audio: Tensor) -> Tensor:
        """Make F.

        Args:
            codes: of N faces, (N, C) each.
            audio: (N, A) audio vectors f_a.

        Returns:
            (N, layers, style).
        """
        face = self.face(codes)
        hidden = nn.functional.leaky_relu(self.enter(torch.cat([audio, codes.emotion], dim=1)), 0.2)
        styles = []
        for level in self.levels:
            hidden, style = level(hidden, face)
            styles.append(style)
        return torch.stack(styles, dim=1)
