"""Cross-entropy of probabilities, where published networks end in a sigmoid or a cosine and not in logits."""

from torch import Tensor

SMALLEST = 1e-7


def cross_entropy(probability: Tensor, wanted: Tensor | float) -> Tensor:
    """Mean of -wanted log p - (1 - wanted) log(1 - p), in single precision; scalar.

    Args:
        probability: in [0, 1], any shape.
        wanted: 0 or 1, of the same shape or one for all.
    """
    p = probability.float().clamp(SMALLEST, 1 - SMALLEST)
    return -(wanted * p.log() + (1 - wanted) * (1 - p).log()).mean()
