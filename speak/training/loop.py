"""One training loop for every network.

A task brings a model, draws batches and judges them; everything else is here: Adam, learning-rate schedule, gradient
clipping, running average of the weights, devices, processes, log, sample pictures, checkpoints, resuming. Every random
number of step ``k`` comes from (seed, k, rank): the step is the position in the data and in the random numbers, and a
resumed run sees what an undisturbed one would, with batches drawn ahead or not. Training ends by step count and never
by time: on one CPU process the same configuration gives the same weights, bit for bit.
"""

import contextlib
import copy
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from speak.errors import UserError
from speak.training import checkpoint, processes
from speak.training.devices import DeviceChoice, Precision, choose, mixed, moved
from speak.training.drawing import drawn_ahead
from speak.training.record import Progress, Row, forget, silent, write_log, write_sample
from speak.training.task import Task

DRAW, JUDGE = 0, 1
"""Keep the random numbers of a step's data apart from those of its loss."""


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """How long, how fast and where to train.

    Attributes:
        steps: number of optimiser steps.
        learning_rate: Adam's, reached after the warm-up.
        warmup_steps: steps of linear rise.
        final_rate: share of ``learning_rate`` at the end of the cosine fall.
        clip_norm: largest L2 norm of the gradient; ``.inf`` leaves it as it is.
        ema_decay: of the running average of the weights that is used afterwards; None uses the last weights.
        checkpoint_every: steps between checkpoints.
        log_every: steps between rows of ``log.csv``.
        sample_every: steps between sample pictures, of tasks that have any; None draws none.
        seed: of weights, data order and augmentation.
        prefetch: batches drawn in the background, each by a thread of its own; 0 draws them in between.
        device: ``auto`` takes a GPU where there is one.
        precision: ``bf16`` computes in bfloat16 where it can, on a GPU; weights are always float32.
        workers: processes that train together and share each batch; a GPU each where there are any.
    """

    steps: int
    learning_rate: float
    warmup_steps: int
    final_rate: float
    clip_norm: float
    ema_decay: float | None
    checkpoint_every: int
    log_every: int
    sample_every: int | None
    seed: int
    prefetch: int
    device: DeviceChoice
    precision: Precision
    workers: int

    def __post_init__(self):
        if self.prefetch < 0 or self.workers < 1:
            raise ValueError(f"prefetch must be 0 or more and workers 1 or more, got {self.prefetch}, {self.workers}")


def run(task: Task, config: LoopConfig, folder: Path, advance: Progress = silent) -> dict[str, Any]:
    """Train to the last step, resuming from ``folder/checkpoint.pt`` where it belongs to the same task.

    Writes ``checkpoint.pt``, ``log.csv`` and ``samples/<step>.png`` into ``folder``; returns the checkpoint's content.
    Where torch.distributed is initialised, every process calls this with the same arguments and a folder that all of
    them see; the first one writes, and ``advance`` is called there only.

    Raises:
        UserError: the loss or its gradient was not finite; the last good checkpoint is kept.
    """
    training = Training(task, config, Path(folder))
    with contextlib.closing(training.batches()) as batches:
        for batch in batches:
            figures = training.learn(batch)
            training.record(figures, advance)
    return training.content()


def rate(config: LoopConfig, step: int) -> float:
    """Learning rate of a step: linear warm-up, then a cosine down to ``final_rate``."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    share = (step - config.warmup_steps) / max(1, config.steps - config.warmup_steps)
    fall = 0.5 * (1 + math.cos(math.pi * share))
    return config.learning_rate * (config.final_rate + (1 - config.final_rate) * fall)


class Training:
    """A training between two steps; made from its last checkpoint where there is one.

    Attributes:
        step: number of finished steps.
        log: rows so far.
    """

    def __init__(self, task: Task, config: LoopConfig, folder: Path):
        self.task, self.config, self.folder = task, config, folder
        self.device = choose(config.device)
        task.move(self.device)
        groups = task.groups()
        self.shares = [group.share for group in groups]
        self.optimiser = torch.optim.Adam(
            [{"params": list(own.parameters), "betas": own.betas, "amsgrad": own.amsgrad} for own in groups],
            lr=config.learning_rate,
        )
        self.average = copy.deepcopy(task.model) if config.ema_decay is not None else None
        self.step, self.log = 0, []
        self._resume()
        task.model.train()
        self.judge = processes.joined(task)

    @property
    def path(self) -> Path:
        """The checkpoint."""
        return self.folder / "checkpoint.pt"

    def batches(self) -> Iterator[Any]:
        """Batches of the steps to come."""
        steps = range(self.step, self.config.steps)
        return drawn_ahead(lambda step: self.task.draw(self._rng(step, DRAW)), steps, self.config.prefetch)

    def learn(self, batch: Any) -> Row:
        """One optimiser step; returns its figures where the log wants them, else nothing."""
        config, step = self.config, self.step
        for group, share in zip(self.optimiser.param_groups, self.shares, strict=True):
            group["lr"] = rate(config, step) * share(step)
        rng = self._rng(step, JUDGE)
        torch.manual_seed(int(rng.integers(2**63)))  # noise inside networks, on any device
        with mixed(self.device, config.precision):
            loss, figures = self.judge(moved(batch, self.device), rng)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.task.model.parameters(), config.clip_norm)
        if not (torch.isfinite(loss) and torch.isfinite(norm)):
            raise self._not_finite()
        self.optimiser.step()
        self.step += 1
        if self.average is not None:
            _update(self.average, self.task.model, min(config.ema_decay, self.step / (self.step + 10)))
        if not self._due(config.log_every):
            return {}
        own = {"loss": loss.detach(), "gradient_norm": norm, "learning_rate": rate(config, step), **figures}
        return processes.mean({name: float(value) for name, value in own.items()}, self.device)

    def record(self, figures: Row, advance: Progress) -> None:
        """Keep a row and write what is due after a step; of several processes, only the first one writes."""
        if figures:
            self.log.append({"step": self.step, **figures})
        if processes.rank() > 0:
            return
        if figures:
            advance(self.step, self.log)
        if self.config.sample_every and self._due(self.config.sample_every):
            self._sample()
        if self._due(self.config.checkpoint_every):
            checkpoint.save(self.path, self.content())
            write_log(self.folder, self.log)

    def content(self) -> dict[str, Any]:
        """What a checkpoint holds: tensors on the CPU, whatever device trains."""
        state = {
            "kind": self.task.kind,
            "fingerprint": self.task.identity,
            "data": self.task.data,
            "config": _plain(asdict(self.task.config)),
            "step": self.step,
            "model": self.task.model.state_dict(),
            "ema": self.average.state_dict() if self.average is not None else None,
            "optimiser": self.optimiser.state_dict(),
            "log": list(self.log),
        }
        return state if self.device.type == "cpu" else moved(state, torch.device("cpu"))

    def _rng(self, step: int, purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.config.seed, step, processes.rank(), purpose])

    def _due(self, every: int) -> bool:
        return self.step % every == 0 or self.step == self.config.steps

    def _sample(self) -> None:
        model = self.task.model
        model.eval()
        with torch.no_grad():
            picture = self.task.sample()
        model.train()
        if picture is not None:
            write_sample(self.folder, self.step, picture)

    def _resume(self) -> None:
        """Load what an interrupted run of the same task left; anything else is trained over."""
        content = self._left()
        if content is None:
            if processes.rank() == 0:
                forget(self.folder)
            return
        self.task.model.load_state_dict(content["model"])
        self.optimiser.load_state_dict(content["optimiser"])
        if self.average is not None:
            self.average.load_state_dict(content["ema"])
        self.step, self.log = content["step"], content["log"]

    def _left(self) -> dict[str, Any] | None:
        try:
            content = checkpoint.load(self.path, kind=self.task.kind, expected=self.task.identity)
        except UserError:
            return None
        return content if content["data"] == self.task.data else None

    def _not_finite(self) -> UserError:
        kept = "no checkpoint had been written yet"
        if self.path.is_file():
            kept = f"the last good checkpoint is {self.path}"
        return UserError(
            f"{self.task.kind} training: the loss or its gradient is not a finite number at step {self.step + 1}; "
            f"{kept}; lower the learning rate and train again"
        )


def _update(average: nn.Module, model: nn.Module, decay: float) -> None:
    with torch.no_grad():
        new = model.state_dict()
        for name, value in average.state_dict().items():
            if value.is_floating_point():
                value.lerp_(new[name], 1 - decay)
            else:
                value.copy_(new[name])


def _plain(value: Any) -> Any:
    """Tuples as lists, as YAML would give them, so that ``speak.config.build`` makes the configuration again."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
