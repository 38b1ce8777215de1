"""The trained sync network at work: embeddings of a video and a sound, window by window."""

from pathlib import Path

import numpy as np
import torch

from speak.config import build
from speak.data.samples import sync_mel, sync_views
from speak.models.syncnet import SyncNet
from speak.training import checkpoint
from speak.training.sync import SyncConfig


class SyncScorer:
    """Embeds clips with a sync checkpoint.

    Args:
        path: checkpoint written by ``speak.training.sync.train_sync``.
        expected: fingerprint it must carry, see ``sync_fingerprint``; None accepts any.
    """

    def __init__(self, path: Path, expected: str | None = None):
        content = checkpoint.load(path, kind="sync", expected=expected)
        self.config = build(SyncConfig, content["config"], f"{path}:config")
        self.fingerprint: str = content["fingerprint"]
        self.model = SyncNet(self.config.network).eval()
        self.model.load_state_dict(checkpoint.weights(content))

    def embed(
        self, frames: np.ndarray, landmarks: np.ndarray, audio: np.ndarray, fps: float = 30.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Embed every window of a clip on the 25 fps timeline.

        Args:
            frames: (T, 256, 256, 3) uint8 RGB.
            landmarks: (T, 478, 3) pixels of these frames; NaN rows are interpolated.
            audio: (S,) float32, 16 kHz.
            fps: rate of frames and landmarks.

        Returns:
            video and audio embeddings, both (N, D) float32 of length 1, N = frames at 25 fps - window + 1;
            window ``i`` of both covers the same stretch of time.

        Raises:
            ValueError: no face in any frame, or shorter than one window.
        """
        network = self.config.network
        views = sync_views(frames, landmarks, fps, (network.width, network.height))
        return self.embed_views(views), self.embed_sound(audio, len(views))

    def embed_views(self, views: np.ndarray) -> np.ndarray:
        """(T, h, w) uint8 mouth views at 25 fps to (T - window + 1, D) embeddings. Raises ValueError when too short."""
        if len(views) < self.config.network.window:
            raise ValueError(f"{len(views)} frames at 25 fps are shorter than a window of {self.config.network.window}")
        with torch.inference_mode():
            return self.model.embed_video(torch.from_numpy(views)[None])[0].numpy()

    def embed_sound(self, audio: np.ndarray, num_frames: int) -> np.ndarray:
        """(S,) audio to embeddings of all windows of ``num_frames`` frames at 25 fps."""
        mel = sync_mel(audio, num_frames, self.config.network.bands)
        with torch.inference_mode():
            return self.model.embed_audio(torch.from_numpy(mel)[None])[0].numpy()
