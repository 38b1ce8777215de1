"""The sync network of small parts: do these mouths, as coefficients, belong to this sound? (eqs. 11 and 12)

It is trained beside SPEAK on the same batches and only ever judges small frames. It is not the network that scores
videos: that one sees pictures, is trained in a stage of its own, and takes no part here.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from speak.models.audio_encoder import log_mel
from speak.models.small_frame import SmallFrameConfig


@dataclass(frozen=True, kw_only=True)
class SmallSyncConfig:
    """Size of the network.

    Attributes:
        window: frames that are judged together.
        bands: mel bands.
        sound: mel frames heard for each window.
        hidden: width of fc6.
        embedding: width of fc7.
    """

    window: int
    bands: int
    sound: int
    hidden: int
    embedding: int


class SmallSync(nn.Module):
    """Embeds every window of a stretch's mouths and of its sound."""

    def __init__(self, config: SmallSyncConfig, frame: SmallFrameConfig):
        super().__init__()
        self.config, self.block = config, frame.block("mouth")
        self.see = _head(config.window * frame.mouth, config)
        self.hear = _head(config.sound * config.bands, config)

    def embed_video(self, frames: Tensor) -> Tensor:
        """(B, T, D) small frames to (B, T - window + 1, embedding) of length 1; their mean over time is taken out."""
        mouth = frames[..., self.block]
        mouth = mouth - mouth.mean(dim=1, keepdim=True)
        windows = mouth.unfold(1, self.config.window, 1).flatten(2)
        return functional.normalize(self.see(windows), dim=-1)

    def embed_audio(self, audio: Tensor, num_frames: int) -> Tensor:
        """(B, S) sound of ``num_frames`` frames to (B, num_frames - window + 1, embedding) of length 1."""
        config = self.config
        bands = log_mel(audio, config.bands) / 3.0 + 2.0
        windows = num_frames - config.window + 1
        middle = (torch.arange(windows, device=audio.device) + config.window / 2) * bands.shape[1] / num_frames
        starts = (middle - config.sound / 2).round().long().clamp(0, bands.shape[1] - config.sound)
        index = starts[:, None] + torch.arange(config.sound, device=audio.device)
        return functional.normalize(self.hear(bands[:, index].flatten(2)), dim=-1)


def _head(inputs: int, config: SmallSyncConfig) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, config.hidden), nn.LeakyReLU(0.2),
        nn.Linear(config.hidden, config.hidden), nn.LeakyReLU(0.2),
        nn.Linear(config.hidden, config.embedding),
    )  # fmt: skip
