"""Eq. 10: the discriminator learns to tell real from generated frames, the generator to pass.

    min_G max_D  E log D(x, y) + E log(1 − D(x, G(x))),   D = sigmoid(logit), x the identity frame.

The discriminator's side is the same in both forms. ``minmax`` lets the generator minimise log(1 − D), whose gradient
vanishes while D wins; ``nonsaturating``, the default, lets it maximise log D (Goodfellow et al. 2014). R1 (Mescheder
et al. 2018) keeps D smooth around real frames: γ/2 E‖∇_y D(x, y)‖².

D judges at several scales and patches: scales count alike, and so do the patches of a scale.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import softplus


@dataclass(frozen=True, kw_only=True)
class AdversarialConfig:
    """How eq. 10 is played.

    Attributes:
        form: of the generator's side.
        r1: γ; 0 for none.
    """

    form: Literal["nonsaturating", "minmax"]
    r1: float


def generator_loss(fake: list[Tensor], form: str) -> Tensor:
    """What G minimises; scalar.

    Args:
        fake: logits of generated frames, (N, ...) for each scale.
        form: ``nonsaturating``: − log D; ``minmax``: log(1 − D).
    """
    if form == "minmax":
        return _over_scales([-softplus(logits) for logits in fake])
    return _over_scales([softplus(-logits) for logits in fake])


def discriminator_loss(real: list[Tensor], fake: list[Tensor]) -> Tensor:
    """What D minimises, − log D(real) − log(1 − D(generated)); scalar. Generated frames come detached."""
    return _over_scales([softplus(-logits) for logits in real]) + _over_scales([softplus(logits) for logits in fake])


def r1_penalty(real: list[Tensor], frames: Tensor, gamma: float) -> Tensor:
    """γ/2 times the mean over the batch of the squared norm of D's gradient; scalar.

    Args:
        real: logits of ``frames``.
        frames: (N, *frame) real frames y that require a gradient.
        gamma: γ.
    """
    judged = sum(logits.flatten(1).mean(dim=1) for logits in real).sum() / len(real)
    (gradient,) = torch.autograd.grad(judged, frames, create_graph=True)
    return gamma / 2 * gradient.flatten(1).square().sum(dim=1).mean()


def _over_scales(values: list[Tensor]) -> Tensor:
    return sum(value.mean() for value in values) / len(values)
