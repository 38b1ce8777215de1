"""What each emotion looks like in the training clips: leads a clip when no video does.

With small parts it is a mean frame on the training persons' mean face, with paper parts a mean emotion code.
"""

import torch
from torch import Tensor, nn

NUM_EMOTIONS, NUM_LEVELS = 8, 3


class EmotionMeans(nn.Module):
    """Mean small frames (D,), or codes (C,), by emotion and level (1 to 3), with the number of clips behind each."""

    def __init__(self, size: int):
        super().__init__()
        self.register_buffer("frames", torch.zeros(NUM_EMOTIONS, NUM_LEVELS, size))
        self.register_buffer("clips", torch.zeros(NUM_EMOTIONS, NUM_LEVELS))

    def add(self, emotion: int, level: int, frame: Tensor) -> None:
        """Take in a clip's mean."""
        place = (emotion, level - 1)
        self.clips[place] += 1
        self.frames[place] += (frame - self.frames[place]) / self.clips[place]

    def mean(self, emotion: int, level: int) -> Tensor | None:
        """The mean of the nearest level there is; None when the emotion was never seen."""
        known = torch.nonzero(self.clips[emotion]).flatten()
        if not len(known):
            return None
        return self.frames[emotion, known[(known - (level - 1)).abs().argmin()]]
