"""The test clip itself, scored as it is: what a perfect method would reach."""

from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from benchmarks.protocol import Request


class GroundTruth:
    """Returns the reference."""

    name: ClassVar[str] = "ground_truth"
    label: ClassVar[str] = "Ground truth"
    models: ClassVar[tuple[str, ...]] = ()
    seeded: ClassVar[bool] = False
    trained_with_metric: ClassVar[bool] = False
    encoded: ClassVar[bool] = False

    @classmethod
    def load(cls, models: Path, seed: int) -> Self:
        """Needs nothing."""
        return cls()

    def generate(self, request: Request) -> np.ndarray:
        """(T, 256, 256, 3) uint8: the reference frames."""
        return request.reference_frames
