"""An exchange of one pair of faces with codes of one element, so that every distance is read off by eye."""

import torch

from speak.models.codes import FACTORS, Codes
from speak.models.exchange import Exchange


def codes(identity: float, emotion: float, pose: float, *, grad: bool = False) -> Codes:
    return Codes(*(torch.tensor([[float(value)]], requires_grad=grad) for value in (identity, emotion, pose)))


def exchange(source: Codes, target: Codes, source_seen: Codes, target_seen: Codes, factor: str) -> Exchange:
    """S and T exchange ``factor``; frames are single numbers, S's own 1.0 and T's own 2.0."""
    choice = torch.full((len(source),), FACTORS.index(factor))
    return Exchange(
        source, target, source.swapped_each(target, choice), target.swapped_each(source, choice),
        torch.zeros(1, 1), torch.zeros(1, 1), source_seen, target_seen,
        torch.tensor([[1.0]]), torch.tensor([[2.0]]), torch.zeros(1, 8), torch.zeros(1, 8), choice,
    )  # fmt: skip


def perfect(factor: str) -> Exchange:
    """The generated faces have just the codes that they were made of."""
    source, target = codes(0.0, 1.0, 2.0), codes(10.0, 11.0, 12.0)
    choice = torch.tensor([FACTORS.index(factor)])
    seen = source.swapped_each(target, choice), target.swapped_each(source, choice)
    return exchange(source, target, *seen, factor)
