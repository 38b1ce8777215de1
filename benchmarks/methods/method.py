"""What a method is: a name, a label for the tables, and ``generate``.

A method is made by ``load(models, seed)``, with the folder that holds the trained models and the seed of the training
that is wanted; those that need none ignore both.
"""

from pathlib import Path
from typing import ClassVar, Protocol, Self

import numpy as np

from benchmarks.protocol import Request
from speak.errors import UserError


class CannotMake(UserError):
    """A method cannot make one clip, and the others all the same; the message is the reason in its row."""


class Method(Protocol):
    """A talking-head method.

    Attributes:
        name: key in ``METHODS``, in file names and in scores.
        label: as printed in tables.
        models: folders under ``models`` that it needs, e.g. ``("mouth",)``.
        seeded: whether it is trained once for each of the profile's seeds; ``model_folders`` says where.
        trained_with_metric: whether the sync network that scores it took part in its training (flagged in tables);
            a loaded method knows it for its checkpoint.
        encoded: whether what is scored has been through the codec; only ``ground_truth`` has not.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    models: ClassVar[tuple[str, ...]]
    seeded: ClassVar[bool]
    trained_with_metric: bool
    encoded: ClassVar[bool]

    @classmethod
    def load(cls, models: Path, seed: int) -> Self:
        """Make the method ready. Raises UserError when a checkpoint is missing or unfit."""

    def generate(self, request: Request) -> np.ndarray:
        """Make the video: (request.num_frames, 256, 256, 3) uint8 RGB. Raises CannotMake where it cannot."""


def model_folders(method: type[Method], seed: int) -> tuple[str, ...]:
    """The folders under ``models`` that a method needs for one seed, e.g. ``("speak/full/0",)``."""
    return tuple(f"{model}/{seed}" if method.seeded else model for model in method.models)
