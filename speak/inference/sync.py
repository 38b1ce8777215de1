"""The trained sync network at work: embeddings of a video and a sound, window by window."""

from pathlib import Path

import numpy as np
import torch

from speak.config import build
from speak.data.samples import at_sync_rate, sync_mel, sync_views
from speak.models.syncnet import SyncNet, SyncNetConfig
from speak.training import checkpoint

CLIP_FPS = 30.0
"""Rate of preprocessed clips and of generated videos."""


class SyncScorer:
    """Embeds clips with a sync checkpoint.

    Args:
        path: checkpoint written by ``speak.training.sync.train_sync``.
        expected: fingerprint it must carry, see ``sync_fingerprint``; None accepts any.
    """

    def __init__(self, path: Path, expected: str | None = None):
        content = checkpoint.load(path, kind="sync", expected=expected)
        self.config = build(SyncNetConfig, content["config"]["network"], f"{path}:config.network")
        self.fingerprint: str = content["fingerprint"]
        self.model = SyncNet(self.config).eval()
        self.model.load_state_dict(checkpoint.weights(content))

    def embed(
        self, frames: np.ndarray, audio: np.ndarray, landmarks: np.ndarray, fps: float = CLIP_FPS
    ) -> tuple[np.ndarray, np.ndarray]:
        """Embed every window of a clip on the 25 fps timeline (a ``speak.metrics.measurement.SyncEmbed``).

        Args:
            frames: (T, 256, 256, 3) uint8 RGB.
            audio: (S,) float32, 16 kHz.
            landmarks: (T, 478, 3) pixels of these frames; NaN rows where no face was found.
            fps: rate of frames and landmarks.

        Returns:
            video and audio embeddings, both (N, D) float32 of length 1, N = frames at 25 fps - window + 1, none
            when the clip is shorter than a window; window ``i`` of both covers the same stretch of time. Video rows
            are NaN where less than half of the window's frames show a face.
        """
        network = self.config
        index = at_sync_rate(len(frames), fps)
        sound = self.embed_sound(audio, len(index))
        found = np.isfinite(landmarks).all(axis=(1, 2))[index]
        if len(sound) == 0 or not found.any():
            return np.full_like(sound, np.nan), sound
        video = self.embed_views(sync_views(frames, landmarks, fps, (network.width, network.height)))
        share = np.convolve(found, np.ones(network.window), mode="valid") / network.window
        return np.where(share[:, None] >= 0.5, video, np.float32(np.nan)), sound

    def embed_views(self, views: np.ndarray) -> np.ndarray:
        """(T, h, w) uint8 mouth views at 25 fps to (T - window + 1, D) embeddings; T at least a window."""
        with torch.inference_mode():
            return self.model.embed_video(torch.from_numpy(views)[None])[0].numpy()

    def embed_sound(self, audio: np.ndarray, num_frames: int) -> np.ndarray:
        """(S,) audio to embeddings of all windows of ``num_frames`` frames at 25 fps: (N, D)."""
        network = self.config
        if num_frames < network.window:
            return np.empty((0, network.embedding), np.float32)
        mel = sync_mel(audio, num_frames, network.bands)
        with torch.inference_mode():
            return self.model.embed_audio(torch.from_numpy(mel)[None])[0].numpy()
