"""The identity frame repeated: what is reached without moving anything."""

from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from benchmarks.protocol import Request


class Still:
    """Repeats the identity frame."""

    name: ClassVar[str] = "still"
    label: ClassVar[str] = "Still image"
    models: ClassVar[tuple[str, ...]] = ()
    seeded: ClassVar[bool] = False
    trained_with_metric: ClassVar[bool] = False
    encoded: ClassVar[bool] = True

    @classmethod
    def load(cls, models: Path, seed: int) -> Self:
        """Needs nothing."""
        return cls()

    def generate(self, request: Request) -> np.ndarray:
        """(T, 256, 256, 3) uint8: the identity frame T times (a read-only view)."""
        return np.broadcast_to(request.identity_frame, (request.num_frames, *request.identity_frame.shape))
