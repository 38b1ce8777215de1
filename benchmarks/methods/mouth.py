"""Audio to mouth, ours and not the paper's: the identity frame with lips and chin moved by the sound.

The head follows the rigid motion of the driving clip (pose comes from the test clip in the self-driven setting); the
landmarks that give it leave out the mouth.
"""

from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from benchmarks.protocol import Request
from speak.inference.mouth import MouthTalker


class Mouth:
    """Adapter of ``speak.inference.mouth``."""

    name: ClassVar[str] = "mouth"
    label: ClassVar[str] = "Mouth (ours)"
    models: ClassVar[tuple[str, ...]] = ("mouth",)
    seeded: ClassVar[bool] = False
    trained_with_metric: ClassVar[bool] = False
    encoded: ClassVar[bool] = True

    def __init__(self, talker: MouthTalker):
        self.talker = talker

    @classmethod
    def load(cls, models: Path, seed: int) -> Self:
        """Read ``models/mouth/checkpoint.pt``. Raises UserError when it is missing or unfit."""
        return cls(MouthTalker(models / "mouth" / "checkpoint.pt"))

    def generate(self, request: Request) -> np.ndarray:
        """(T, 256, 256, 3) uint8."""
        return self.talker.generate(
            request.identity_frame,
            request.identity_landmarks,
            request.audio,
            request.num_frames,
            request.fps,
            request.reference_landmarks,
        )
