"""What IRFD takes a face apart into: identity, emotion and pose (section 3.1)."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

FACTORS = ("identity", "emotion", "pose")


@dataclass(frozen=True)
class Codes:
    """The three codes of a batch of faces.

    Attributes:
        identity, emotion, pose: (B, C) float, or (B, T, C) for clips.
    """

    identity: Tensor
    emotion: Tensor
    pose: Tensor

    def swapped(self, other: "Codes", factor: str) -> "Codes":
        """These codes with one factor of ``other``."""
        return replace(self, **{factor: getattr(other, factor)})

    def swapped_each(self, other: "Codes", choice: Tensor) -> "Codes":
        """As ``swapped``, with a factor of its own for every sample.

        Args:
            other: codes of the partners, same shapes.
            choice: (B,) integers, index into ``FACTORS``.
        """
        return Codes(
            *(
                torch.where(choice[:, None] == index, getattr(other, factor), getattr(self, factor))
                for index, factor in enumerate(FACTORS)
            )
        )

    def map(self, change: Callable[[Tensor], Tensor]) -> "Codes":
        """``change`` applied to each of the three tensors."""
        return Codes(change(self.identity), change(self.emotion), change(self.pose))

    def split(self, size: int) -> list["Codes"]:
        """Cut the batch into pieces of ``size`` samples."""
        columns = (tensor.split(size) for tensor in (self.identity, self.emotion, self.pose))
        return [Codes(*row) for row in zip(*columns, strict=True)]

    def __len__(self) -> int:
        return len(self.identity)


def join(parts: list[Codes]) -> Codes:
    """Codes of several batches one after another."""
    return Codes(*(torch.cat([getattr(codes, factor) for codes in parts]) for factor in FACTORS))
