"""Eq. 2: the emotion code must tell the emotion, − Σ y log p over the emotions.

VoxCeleb has no emotion labels: unlabelled samples are left out, and the mean is over the labelled ones.
"""

import torch
from torch import Tensor
from torch.nn import functional

UNLABELLED = -1


def classification_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Eq. 2; scalar, 0 where no sample is labelled.

    Args:
        logits: (B, 8) of the classifier C_m.
        labels: (B,) integers, index of the emotion, or ``UNLABELLED``.
    """
    total = functional.cross_entropy(logits, labels, ignore_index=UNLABELLED, reduction="sum")
    return total / torch.count_nonzero(labels != UNLABELLED).clamp(min=1)
