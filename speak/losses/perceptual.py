"""L_vgg: a generated frame and the real one must look alike to a network that has learned to see.

``vgg19``: features of VGG19 (trained on ImageNet) at five depths, read from a weight file. ``encoders``: where there
is no such file, the project's own trained encoders; the depths are then the frame itself and its identity, emotion and
pose codes. Random features are never used: without weights ``vgg19`` is refused.
"""

from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Literal

import torch
import torchvision
from torch import Tensor, nn

from speak.assets import REGISTRY, asset
from speak.errors import UserError
from speak.losses.distance import distance
from speak.models.irfd import FaceEncoders

IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of red, green and blue in [0, 1]; torchvision's VGG19 expects them removed."""
DEPTHS = {1: 1 / 32, 6: 1 / 16, 11: 1 / 8, 20: 1 / 4, 29: 1.0}
"""Layers relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1 and their weights (pix2pixHD, Wang et al. 2018)."""
FRAME_WEIGHT, CODE_WEIGHT = 1.0, 0.1
"""Of ``encoders``: codes say whether it is the same person, feeling and pose, the frame says where everything is. With
equal weights the three codes outvote the frame and faces come out imprecise."""


@dataclass(frozen=True, kw_only=True)
class PerceptualConfig:
    """What looks.

    Attributes:
        features: ``vgg19`` (picture frames only) or ``encoders``.
        weights: file with torchvision's VGG19 weights, or ``registry`` (``speak.assets``); None with ``encoders``.
    """

    features: Literal["vgg19", "encoders"]
    weights: str | None

    def __post_init__(self):
        if (self.features == "vgg19") != (self.weights is not None):
            raise ValueError("vgg19 needs a weights file, encoders take none (weights: null)")


class VggFeatures(nn.Module):
    """VGG19 up to relu5_1, fixed."""

    def __init__(self, weights: Path):
        super().__init__()
        with torch.device("meta"):  # no memory and no random weights: the file's are the only ones
            self.layers = torchvision.models.vgg19(weights=None).features[: max(DEPTHS) + 1]
        self.layers.load_state_dict(_vgg_state(weights, self.layers), assign=True)
        self.requires_grad_(False)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN)[:, None, None])
        self.register_buffer("deviation", torch.tensor(IMAGENET_DEVIATION)[:, None, None])

    def forward(self, frame: Tensor) -> list[tuple[float, Tensor]]:
        """(N, 3, H, W) in [-1, 1] to the weight and the features of each depth."""
        hidden, features = ((frame + 1) / 2 - self.mean) / self.deviation, []
        for index, layer in enumerate(self.layers):
            hidden = torch.relu(hidden) if isinstance(layer, nn.ReLU) else layer(hidden)
            if index in DEPTHS:
                features.append((DEPTHS[index], hidden))
        return features


class EncoderFeatures(nn.Module):
    """The frame itself and its codes, from encoders that are trained already and stay as they are."""

    def __init__(self, encoders: FaceEncoders):
        super().__init__()
        self.encoders = encoders
        self.encoders.freeze(True)

    def forward(self, frame: Tensor) -> list[tuple[float, Tensor]]:
        """(N, *frame) to the weight and the features of each depth."""
        codes = self.encoders.encode(frame)
        seen = [(CODE_WEIGHT, code) for code in (codes.identity, codes.emotion, codes.pose)]
        return [(FRAME_WEIGHT, frame), *seen]


def build(config: PerceptualConfig, encoders: FaceEncoders | None) -> nn.Module:
    """The network that looks.

    Args:
        config: which.
        encoders: trained encoders for ``encoders``: a copy of their own, they are frozen here.

    Raises:
        UserError: weights cannot be read, or there are no trained encoders.
    """
    if config.features == "vgg19":
        return VggFeatures(asset("vgg19") if config.weights == REGISTRY else Path(config.weights))
    if encoders is None:
        raise UserError("perceptual loss: features are encoders, but no trained IRFD was given; train IRFD first")
    return EncoderFeatures(encoders)


def perceptual_loss(features: nn.Module, generated: Tensor, real: Tensor) -> Tensor:
    """Σ over depths of weight · ‖difference‖ / sqrt(elements), batch mean; scalar.

    Args:
        features: from ``build``.
        generated, real: (N, *frame).
    """
    with torch.no_grad():
        wanted = features(real)
    pairs = zip(features(generated), wanted, strict=True)
    return sum(weight * distance(made, seen).mean() for (weight, made), (_, seen) in pairs)


def _vgg_state(path: Path, layers: nn.Sequential) -> dict[str, Tensor]:
    """The convolutions' weights in a file of torchvision's VGG19."""
    if not path.is_file():
        raise UserError(
            f"{path}: no VGG19 weights here; put torchvision's vgg19-dcbb9e9d.pth there, let it be fetched "
            "(weights: registry), or use the project's encoders (features: encoders, weights: null)"
        )
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        return {name: content[f"features.{name}"] for name in layers.state_dict()}
    except (RuntimeError, UnpicklingError, KeyError, TypeError, EOFError) as error:
        raise UserError(f"{path}: not VGG19 weights of torchvision: {type(error).__name__}") from error
