"""Eqs. 11 and 12 for the generator: what is generated must match the sound.

The text says that d is the distance between audio and video embeddings; eq. 12 prints the distance between fc7 of the
real and of the generated frames. ``both``, the default, adds the two; each can be had alone. All pairs match (y = 1),
so eq. 11 is ½ d². The sync network itself is trained with eq. 11 on audio and real video (``contrastive``).
"""

from typing import Literal

import torch
from torch import Tensor

from speak.losses.contrastive import contrastive

SyncMode = Literal["both", "audio", "frames"]


def sync_loss(generated: Tensor, real: Tensor, audio: Tensor, mode: SyncMode) -> Tensor:
    """Eq. 11 with y = 1; scalar.

    Args:
        generated: (N, D) fc7 of generated windows.
        real: (N, D) fc7 of the real windows.
        audio: (N, D) embeddings of the sound of these windows.
        mode: ``audio``: distance to the sound; ``frames``: to the real windows (eq. 12); ``both``: their sum.
    """
    wanted = {"audio": (audio,), "frames": (real,), "both": (audio, real)}[mode]
    return sum(_matching(generated, other) for other in wanted)


def _matching(generated: Tensor, other: Tensor) -> Tensor:
    distances = torch.linalg.vector_norm(generated - other, dim=-1).flatten()
    return contrastive(distances, torch.ones_like(distances), margin=0.0)
