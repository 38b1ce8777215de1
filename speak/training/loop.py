"""One training loop for every network.

A task brings a model and says what one step's loss is; everything else is here: Adam, learning-rate schedule, gradient
clipping, running average of the weights, log, checkpoints, resuming. Step ``k`` draws its data from a generator seeded
by (seed, k), so the position in the data is the step number and a resumed run sees what an undisturbed one would.
Training ends by step count and never by time: the same configuration gives the same weights, bit for bit.
"""

import copy
import csv
import io
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from speak.errors import UserError
from speak.files import write_text
from speak.training import checkpoint
from speak.training.task import RateShare, Task

DRAW, JUDGE = 0, 1
"""Keep the random numbers of a step's data apart from those of its loss."""


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """How long and how fast to train.

    Attributes:
        steps: number of optimiser steps.
        learning_rate: Adam's, reached after the warm-up.
        warmup_steps: steps of linear rise.
        final_rate: share of ``learning_rate`` at the end of the cosine fall.
        clip_norm: largest L2 norm of the gradient.
        ema_decay: of the running average of the weights that is used afterwards; None uses the last weights.
        checkpoint_every: steps between checkpoints.
        log_every: steps between rows of ``log.csv``.
        seed: of weights, data order and augmentation.
    """

    steps: int
    learning_rate: float
    warmup_steps: int
    final_rate: float
    clip_norm: float
    ema_decay: float | None
    checkpoint_every: int
    log_every: int
    seed: int


Row = dict[str, float]
"""One line of the log: step, loss, and the task's figures."""

Progress = Callable[[int, list[Row]], None]
"""Told the number of finished steps and the rows of the log so far, at every new row."""


def silent(done: int, log: list[Row]) -> None:
    """Progress that nobody watches."""


def run(task: Task, config: LoopConfig, folder: Path, advance: Progress = silent) -> dict[str, Any]:
    """Train to the last step, resuming from ``folder/checkpoint.pt`` where it belongs to the same task.

    Writes ``checkpoint.pt`` and ``log.csv`` into ``folder``; returns the last checkpoint's content.

    Raises:
        UserError: the loss or its gradient was not finite; the last good checkpoint is kept.
    """
    path = Path(folder) / "checkpoint.pt"
    groups = task.groups()
    optimiser = torch.optim.Adam([{"params": parameters} for parameters, _ in groups], lr=config.learning_rate)
    shares = [share for _, share in groups]
    average = copy.deepcopy(task.model) if config.ema_decay is not None else None
    step, log = _resume(path, task, optimiser, average)
    content = _content(task, optimiser, average, step, log)
    task.model.train()
    while step < config.steps:
        figures = _step(task, optimiser, shares, config, step, path)
        step += 1
        if average is not None:
            _update(average, task.model, min(config.ema_decay, step / (step + 10)))
        if step % config.log_every == 0 or step == config.steps:
            log.append({"step": step, **figures})
            advance(step, log)
        if step % config.checkpoint_every == 0 or step == config.steps:
            content = _content(task, optimiser, average, step, log)
            checkpoint.save(path, content)
            write_text(path.with_name("log.csv"), _csv(log))
    return content


def rate(config: LoopConfig, step: int) -> float:
    """Learning rate of a step: linear warm-up, then a cosine down to ``final_rate``."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    share = (step - config.warmup_steps) / max(1, config.steps - config.warmup_steps)
    fall = 0.5 * (1 + math.cos(math.pi * share))
    return config.learning_rate * (config.final_rate + (1 - config.final_rate) * fall)


def _step(
    task: Task,
    optimiser: torch.optim.Optimizer,
    shares: list[RateShare],
    config: LoopConfig,
    step: int,
    path: Path,
) -> dict[str, float]:
    for group, share in zip(optimiser.param_groups, shares, strict=True):
        group["lr"] = rate(config, step) * share(step)
    batch = task.draw(np.random.default_rng([config.seed, step, DRAW]))
    loss, figures = task.loss(batch, np.random.default_rng([config.seed, step, JUDGE]))
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(task.model.parameters(), config.clip_norm)
    if not (torch.isfinite(loss) and torch.isfinite(norm)):
        kept = f"the last good checkpoint is {path}" if path.is_file() else "no checkpoint had been written yet"
        raise UserError(
            f"{task.kind} training: the loss or its gradient is not a finite number at step {step + 1}; {kept}; "
            "lower the learning rate and train again"
        )
    optimiser.step()
    own = {name: float(value) for name, value in figures.items()}
    return {"loss": float(loss.detach()), "gradient_norm": float(norm), "learning_rate": rate(config, step), **own}


def _update(average: nn.Module, model: nn.Module, decay: float) -> None:
    with torch.no_grad():
        new = model.state_dict()
        for name, value in average.state_dict().items():
            if value.is_floating_point():
                value.lerp_(new[name], 1 - decay)
            else:
                value.copy_(new[name])


def _content(
    task: Task, optimiser: torch.optim.Optimizer, average: nn.Module | None, step: int, log: list[dict[str, float]]
) -> dict[str, Any]:
    return {
        "kind": task.kind,
        "fingerprint": task.identity,
        "data": task.data,
        "config": _plain(asdict(task.config)),
        "step": step,
        "model": task.model.state_dict(),
        "ema": average.state_dict() if average is not None else None,
        "optimiser": optimiser.state_dict(),
        "rng": torch.get_rng_state(),
        "log": list(log),
    }


def _plain(value: Any) -> Any:
    """Tuples as lists, as YAML would give them, so that ``speak.config.build`` makes the configuration again."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _resume(
    path: Path, task: Task, optimiser: torch.optim.Optimizer, average: nn.Module | None
) -> tuple[int, list[dict[str, float]]]:
    """Load what an interrupted run of the same task left; anything else is trained over."""
    if not path.is_file():
        return 0, []
    try:
        content = checkpoint.load(path, kind=task.kind, expected=task.identity)
    except UserError:
        return 0, []
    if content["data"] != task.data:
        return 0, []
    task.model.load_state_dict(content["model"])
    optimiser.load_state_dict(content["optimiser"])
    if average is not None:
        average.load_state_dict(content["ema"])
    torch.set_rng_state(content["rng"])
    return content["step"], content["log"]


def _csv(log: list[dict[str, float]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(log[0]) if log else ["step"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(log)
    return stream.getvalue()
