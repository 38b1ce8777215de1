"""With which seeds SPEAK and its ablations are trained: one training alone cannot tell a method from its luck."""

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class AblationsConfig:
    """How the trainings of Tables 3 and 4 are repeated.

    Attributes:
        seeds: of weights and data order, the same for every ablation; figures and videos show the first.
    """

    seeds: tuple[int, ...]

    def __post_init__(self):
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise ValueError("seeds must be at least one, and all different")


def with_seed(config: Any, seed: int) -> Any:
    """A training's parameters with another seed."""
    return dataclasses.replace(config, loop=dataclasses.replace(config.loop, seed=seed))
