"""SPEAK and its ablations (Tables 3 and 4): pose and emotion come from the driving clip, as the protocol has it.

One adapter for each entry of ``speak.training.ablations.SPEAK_ABLATIONS``; all do the same with another checkpoint.
The sync network that scores videos takes no part in their trainings with small parts, and does with paper parts: what
is loaded says so.
"""

from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from benchmarks.methods.method import model_folders
from benchmarks.protocol import Request
from speak.inference.talker import Driving, Talker
from speak.training.ablations import FULL, SPEAK_ABLATIONS


class Speak:
    """Adapter of ``speak.inference.talker``."""

    name: ClassVar[str]
    label: ClassVar[str]
    models: ClassVar[tuple[str, ...]]
    seeded: ClassVar[bool] = True
    trained_with_metric: bool = False
    encoded: ClassVar[bool] = True

    def __init__(self, talker: Talker):
        self.talker = talker
        self.trained_with_metric = talker.trained_with_metric  # of this checkpoint; the class knows the small parts'

    @classmethod
    def load(cls, models: Path, seed: int) -> Self:
        """Read ``models/speak/<ablation>/<seed>/checkpoint.pt``. Raises UserError when it is missing or unfit."""
        (folder,) = model_folders(cls, seed)
        return cls(Talker(models / folder / "checkpoint.pt"))

    def generate(self, request: Request) -> np.ndarray:
        """(T, 256, 256, 3) uint8."""
        driving = Driving(request.reference_frames, request.reference_landmarks)
        return self.talker.generate(
            request.identity_frame,
            request.identity_landmarks,
            request.audio,
            request.num_frames,
            request.fps,
            driving,
            driving,
        )


def adapter(ablation: str) -> type[Speak]:
    """The adapter of one entry of ``SPEAK_ABLATIONS``."""
    name = "speak" if ablation == FULL else f"speak_{ablation}"
    label = SPEAK_ABLATIONS[ablation].label
    return type(f"Speak_{ablation}", (Speak,), {"name": name, "label": label, "models": (f"speak/{ablation}",)})
