"""A training's place among the processes that train together; alone, everything is rank 0 of 1.

Each process draws its own share of every batch, and gradients are averaged over processes (DistributedDataParallel),
so that all hold the same weights. A loss that is a mean over samples has the gradient of the joined batch; one that
compares samples with one another (eq. 11) compares those of its own process.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from speak.errors import UserError
from speak.training.task import Figures, Task


def rank() -> int:
    """This process's number, from 0."""
    return distributed.get_rank() if _together() else 0


def count() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if _together() else 1


def share(total: int) -> int:
    """This process's part of ``total`` samples. Raises UserError where they cannot be shared equally."""
    if total % count():
        raise UserError(f"a batch of {total} cannot be shared equally by {count()} workers; change batch or workers")
    return total // count()


def joined(task: Task) -> nn.Module:
    """``task.loss`` as a module whose gradients are averaged over the processes."""
    return DistributedDataParallel(_Judged(task), find_unused_parameters=True) if _together() else _Judged(task)


def mean(figures: dict[str, float], device: torch.device) -> dict[str, float]:
    """Each figure's mean over the processes; all must call."""
    if not _together():
        return figures
    values = torch.tensor(list(figures.values()), dtype=torch.float64, device=device)
    distributed.all_reduce(values)
    return dict(zip(figures, (values / count()).tolist(), strict=True))


class _Judged(nn.Module):
    def __init__(self, task: Task):
        super().__init__()
        self.model = task.model
        self.task = task

    def forward(self, batch: Any, rng: np.random.Generator) -> tuple[Tensor, Figures]:
        return self.task.loss(batch, rng)


def _together() -> bool:
    return distributed.is_available() and distributed.is_initialized()
