"""A task of one number in and one out, for tests of the loop."""

import dataclasses

import numpy as np
import torch
from torch import nn

from speak.training.processes import share
from speak.training.task import Task

BATCH = 16


@dataclasses.dataclass(frozen=True)
class LineBatch:
    x: torch.Tensor
    y: torch.Tensor


class Line(Task):
    """Fits y = 2 x with a small network, with noise inside and of the loss's own; may go wrong at a step."""

    kind = "line"
    identity = "line-1"
    data = "numbers"

    def __init__(self, config, fault_at: int | None = None):
        self.config, self.fault_at, self.calls = config, fault_at, 0
        torch.manual_seed(config.seed)
        self.model = nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Dropout(0.1), nn.Linear(4, 1))

    def draw(self, rng: np.random.Generator) -> LineBatch:
        x = torch.from_numpy(rng.normal(size=(share(BATCH), 1)).astype(np.float32))
        return LineBatch(x, 2 * x)

    def loss(self, batch: LineBatch, rng: np.random.Generator):
        self.calls += 1
        wanted = batch.y + 0.01 * float(rng.normal())
        loss = (self.model(batch.x) - wanted).square().mean()
        return (loss * torch.nan if self.calls == self.fault_at else loss), {"mean_x": batch.x.mean()}

    def sample(self) -> np.ndarray:
        made = self.model(torch.linspace(-1, 1, 32)[:, None])[:, 0]
        return np.repeat((made[None, :, None].numpy() * 50 + 128).astype(np.uint8), 3, axis=2).repeat(8, axis=0)
