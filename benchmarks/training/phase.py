"""What the phases of all baselines share.

A phase is a function of the clips, the parameters and the weights of the phases before it, and gives a task for the
loop. Its model's parts bear the names of ``benchmarks.methods.networks.NETWORKS`` where they are published networks;
the parts of the last phase that trained them, together, are the method.
"""

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.func import functional_call

from benchmarks.methods.baseline import State
from benchmarks.training.clips import Clips
from benchmarks.training.config import PhaseConfig, TrainingConfig
from speak.training import checkpoint
from speak.training.task import Task

Phase = Callable[[Clips, TrainingConfig, Mapping[str, State]], "PhaseTask"]
"""The last argument holds the weights of the finished phases by their names."""


class PhaseTask(Task):
    """A task of one phase.

    Args:
        kind: names the checkpoint, e.g. ``"wav2lip_expert"``; its end is the phase's name.
        model: what learns.
        clips, config: of the training.
        before: weights of the finished phases.
        modules: whose code gives the weights their meaning.
    """

    def __init__(
        self,
        kind: str,
        model: nn.Module,
        clips: Clips,
        config: TrainingConfig,
        before: Mapping[str, State],
        modules: Sequence[ModuleType],
    ):
        self.kind, self.model, self.clips, self.config = kind, model, clips, config
        self.identity = checkpoint.fingerprint(config, modules)
        sums = [f"{key} {value.double().sum().item()!r}" for state in before.values() for key, value in state.items()]
        self.data = checkpoint.digest([*(place.clip_id for place in clips.places), *sorted(sums)])

    @property
    def phase(self) -> PhaseConfig:
        """The parameters of this phase alone."""
        return self.config.method.phases[self.kind.removeprefix(f"{self.config.name}_")]

    @property
    def batch(self) -> int:
        """Stretches in a step, over all processes."""
        return self.phase.batch


class Arrays(nn.Module):
    """Arrays as a part of a model, so that they lie among its weights (``benchmarks.methods.baseline.ARRAYS``)."""

    def __init__(self, values: Mapping[str, np.ndarray]):
        super().__init__()
        for name, value in values.items():
            self.register_buffer(name, torch.from_numpy(value))


def judged(judge: nn.Module, *inputs: Any) -> Any:
    """What a network says whose weights count as constants here: its gradient reaches the inputs only."""
    constants = {name: value.detach() for name, value in judge.named_parameters()}
    return functional_call(judge, constants, inputs)
