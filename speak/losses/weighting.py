"""A total loss is a weighted sum of named terms; weight 0 leaves a term out (an ablation)."""

from torch import Tensor


def weighted_sum(terms: dict[str, Tensor], weights: dict[str, float]) -> Tensor:
    """Σ weight · term; scalar.

    A term of weight 0 need not be computed; if it is there it is not added at all, so that not even its NaN can get in.

    Raises:
        ValueError: a term without weight, a weight other than 0 without term, or every weight 0.
    """
    wanted = {name for name, weight in weights.items() if weight != 0}
    if not wanted <= terms.keys() <= weights.keys():
        raise ValueError(f"terms {sorted(terms)} do not belong to weights {sorted(weights)}")
    if not wanted:
        raise ValueError("every weight is 0; nothing is left to train on")
    return sum(weights[name] * terms[name] for name in sorted(wanted))
