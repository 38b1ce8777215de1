"""Eq. 11: the contrastive loss with a margin, over all audio-video pairs of a batch.

Matching pairs (y = 1) are pulled together by d², others (y = 0) pushed apart until their distance reaches the margin:
L = 1/(2N) Σ y d² + (1 − y) max(margin − d, 0)².

A batch of N matching windows holds N² pairs; most of them are easy, and averaging over all would drown the matching
ones. So the two kinds are averaged apart, and only the ``hardest`` share of the other pairs of each window counts.
With one matching and one other pair to each window and weight 1 this is eq. 11 to the letter.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

EPSILON = 1e-12
"""Keeps the gradient of the square root finite at distance 0."""


@dataclass(frozen=True, kw_only=True)
class ContrastiveConfig:
    """How eq. 11 weighs its pairs.

    Attributes:
        margin: distance beyond which other pairs are left alone; embeddings have length 1, so at most 2.
        negative_weight: factor on the second term.
        hardest: share of each window's other pairs, nearest first, that counts; in (0, 1].
    """

    margin: float
    negative_weight: float
    hardest: float


def contrastive(distances: Tensor, same: Tensor, margin: float) -> Tensor:
    """Eq. 11 as printed, for a list of pairs.

    Args:
        distances: (N,) distances d.
        same: (N,) y in [0, 1]; 1 for matching pairs.
        margin: see ``ContrastiveConfig``.

    Returns:
        scalar.
    """
    apart = (margin - distances).clamp(min=0)
    return 0.5 * (same * distances**2 + (1 - same) * apart**2).mean()


def batch_contrastive(video: Tensor, audio: Tensor, negatives: Tensor, config: ContrastiveConfig) -> Tensor:
    """Eq. 11 over all pairs of a batch; row i of ``video`` matches row i of ``audio``.

    Args:
        video: (N, D) embeddings.
        audio: (N, D) embeddings.
        negatives: (N, N) bool; pairs that may serve as y = 0 (neither matching nor nearly so).

    Returns:
        scalar.
    """
    distances = pair_distances(video, audio)
    together = contrastive(distances.diagonal(), torch.ones_like(distances.diagonal()), config.margin)
    hard = torch.cat([_hardest(distances, negatives, config), _hardest(distances.T, negatives.T, config)])
    return together + config.negative_weight * contrastive(hard, torch.zeros_like(hard), config.margin)


def pair_distances(video: Tensor, audio: Tensor) -> Tensor:
    """L2 distance d of every video embedding to every audio embedding: (N, D), (M, D) to (N, M)."""
    squared = (video**2).sum(1)[:, None] + (audio**2).sum(1)[None] - 2 * video @ audio.T
    return (squared.clamp(min=0) + EPSILON).sqrt()


def _hardest(distances: Tensor, allowed: Tensor, config: ContrastiveConfig) -> Tensor:
    """Each row's nearest allowed distances, the same number for every row."""
    count = max(1, round(config.hardest * int(allowed.sum(1).min())))
    return distances.masked_fill(~allowed, config.margin + 1).topk(count, dim=1, largest=False).values.flatten()
