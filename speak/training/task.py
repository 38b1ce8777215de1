"""What the training loop asks of a task, and how a batch travels."""

import copy
import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

RateShare = Callable[[int], float]
"""Share of the learning rate at a step; 0 keeps weights as they are."""

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

    def groups(self) -> list[tuple[list[nn.Parameter], RateShare]]:
        """Parameters that learn together, and at which share of the learning rate."""
        return [(list(self.model.parameters()), lambda step: 1.0)]

    def sample(self) -> np.ndarray | None:
        """Picture of what the model makes of some fixed training data: (H, W, 3) uint8; None where there is none."""
        return None

    def move(self, device: torch.device) -> None:
        """Take the networks to a device. A copy goes: what drawing shares with the model stays on the CPU."""
        self.model = copy.deepcopy(self.model).to(device)


def to_device(batch: Any, device: torch.device) -> Any:
    """The same batch with its tensors on ``device``; dataclasses and tuples are walked, the rest stays as it is."""
    if isinstance(batch, Tensor):
        return batch.to(device, non_blocking=True)
    if isinstance(batch, tuple):
        return tuple(to_device(item, device) for item in batch)
    if dataclasses.is_dataclass(batch):
        names = [field.name for field in dataclasses.fields(batch)]
        return dataclasses.replace(batch, **{name: to_device(getattr(batch, name), device) for name in names})
    return batch
