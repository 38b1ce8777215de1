"""Eq. 8: L_disentanglement = L_identity + L_cls + L_pose + L_emotion + L_self, each with a weight.

Weight 0 is an ablation of Table 3.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from speak.losses.classification import classification_loss
from speak.losses.emotion import emotion_loss
from speak.losses.identity import IdentityLossConfig, identity_loss
from speak.losses.pose import pose_loss
from speak.losses.self_reconstruction import self_loss
from speak.models.exchange import Exchange

TERMS = ("identity", "cls", "pose", "emotion", "self")


@dataclass(frozen=True)
class Pairs:
    """What is known about B pairs of frames.

    Attributes:
        source, target: (B, *frame) S and T.
        source_identity, target_identity: (B, *frame) where E_i reads who they are: S and T, or another moment of them.
        source_emotion, target_emotion: (B,) integers, index of the emotion or ``classification.UNLABELLED``.
        different: (B,) bool, S and T are different persons.
    """

    source: Tensor
    target: Tensor
    source_identity: Tensor
    target_identity: Tensor
    source_emotion: Tensor
    target_emotion: Tensor
    different: Tensor


def disentanglement_terms(exchange: Exchange, pairs: Pairs, identity: IdentityLossConfig) -> dict[str, Tensor]:
    """The five terms of eq. 8, to be added by ``weighting.weighted_sum``.

    Args:
        exchange: what IRFD made of the pairs.
        pairs: the frames and their labels.
        identity: how eq. 1 is read.
    """
    labels = torch.cat([pairs.source_emotion, pairs.target_emotion])
    logits = torch.cat([exchange.source_logits, exchange.target_logits])
    return {
        "identity": identity_loss(exchange, pairs.different, identity),
        "cls": classification_loss(logits, labels),
        "pose": pose_loss(exchange),
        "emotion": emotion_loss(exchange),
        "self": self_loss(exchange, pairs.source, pairs.target),
    }
