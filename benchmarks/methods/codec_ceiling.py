"""The test clip through the encoder in which generated videos are stored: no method can be seen to do better."""

from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from benchmarks.protocol import Request


class CodecCeiling:
    """Returns the reference; unlike ``ground_truth`` it is scored after encoding."""

    name: ClassVar[str] = "codec_ceiling"
    label: ClassVar[str] = "Codec ceiling"
    models: ClassVar[tuple[str, ...]] = ()
    seeded: ClassVar[bool] = False
    trained_with_metric: ClassVar[bool] = False
    encoded: ClassVar[bool] = True

    @classmethod
    def load(cls, models: Path, seed: int) -> Self:
        """Needs nothing."""
        return cls()

    def generate(self, request: Request) -> np.ndarray:
        """(T, 256, 256, 3) uint8: the reference frames."""
        return request.reference_frames
