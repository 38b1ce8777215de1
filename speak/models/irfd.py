"""IRFD, section 3.1: three encoders take a face apart, a generator puts it together from the codes of two faces.

A *frame* is whatever the parts agree on: (3, 256, 256) in [-1, 1] for ``paper`` parts, a feature vector (D,) for
``small`` parts. Nothing here looks inside a frame. A set of parts is a ``FaceParts``: an encoder for each factor and a
synthesis for the generators; ``PARTS`` names the two sets. Editing module, fusion, classifier and losses are the same.

How small parts plug in: ``speak/models/small.py`` (imports codes, editing and generator, never this module) has
``SmallFaceConfig``, ``small_encoder(factor, code, config)`` and ``small_synthesis(face, style, config)``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from speak.data.clip import EMOTIONS
from speak.errors import UserError
from speak.models.codes import FACTORS, Codes, join
from speak.models.editing import EditingConfig
from speak.models.encoders import FaceEncoder, Resnet
from speak.models.exchange import Exchange
from speak.models.fusion import FusionKind
from speak.models.generator import IrfdGenerator, Synthesis
from speak.models.small import SmallFaceConfig, small_encoder, small_synthesis
from speak.models.stylegan import StyleGan, StyleGanConfig


@dataclass(frozen=True, kw_only=True)
class PaperFaceConfig:
    """Sizes of the paper's parts; resnet50 and a synthesis of 256 pixels are the paper's."""

    encoder: Resnet
    synthesis: StyleGanConfig


@dataclass(frozen=True, kw_only=True)
class IrfdConfig:
    """Which parts, and their sizes.

    Attributes:
        parts: ``paper`` (ResNet50 encoders, StyleGAN2 synthesis) or ``small``.
        code: length C of each code.
        fusion: how codes are fused (eqs. 5 and 9).
        editing: the editing module.
        paper: sizes of ``paper`` parts; None where ``small`` are used.
        small: sizes of ``small`` parts; None where ``paper`` are used.
    """

    parts: Literal["paper", "small"]
    code: int
    fusion: FusionKind
    editing: EditingConfig
    paper: PaperFaceConfig | None
    small: SmallFaceConfig | None

    def __post_init__(self):
        if getattr(self, self.parts) is None:
            raise ValueError(f"parts are {self.parts}, but section {self.parts} is missing")


@dataclass(frozen=True)
class FaceParts:
    """Constructors: ``encoder(factor)`` gives frame -> (N, C); ``synthesis()`` makes a new ``Synthesis``."""

    encoder: Callable[[str], nn.Module]
    synthesis: Callable[[], Synthesis]


def _paper(config: IrfdConfig) -> FaceParts:
    return FaceParts(
        lambda factor: FaceEncoder(config.code, config.paper.encoder),
        lambda: StyleGan(config.code, config.editing.style, config.paper.synthesis),
    )


def _small(config: IrfdConfig) -> FaceParts:
    return FaceParts(
        lambda factor: small_encoder(factor, config.code, config.small),
        lambda: small_synthesis(config.code, config.editing.style, config.small),
    )


PARTS = {"paper": _paper, "small": _small}


def face_parts(config: IrfdConfig) -> FaceParts:
    """The constructors of ``config.parts``."""
    return PARTS[config.parts](config)


class FaceEncoders(nn.Module):
    """E_i, E_e and E_p: all that SPEAK keeps of IRFD (section 4.2)."""

    def __init__(self, encoder: Callable[[str], nn.Module]):
        super().__init__()
        self.identity_encoder = encoder("identity")
        self.emotion_encoder = encoder("emotion")
        self.pose_encoder = encoder("pose")
        self.frozen = False

    def freeze(self, frozen: bool) -> None:
        """Stop or resume training of the encoders; while frozen their batch statistics stand still as well."""
        self.frozen = frozen
        self.requires_grad_(not frozen)
        self.train(self.training)

    def train(self, mode: bool = True) -> "FaceEncoders":
        """As ``nn.Module.train``, but frozen encoders stay in evaluation mode."""
        return super().train(mode and not self.frozen)

    def encode(self, frame: Tensor) -> Codes:
        """N frames to their codes, (N, C) each."""
        return Codes(self.identity_encoder(frame), self.emotion_encoder(frame), self.pose_encoder(frame))

    def adopt(self, state: dict[str, Tensor]) -> None:
        """Take the three encoders out of an ``Irfd``'s state; G_d and the classifier are left behind.

        Raises:
            UserError: the state is that of other parts or sizes.
        """
        prefixes = tuple(f"{factor}_encoder." for factor in FACTORS)
        kept = {name: value for name, value in state.items() if name.startswith(prefixes)}
        try:
            self.load_state_dict(kept)
        except RuntimeError as error:
            raise UserError(f"IRFD checkpoint: its encoders do not fit these parameters: {error}") from error


class Irfd(FaceEncoders):
    """Encoders, the emotion classifier C_m and the generator G_d."""

    def __init__(self, encoder: Callable[[str], nn.Module], code: int, generator: IrfdGenerator):
        super().__init__(encoder)
        self.classifier = nn.Linear(code, len(EMOTIONS))
        self.generator = generator

    def decode(self, codes: Codes) -> Tensor:
        """G_d: codes of N faces to N frames."""
        return self.generator(codes)

    def forward(self, faces: Tensor, identities: Tensor, choice: Tensor) -> Exchange:
        """Fig. 2: encode S and T, exchange a factor, generate, encode what was generated.

        Args:
            faces: (2 B, *frame) S, then T.
            identities: (2 B, *frame) the frames in which E_i reads who they are.
            choice: (B,) integers, the factor to exchange in each pair, index into ``FACTORS``.
        """
        size = len(choice)
        codes = Codes(self.identity_encoder(identities), self.emotion_encoder(faces), self.pose_encoder(faces))
        own, other = codes.split(size)
        mixed = own.swapped_each(other, choice), other.swapped_each(own, choice)
        made = self.decode(join([*mixed, codes]))
        seen = self.encode(made[: 2 * size]).split(size)
        parts = made.split(size)
        logits = self.classifier(codes.emotion).split(size)
        return Exchange(own, other, *mixed, *parts[:2], *seen, *parts[2:], *logits, choice)


def build(config: IrfdConfig) -> Irfd:
    """Make IRFD with fresh weights."""
    parts = face_parts(config)
    generator = IrfdGenerator(config.editing, config.code, config.fusion, parts.synthesis())
    return Irfd(parts.encoder, config.code, generator)
