"""The two generators of section 3.2.3, G_d and G_g (eq. 9): fused face codes and F become a frame.

    I_g = G_g(mlp(f_I, f_P), F)          F from audio and emotion
    I_d = G_d(mlp(f_I, f_P, f_E), F)     F with the learned null audio vector

Both are a ``Generator``: a ``Fusion`` that makes one face vector of the codes, and a *synthesis* that turns it and the
styles F into a frame. The synthesis is the part that knows what a frame is: ``stylegan.StyleGan`` makes pictures
(3, H, W); a small one makes feature vectors (D,).
"""

from typing import Protocol

import torch
from torch import Tensor, nn

from speak.models.codes import FACTORS, Codes
from speak.models.editing import Editing, EditingConfig
from speak.models.fusion import Fusion, FusionKind


class Synthesis(Protocol):
    """What turns styles into frames; an ``nn.Module`` with these members.

    Attributes:
        layers: number of style vectors it takes.
    """

    layers: int

    def __call__(self, face: Tensor, styles: Tensor) -> Tensor:
        """Make frames.

        Args:
            face: (N, C) fused face codes.
            styles: (N, layers, style), F of eq. 9.

        Returns:
            (N, *frame).
        """


class Generator(nn.Module):
    """Eq. 9.

    Args:
        factors: codes that are fused: ("identity", "pose") for G_g, all three for G_d.
        code: length C of each code.
        fusion: ``mlp`` or ``sum``.
        synthesis: makes the frames.
    """

    def __init__(self, factors: tuple[str, ...], code: int, fusion: FusionKind, synthesis: Synthesis):
        super().__init__()
        self.fusion = Fusion(factors, code, fusion)
        self.synthesis = synthesis

    def forward(self, codes: Codes, styles: Tensor) -> Tensor:
        """Codes of N faces and F (N, layers, style) to N frames."""
        return self.synthesis(self.fusion(codes), styles)


class IrfdGenerator(nn.Module):
    """G_d: an editing module that gets a learned null audio vector, and a generator that takes all three codes."""

    def __init__(self, editing: EditingConfig, code: int, fusion: FusionKind, synthesis: Synthesis):
        super().__init__()
        self.null_audio = nn.Parameter(torch.zeros(editing.audio))
        self.editing = Editing(editing, code, fusion, synthesis.layers)
        self.generator = Generator(FACTORS, code, fusion, synthesis)

    def forward(self, codes: Codes) -> Tensor:
        """Codes of N faces to N frames."""
        audio = self.null_audio.expand(len(codes), -1)
        return self.generator(codes, self.editing(codes, audio))
