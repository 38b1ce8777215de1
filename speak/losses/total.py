"""Eq. 13: L = L_GAN + L_sync + L_vgg, each with a weight; weight 0 is an ablation of Table 4.

The terms come from ``adversarial.generator_loss``, ``sync.sync_loss`` and ``perceptual.perceptual_loss``; the sum is
``weighting.weighted_sum``.
"""

from torch import Tensor

from speak.losses.weighting import weighted_sum

TERMS = ("gan", "sync", "vgg")


def total_loss(terms: dict[str, Tensor], weights: dict[str, float]) -> Tensor:
    """Eq. 13; scalar. ``weights`` has a factor for each of ``TERMS``; terms of weight 0 may be left out."""
    return weighted_sum(terms, weights)
