"""Wav2Lip (Prajwal et al. 2020): repaints the lower face of the identity frame to the sound.

The published demonstration with a still picture: 25 frames a second, the face box 10 pixels longer at the chin, a 96x96
crop, and the result laid back over the box. The box is that of our landmarks instead of S3FD's.
"""

from collections.abc import Mapping
from typing import ClassVar, Self

import cv2
import numpy as np
import torch
from torch import nn

from benchmarks.methods import wav2lip_network
from benchmarks.methods.baseline import Baseline
from benchmarks.methods.frame_rate import NATIVE_FPS, shown_at
from benchmarks.methods.method import CannotMake
from benchmarks.methods.wav2lip_audio import long_enough, mel, windows
from benchmarks.protocol import Request
from speak.errors import UserError

SIZE = 96
PADS = (0, 10, 0, 0)
"""Pixels added at top, bottom, left and right of the box, the demonstration's."""

SMOOTHED = 5
BATCH = 128


class Wav2Lip(Baseline):
    """Adapter of Wav2Lip."""

    name: ClassVar[str] = "wav2lip"
    label: ClassVar[str] = "Wav2Lip"
    models: ClassVar[tuple[str, ...]] = ("baselines/wav2lip",)
    trained_with_metric: bool = True
    files: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "wav2lip_generator": ("Wav2Lip-SD-GAN.pt", "wav2lip_gan.pth", "Wav2Lip-SD-NOGAN.pt", "wav2lip.pth"),
    }

    def __init__(self, network: wav2lip_network.Wav2Lip):
        self.network = network.eval()

    @classmethod
    def made_of(cls, networks: Mapping[str, nn.Module], arrays: Mapping[str, np.ndarray], *, official: bool) -> Self:
        """As ``Baseline``; there are no arrays."""
        return cls(networks["wav2lip_generator"])

    def generate(self, request: Request) -> np.ndarray:
        """(T, 256, 256, 3) uint8. Raises CannotMake when the identity frame shows no face or only part of it."""
        if not np.isfinite(request.identity_landmarks).all():
            raise CannotMake(f"{request.clip_id}: Wav2Lip found no face in the identity frame; give another picture")
        heard = windows(mel(long_enough(request.audio)), NATIVE_FPS)
        frames = request.identity_frame[None]
        try:
            boxes = smoothed_boxes(padded_boxes(request.identity_landmarks[None], frames.shape[1:3]))
        except UserError as error:
            raise CannotMake(f"{request.clip_id}: {error}") from error
        made = self.render(frames, boxes, heard)
        return made[shown_at(request.num_frames, request.fps, NATIVE_FPS, len(made))]

    def render(self, frames: np.ndarray, boxes: np.ndarray, heard: np.ndarray) -> np.ndarray:
        """Repaint mouths, a frame for each window of sound; fewer frames than windows begin anew.

        Args:
            frames: (F, H, W, 3) uint8 RGB.
            boxes: (F, 4) integers, left, top, right, bottom.
            heard: (T, 1, 80, 16).

        Returns:
            (T, H, W, 3) uint8 RGB.
        """
        shown = np.arange(len(heard)) % len(frames)
        crops = np.stack([crop(frame, box) for frame, box in zip(frames, boxes, strict=True)])
        made = []
        for start in range(0, len(heard), BATCH):
            part = slice(start, start + BATCH)
            with torch.inference_mode():
                faces = torch.from_numpy(network_input(crops[shown[part]]))
                painted = self.network(torch.from_numpy(heard[part]), faces)
            made += list((painted.permute(0, 2, 3, 1).numpy() * 255).astype(np.uint8)[..., ::-1])
        return np.stack([paste(frames[at], face, boxes[at]) for at, face in zip(shown, made, strict=True)])


def padded_boxes(landmarks: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Face boxes, padded and cut off at the frame.

    Args:
        landmarks: (F, 478, 3) pixels, finite.
        size: height and width of the frames.

    Returns:
        (F, 4) integers: left, top, right, bottom.

    Raises:
        UserError: a face lies outside its frame.
    """
    height, width = size
    top, bottom, left, right = PADS
    points = landmarks[..., :2]
    corners = np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1).clip(0).astype(int)
    boxes = corners + np.array([-left, -top, right, bottom])
    boxes = boxes.clip(0, [width, height, width, height])
    if (boxes[:, 2:] <= boxes[:, :2]).any():
        raise UserError("Wav2Lip: a face lies outside its frame; give a picture with the whole face")
    return boxes


def smoothed_boxes(boxes: np.ndarray) -> np.ndarray:
    """Each box becomes the mean of itself and the next four, rounded down.

    As in the demonstration the means are written over the boxes they are made of, so that the last four, whose window
    is the last five boxes, see some that are smoothed already.

    Args:
        boxes: (F, 4) integers.

    Returns:
        (F, 4) integers, a new array.
    """
    boxes = boxes.copy()
    last = len(boxes) - SMOOTHED
    for index in range(len(boxes)):
        boxes[index] = boxes[min(index, last) :][:SMOOTHED].mean(axis=0)
    return boxes


def crop(frame: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The box of a frame, (96, 96, 3) uint8."""
    left, top, right, bottom = box
    return cv2.resize(frame[top:bottom, left:right], (SIZE, SIZE))


def network_input(crops: np.ndarray) -> np.ndarray:
    """(N, 96, 96, 3) uint8 RGB to (N, 6, 96, 96) float32 BGR in [0, 1]: without the lower half, and with it."""
    faces = crops[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32) / 255
    masked = faces.copy()
    masked[:, :, SIZE // 2 :] = 0
    return np.concatenate([masked, faces], axis=1)


def paste(frame: np.ndarray, face: np.ndarray, box: np.ndarray) -> np.ndarray:
    """A copy of the frame with a (96, 96, 3) uint8 face stretched over the box."""
    left, top, right, bottom = (int(side) for side in box)
    pasted = frame.copy()
    pasted[top:bottom, left:right] = cv2.resize(face, (right - left, bottom - top))
    return pasted
