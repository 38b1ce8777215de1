"""The network of the ``mouth`` method: what it hears decides where lips and chin go and what is seen between the lips.

Ours, not the paper's: the simplest learned talking head, a step above repeating the identity frame. A window of log-mel
bands and five traits of the identity's mouth give coefficients of two fixed bases, found by principal components on the
training clips: displacement of the mouth's points, and the picture inside the mouth.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from speak.faces.mouth_shape import NUM_TRAITS, POINTS


@dataclass(frozen=True, kw_only=True)
class MouthNetConfig:
    """Size of the network.

    Attributes:
        bands: mel bands.
        window: mel frames (100 a second) around the video frame; a multiple of 4.
        channels: of the three convolutions over time.
        hidden: width of the fully connected layer.
        shapes: components of the mouth's displacement.
        pictures: components of the picture inside the mouth.
        picture_width, picture_height: size of that picture in pixels.
    """

    bands: int
    window: int
    channels: int
    hidden: int
    shapes: int
    pictures: int
    picture_width: int
    picture_height: int


class MouthNet(nn.Module):
    """Coefficients from sound; the bases are buffers and travel with the weights."""

    def __init__(self, config: MouthNetConfig):
        super().__init__()
        self.config = config
        pixels = 3 * config.picture_width * config.picture_height
        self.register_buffer("shape_basis", torch.zeros(config.shapes, 2 * len(POINTS)))
        self.register_buffer("picture_mean", torch.zeros(pixels))
        self.register_buffer("picture_basis", torch.zeros(config.pictures, pixels))
        self.register_buffer("traits_mean", torch.zeros(NUM_TRAITS))
        self.register_buffer("traits_scale", torch.ones(NUM_TRAITS))
        wide = config.channels
        self.hear = nn.Sequential(
            nn.Conv1d(config.bands, wide, 3, padding=1), nn.ReLU(),
            nn.Conv1d(wide, wide, 4, stride=2, padding=1), nn.ReLU(),
            nn.Conv1d(wide, wide, 4, stride=2, padding=1), nn.ReLU(),
        )  # fmt: skip
        self.decide = nn.Sequential(
            nn.Linear(wide * config.window // 4 + NUM_TRAITS, config.hidden), nn.ReLU(),
            nn.Linear(config.hidden, config.hidden), nn.ReLU(),
            nn.Linear(config.hidden, config.shapes + config.pictures),
        )  # fmt: skip

    def forward(self, mel: Tensor, traits: Tensor) -> tuple[Tensor, Tensor]:
        """Predict coefficients.

        Args:
            mel: (N, window, bands) log-mel around each frame.
            traits: (N, 5) of the identity's mouth (``speak.faces.mouth_shape.traits``).

        Returns:
            (N, shapes) and (N, pictures) coefficients.
        """
        heard = self.hear(mel.transpose(1, 2) / 3.0 + 2.0).flatten(1)
        known = (traits - self.traits_mean) / self.traits_scale
        out = self.decide(torch.cat([heard, known], dim=1))
        return out[:, : self.config.shapes], out[:, self.config.shapes :]

    def displacement(self, coefficients: Tensor) -> Tensor:
        """(N, shapes) coefficients to (N, 53, 2) displacements from the identity's points in face units."""
        return (coefficients @ self.shape_basis).view(len(coefficients), -1, 2)

    def picture(self, coefficients: Tensor) -> Tensor:
        """(N, pictures) coefficients to (N, height, width, 3) uint8 pictures of the inside of the mouth."""
        flat = self.picture_mean + coefficients @ self.picture_basis
        shape = (len(flat), self.config.picture_height, self.config.picture_width, 3)
        return flat.clamp(0, 255).round().to(torch.uint8).view(shape)
