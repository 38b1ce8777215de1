"""How the four baselines are trained: all with the same clips and the same number of steps."""

import dataclasses
from dataclasses import dataclass
from typing import Literal

from benchmarks.methods.baselines import BASELINES
from benchmarks.training.looks import LooksConfig
from speak.data.pool import PoolConfig
from speak.training.loop import LoopConfig

WIDTHS = (1, 2, 4, 8, 16)
"""The narrowest published layer has 16 channels."""


@dataclass(frozen=True, kw_only=True)
class PhaseConfig:
    """One of the trainings that a method is made of, in their order.

    Attributes:
        steps: of the optimiser.
        batch: stretches of clips in a step.
        learning_rate: Adam's, after the loop's warm-up.
        frames: of each stretch, where a method leaves them open (PC-AVS); None as published.
    """

    steps: int
    batch: int
    learning_rate: float
    frames: int | None = None


@dataclass(frozen=True, kw_only=True)
class MethodConfig:
    """One method.

    Attributes:
        weights: ``trained`` here, or the ``official`` files of its authors (``speak weights list``).
        width: divides the networks' channels; 1 is the published size, and the only one that official files fit.
        phases: by the names in ``benchmarks.training.baselines.PHASES``.
    """

    weights: Literal["trained", "official"]
    width: int
    phases: dict[str, PhaseConfig]

    def __post_init__(self):
        if self.width not in WIDTHS:
            raise ValueError(f"width: one of {', '.join(map(str, WIDTHS))} wanted, got {self.width}")
        if self.weights == "official" and self.width != 1:
            raise ValueError(f"width: official weights are those of width 1, not {self.width}")


@dataclass(frozen=True, kw_only=True)
class BaselinesConfig:
    """All four.

    Attributes:
        loop: what every phase has in common; ``steps`` is the budget that each method's phases add up to.
        pool: of decoded clips; 25 frames a second, as all four were published.
        looks: what perceptual losses look with.
    """

    loop: LoopConfig
    pool: PoolConfig
    looks: LooksConfig
    wav2lip: MethodConfig
    atvg: MethodConfig
    pc_avs: MethodConfig
    eamm: MethodConfig

    def __post_init__(self):
        for name in BASELINES:
            steps = sum(phase.steps for phase in getattr(self, name).phases.values())
            if steps != self.loop.steps:
                raise ValueError(f"{name}: its phases have {steps} steps together, the budget is {self.loop.steps}")

    def training(self, name: str) -> "TrainingConfig":
        """What decides the weights of one method, and of no other."""
        return TrainingConfig(name=name, loop=self.loop, pool=self.pool, looks=self.looks, method=getattr(self, name))


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Everything that decides one method's weights; see ``BaselinesConfig``."""

    name: str
    loop: LoopConfig
    pool: PoolConfig
    looks: LooksConfig
    method: MethodConfig

    def phase_loop(self, phase: str) -> LoopConfig:
        """The loop of one phase."""
        own = self.method.phases[phase]
        return dataclasses.replace(self.loop, steps=own.steps, learning_rate=own.learning_rate)
