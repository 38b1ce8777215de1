"""Eq. 1: the same person close together in the identity code, different persons further apart.

As printed, both distances are between codes of the SAME person (S with its reconstruction, T with its own), so
minimising it drives the second distance up, against the text. ``triplet``, the default, is what the text asks for:

    max(‖E_i(S) − E_i(I_d(i, ·))‖ − ‖E_i(S) − E_i(I_d(j, ·))‖ + α, 0), and the mirror image for T.

I_d(i, ·) is the generated face that carries S's identity; which of the two it is depends on the factor exchanged.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from speak.losses.distance import distance
from speak.models.codes import FACTORS
from speak.models.exchange import Exchange


@dataclass(frozen=True, kw_only=True)
class IdentityLossConfig:
    """How eq. 1 is read.

    Attributes:
        form: ``triplet``, or ``literal`` for eq. 1 as printed.
        margin: α, in root mean square difference of a code's elements.
    """

    form: Literal["triplet", "literal"]
    margin: float


def identity_loss(exchange: Exchange, different: Tensor, config: IdentityLossConfig) -> Tensor:
    """Eq. 1; scalar.

    Args:
        exchange: B pairs.
        different: (B,) bool, S and T are different persons. A triplet needs two; other pairs do not count.
        config: form and margin.
    """
    swapped = (exchange.choice == FACTORS.index("identity"))[:, None]
    seen, other = exchange.source_seen.identity, exchange.target_seen.identity
    own, others = torch.where(swapped, other, seen), torch.where(swapped, seen, other)
    source, target = exchange.source.identity, exchange.target.identity
    if config.form == "literal":
        return literal(source, own, target, others, config.margin)
    return triplet(source, own, target, others, different, config.margin)


def triplet(source: Tensor, own: Tensor, target: Tensor, others: Tensor, different: Tensor, margin: float) -> Tensor:
    """The triplet reading; codes (B, C) of S, the face with S's identity, T, and the face with T's identity."""
    forth = (distance(source, own) - distance(source, others) + margin).clamp(min=0)
    back = (distance(target, others) - distance(target, own) + margin).clamp(min=0)
    return ((forth + back) * different).sum() / different.sum().clamp(min=1)


def literal(source: Tensor, own: Tensor, target: Tensor, others: Tensor, margin: float) -> Tensor:
    """Eq. 1 as printed, arguments as in ``triplet``."""
    return (distance(source, own) - distance(target, others) + margin).clamp(min=0).mean()
