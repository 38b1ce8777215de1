"""The modified SyncNet of section 3.3: does this mouth belong to this sound?

Two branches end in embeddings of length 1 (the paper's fc7), one for a window of mouth views and one for the sound of
the same window. Their L2 distance d is small when the two belong together (eq. 11 trains it, eq. 12 uses it).

What is modified: the picture branch looks at each grey mouth view once and joins the views of a window afterwards, so
that neighbouring windows share the work; the sound branch hears log-mel bands instead of MFCC. Both see exactly their
window and nothing beyond.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

MEL_PER_FRAME = 4
"""100 mel frames a second over 25 video frames a second."""

FPS = 25.0


@dataclass(frozen=True, kw_only=True)
class SyncNetConfig:
    """Size of the network.

    Attributes:
        window: video frames in a window (25 fps); SyncNet's is 5, 0.2 s.
        width, height: mouth view in pixels; multiples of 16.
        bands: mel bands.
        picture_channels: channels of the four stride-2 convolutions on a mouth view.
        sound_channels: channels of the three convolutions on a window's mel frames.
        hidden: width of fc6.
        embedding: width of fc7.
    """

    window: int
    width: int
    height: int
    bands: int
    picture_channels: tuple[int, ...]
    sound_channels: tuple[int, ...]
    hidden: int
    embedding: int


class SyncNet(nn.Module):
    """Embeds every window of a clip's picture and sound."""

    def __init__(self, config: SyncNetConfig):
        super().__init__()
        self.config = config
        self.view = _picture_layers(config)
        size = config.picture_channels[-1] * (config.width // 16) * (config.height // 16)
        self.view_code = nn.Linear(size, config.hidden)
        self.picture_head = _head(config.window * config.hidden, config)
        self.sound = _sound_layers(config)
        length = -(-config.window * MEL_PER_FRAME // 4)
        self.sound_head = _head(config.sound_channels[-1] * length, config)

    def embed_video(self, views: Tensor) -> Tensor:
        """Embed every window of mouth views.

        Args:
            views: (B, T, height, width) grey in [0, 255], uint8 or float; T at least ``window``.

        Returns:
            (B, T - window + 1, embedding), length 1 each.
        """
        batch, frames = views.shape[:2]
        flat = views.float().flatten(0, 1)
        flat = flat - flat.mean(dim=(1, 2), keepdim=True)
        flat = flat / (flat.square().mean(dim=(1, 2), keepdim=True).sqrt() + 4.0)
        codes = self.view_code(self.view(flat[:, None]).flatten(1)).view(batch, frames, -1)
        joined = codes.unfold(1, self.config.window, 1).flatten(2)
        return _embed(self.picture_head, joined)

    def embed_audio(self, mel: Tensor) -> Tensor:
        """Embed the sound of every window.

        Args:
            mel: (B, 4 T, bands) log-mel frames; T at least ``window``.

        Returns:
            (B, T - window + 1, embedding), length 1 each.
        """
        length = self.config.window * MEL_PER_FRAME
        cut = mel.unfold(1, length, MEL_PER_FRAME)
        heard = self.sound(cut.flatten(0, 1) / 3.0 + 2.0).flatten(1)
        return _embed(self.sound_head, heard.view(*cut.shape[:2], -1))


def _picture_layers(config: SyncNetConfig) -> nn.Sequential:
    layers, before = [], 1
    for channels in config.picture_channels:
        layers += [nn.Conv2d(before, channels, 3, stride=2, padding=1), nn.BatchNorm2d(channels), nn.ReLU()]
        before = channels
    return nn.Sequential(*layers)


def _sound_layers(config: SyncNetConfig) -> nn.Sequential:
    layers, before = [], config.bands
    for channels, stride in zip(config.sound_channels, (1, 2, 2), strict=True):
        layers += [nn.Conv1d(before, channels, 3, stride=stride, padding=1), nn.BatchNorm1d(channels), nn.ReLU()]
        before = channels
    return nn.Sequential(*layers)


def _head(inputs: int, config: SyncNetConfig) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, config.hidden),
        nn.BatchNorm1d(config.hidden),
        nn.ReLU(),
        nn.Linear(config.hidden, config.embedding),
    )


def _embed(head: nn.Sequential, inputs: Tensor) -> Tensor:
    """BatchNorm1d wants (N, features): windows of all clips side by side."""
    flat = functional.normalize(head(inputs.flatten(0, 1)), dim=1)
    return flat.view(*inputs.shape[:2], -1)


def window_indices(batch: int, windows: int) -> tuple[Tensor, Tensor]:
    """Clip number and position of every window of a flattened batch: two (batch * windows,) integer tensors."""
    return torch.arange(batch).repeat_interleave(windows), torch.arange(windows).repeat(batch)
