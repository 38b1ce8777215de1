"""What the training loop asks of a task."""

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

RateShare = Callable[[int], float]
"""Share of the learning rate at a step; 0 keeps weights as they are."""


def whole(step: int) -> float:
    """The learning rate as it is, at every step."""
    return 1.0


@dataclass(frozen=True)
class Group:
    """Parameters that learn together.

    Attributes:
        parameters: of the model.
        share: of the learning rate.
        betas, amsgrad: Adam's.
    """

    parameters: Iterable[nn.Parameter]
    share: RateShare = whole
    betas: tuple[float, float] = (0.9, 0.999)
    amsgrad: bool = False


Figures = Mapping[str, Tensor | float]
"""Named numbers for the log; tensors are detached and have no dimensions."""


class Task:
    """What is trained: a model, batches for it, and how a batch is judged.

    ``draw`` decides everything random about the data and ``loss`` everything else; each has a generator of its own, so
    that batches may be drawn ahead, by several threads at once, without changing a bit. ``draw`` changes nothing that
    another call reads, and leaves torch's own random numbers alone.

    Attributes:
        kind: names the checkpoint.
        config: dataclass, kept in the checkpoint.
        identity, data: fingerprints of parameters with code and of the data; compared before resuming.
        model: what learns, and what the checkpoint holds.
    """

    kind: str
    config: Any
    identity: str
    data: str
    model: nn.Module

    def draw(self, rng: np.random.Generator) -> Any:
        """One batch: tensors on the CPU, in frozen dataclasses or tuples."""
        raise NotImplementedError

    def loss(self, batch: Any, rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """Loss of a batch that lies on the model's device, and figures for the log."""
        raise NotImplementedError

    def groups(self) -> list[Group]:
        """How the model's parameters learn."""
        return [Group(self.model.parameters())]

    def sample(self) -> np.ndarray | None:
        """Picture of what the model makes of some fixed training data: (H, W, 3) uint8; None where there is none."""
        return None

    def move(self, device: torch.device) -> None:
        """Take the networks to a device. To a GPU goes a copy: what drawing shares with the model stays on the CPU."""
        if device.type != "cpu":
            self.model = copy.deepcopy(self.model).to(device)
