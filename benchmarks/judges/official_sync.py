"""The official SyncNet (Chung and Zisserman 2016) as it is usually run, frames and sound in memory.

What its authors' pipeline does, step by step: 25 frames a second; a square crop of 224×224 around the face, whose box
is smoothed by a median over time; windows of five frames, pixels in [0, 255], blue first; thirteen mel cepstra each
10 ms of 16-bit sound, twenty rows a window. Two things differ: the face's box is that of our landmarks where theirs is
that of the S3FD detector, and crops are not compressed in between.
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from scipy.signal import medfilt

from benchmarks.methods.speech_cepstra import cepstra
from benchmarks.methods.syncnet_network import syncnet
from benchmarks.methods.weights import load_weights
from speak.data.samples import at_sync_rate
from speak.faces.mouth_view import fill_missing
from speak.inference.sync import CLIP_FPS

NETWORK = "syncnet_s"
WINDOW, ROWS_PER_FRAME = 5, 4
SAMPLES_PER_FRAME = 640
SIZE = 224
MARGIN = 0.4
"""Of half a box: how far the crop goes beyond it to both sides; below, twice as far, and above, not at all."""
SMOOTHED = 13
"""Frames of the median."""
GREY = (110, 110, 110)
"""Around the picture."""
BATCH = 20
FULL_SCALE = 32768
"""16-bit samples for a sound in [-1, 1]."""


class OfficialSync:
    """Embeds clips with the official network.

    Args:
        path: ``syncnet_v2.model``; other content than at its first use is refused.

    Raises:
        UserError: the file is missing or unfit.
    """

    def __init__(self, path: Path):
        self.network = syncnet().eval()
        load_weights(self.network, path, NETWORK)

    def embed(
        self, frames: np.ndarray, audio: np.ndarray, landmarks: np.ndarray, fps: float = CLIP_FPS
    ) -> tuple[np.ndarray, np.ndarray]:
        """Embed every window (a ``speak.metrics.measurement.SyncEmbed``).

        Args:
            frames: (T, H, W, 3) uint8 RGB.
            audio: (S,) float32 in [-1, 1], 16 kHz.
            landmarks: (T, 478, 3) pixels of these frames; NaN rows where no face was found.
            fps: rate of frames and landmarks.

        Returns:
            video and audio embeddings, both (N, 1024) float32, N = frames at 25 fps or of sound, whichever are fewer,
            minus 5. Video rows are NaN where less than half of the window's frames show a face.
        """
        index = at_sync_rate(len(frames), fps)
        found = np.isfinite(landmarks).all(axis=(1, 2))
        count = window_count(len(index), audio)
        if count == 0 or not found.any():
            return np.full((count, 1024), np.nan, np.float32), self.embed_sound(audio, count)
        crops = face_crops(frames[index], fill_missing(landmarks)[index])
        share = np.convolve(found[index], np.ones(WINDOW) / WINDOW, mode="valid")[:count]
        video = np.where(share[:, None] >= 0.5, self.embed_crops(crops, count), np.float32(np.nan))
        return video, self.embed_sound(audio, count)

    def embed_crops(self, crops: np.ndarray, count: int) -> np.ndarray:
        """(T, 224, 224, 3) uint8 RGB to the embeddings of the first ``count`` windows: (count, 1024) float32."""
        flipped = np.ascontiguousarray(crops[..., ::-1].transpose(3, 0, 1, 2))
        clip = torch.from_numpy(flipped)
        windows = [clip[:, start : start + WINDOW] for start in range(count)]
        return self._batched(self.network.forward_lip, windows)

    def embed_sound(self, audio: np.ndarray, count: int) -> np.ndarray:
        """(S,) sound to the embeddings of its first ``count`` windows: (count, 1024) float32."""
        samples = np.clip(np.rint(audio.astype(np.float64) * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1)
        rows = torch.from_numpy(cepstra(samples).T[None])
        starts = range(0, count * ROWS_PER_FRAME, ROWS_PER_FRAME)
        return self._batched(
            self.network.forward_aud, [rows[:, :, start : start + WINDOW * ROWS_PER_FRAME] for start in starts]
        )

    def _batched(self, embed: Callable[[torch.Tensor], torch.Tensor], windows: list[torch.Tensor]) -> np.ndarray:
        parts = [np.empty((0, 1024), np.float32)]
        with torch.inference_mode():
            for start in range(0, len(windows), BATCH):
                parts.append(embed(torch.stack(windows[start : start + BATCH]).float()).numpy())
        return np.concatenate(parts)


def window_count(frames: int, audio: np.ndarray) -> int:
    """Windows of a clip of so many frames at 25 fps; the last that would fit is left out, as in the published code."""
    return max(0, min(frames, len(audio) // SAMPLES_PER_FRAME) - WINDOW)


def face_crops(frames: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """(T, H, W, 3) frames and (T, 478, 3) landmarks without NaN, both at 25 fps, to (T, 224, 224, 3) crops."""
    low, high = landmarks[:, :, :2].min(axis=1), landmarks[:, :, :2].max(axis=1)
    half = _median((high - low).max(axis=1) / 2)
    x, y = (_median(values) for values in ((low + high) / 2).T)
    return np.stack([_crop(*each) for each in zip(frames, half, x, y, strict=True)])


def _median(values: np.ndarray) -> np.ndarray:
    """Median over time; at the ends the first and last values repeat, where the published code puts zeros."""
    around = SMOOTHED // 2
    return medfilt(np.pad(values.astype(np.float64), around, mode="edge"), SMOOTHED)[around:-around]


def _crop(frame: np.ndarray, half: float, x: float, y: float) -> np.ndarray:
    border = int(half * (1 + 2 * MARGIN)) + 1
    wide = cv2.copyMakeBorder(frame, border, border, border, border, cv2.BORDER_CONSTANT, value=GREY)
    top, bottom = int(y + border - half), int(y + border + half * (1 + 2 * MARGIN))
    left, right = int(x + border - half * (1 + MARGIN)), int(x + border + half * (1 + MARGIN))
    return cv2.resize(wide[top:bottom, left:right], (SIZE, SIZE))
