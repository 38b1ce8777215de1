"""The discriminator of ATVG (Chen et al. 2019): is a clip real, and where are its landmarks?

As in the authors' code: each frame's features beside those of the example's landmarks run through an LSTM, whose every
state says where the frame's landmarks are; the mean over time of what it says of realness is one probability. No
weights of it are published, so it bears no name of ``NETWORKS`` and is not kept with the method.
"""

import torch
from torch import Tensor, nn

from benchmarks.methods.atvg_network import GRID, LANDMARKS


class Judge(nn.Module):
    """``width`` divides inner channel counts; 1 is the authors'. The statistics of a batch are those of all frames."""

    def __init__(self, width: int = 1):
        super().__init__()
        thin, low, middle, high = (count // width for count in (64, 128, 256, 512))
        self.frame_encoder = nn.Sequential(
            nn.Conv2d(3, thin, 3, stride=2, padding=1), nn.ReLU(),
            *_halving(thin, low), *_halving(low, middle), *_halving(middle, high),
            nn.Flatten(), nn.Linear(high * GRID * GRID, high), nn.ReLU(),
        )  # fmt: skip
        self.example_encoder = nn.Sequential(
            nn.Linear(LANDMARKS, middle), nn.ReLU(), nn.Linear(middle, high), nn.ReLU()
        )
        self.lstm = nn.LSTM(2 * high, middle, num_layers=3, batch_first=True)
        self.displacement = nn.Sequential(nn.Linear(middle, LANDMARKS), nn.Tanh())
        self.realness = nn.Linear(middle, 1)

    def forward(self, frames: Tensor, example: Tensor) -> tuple[Tensor, Tensor]:
        """Judge clips.

        Args:
            frames: (B, T, 3, 128, 128) RGB in [-1, 1].
            example: (B, 136) landmarks of the identity, x and y in turn, normalised shape times 5.

        Returns:
            (B,) probability that a clip is real; (B, T, 136) landmarks of its frames, in the example's space.
        """
        seen = self.frame_encoder(frames.flatten(0, 1)).unflatten(0, frames.shape[:2])
        known = self.example_encoder(example)[:, None].expand(-1, frames.shape[1], -1)
        states, _ = self.lstm(torch.cat([known, seen], dim=2))
        real = torch.sigmoid(self.realness(states).mean(dim=1))
        return real.squeeze(1), example[:, None] + self.displacement(states)


def _halving(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    conv = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False)
    return conv, nn.BatchNorm2d(outputs), nn.ReLU()
