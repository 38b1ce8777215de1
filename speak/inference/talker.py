"""SPEAK at work: one picture, a sound, and clips that lead pose and emotion give frames.

The sound is heard once and whole; frames are made in blocks of a fixed length on a fixed grid, so that a stream of
chunks and a clip made in one go are the same, bit for bit. Driving frames are encoded block by block too: a long clip
costs no more memory than its own bytes. What a frame is, and how it becomes a picture, hangs on the parts the
checkpoint was trained with (``STAGES``).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from speak.config import build
from speak.data.clip import EMOTIONS
from speak.data.pictures import to_frames
from speak.errors import UserError
from speak.faces import head_points
from speak.faces.head_points import used_points
from speak.faces.mouth_blank import blank_mouths, mouth_regions
from speak.inference.drawing import Drawer
from speak.models.codes import Codes
from speak.training import checkpoint
from speak.training.speak import SpeakModel, SpeakTrainConfig

BLOCK = 32
"""Frames made at a time."""
SAMPLE_RATE = 16_000


@dataclass(frozen=True, eq=False)
class Driving:
    """What leads pose or emotion, as long as the clip that is made.

    Attributes:
        frames: (T, 256, 256, 3) uint8 RGB.
        landmarks: (T, 478, 3) pixels; NaN rows (no face) are interpolated.
    """

    frames: np.ndarray
    landmarks: np.ndarray


@dataclass(frozen=True)
class NamedEmotion:
    """An emotion as training clips show it: a mean small frame (D,), or with paper parts a mean emotion code (C,)."""

    mean: Tensor


Lead = Callable[[Tensor], Tensor]
"""What leads a factor: frame numbers (n,) to frames (n, *frame), or to codes (n, C)."""


class Stage(Protocol):
    """What a kind of parts does around the network, for one identity."""

    def identity(self) -> Tensor:
        """(1, *frame)."""

    def pose(self, driving: Driving) -> Lead:
        """Frames for E_p."""

    def emotion(self, driving: Driving) -> Lead:
        """Frames for E_e."""

    def picture(self, frame: Tensor) -> np.ndarray:
        """(*frame) to (H, W, 3) uint8."""


class SmallStage:
    """Small parts: landmarks in, landmarks out, and the identity picture bent to them."""

    def __init__(self, model: SpeakModel, picture: np.ndarray, landmarks: np.ndarray):
        self.model, self.landmarks = model, landmarks
        self.template = model.basis.template.double().numpy()
        self.drawer = Drawer(picture, landmarks, self.template, model.inside)

    def identity(self) -> Tensor:
        """(1, D); one moment, so its calm mouth is its own."""
        points = _tensor(used_points(self.landmarks[None]))
        return self.model.basis.encode(points, points)

    def pose(self, driving: Driving) -> Lead:
        """(n, D) of n frames."""
        points = _tensor(used_points(driving.landmarks))
        return self.model.basis.encode(points, points).__getitem__

    def emotion(self, driving: Driving) -> Lead:
        """(n, D) of n frames, with the driving clip's mean mouth as the calm one."""
        points = used_points(driving.landmarks)
        placement = head_points.motions(self.template, points)
        calm = head_points.with_calm_mouth(head_points.to_head(*placement, points))
        frames = self.model.basis.encode(_tensor(points), _tensor(head_points.to_canvas(*placement, calm)))
        return frames.__getitem__

    def picture(self, frame: Tensor) -> np.ndarray:
        """(D,) to (H, W, 3) uint8."""
        return self.drawer.draw(self.model.basis.decode(frame).double().numpy())


class PictureStage:
    """Paper parts: frames are pictures (3, H, W) in [-1, 1], read when their block is made."""

    def __init__(self, model: SpeakModel, picture: np.ndarray, landmarks: np.ndarray):
        self.pictures, self.image = model.pictures, picture

    def identity(self) -> Tensor:
        """(1, 3, H, W)."""
        return to_frames(self.image[None])

    def pose(self, driving: Driving) -> Lead:
        """(n, 3, H, W) of n frames, without mouths where the network was trained so."""
        if self.pictures.pose == "whole":
            return lambda index: to_frames(driving.frames[index.numpy()])
        regions = mouth_regions(driving.landmarks)
        return lambda index: to_frames(blank_mouths(driving.frames[index.numpy()], regions[index.numpy()]))

    def emotion(self, driving: Driving) -> Lead:
        """(n, 3, H, W) of n frames."""
        return lambda index: to_frames(driving.frames[index.numpy()])

    def picture(self, frame: Tensor) -> np.ndarray:
        """(3, H, W) to (H, W, 3) uint8."""
        return ((frame.permute(1, 2, 0).clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).numpy()


STAGES: dict[str, type[Stage]] = {"small": SmallStage, "paper": PictureStage}


class Talker:
    """Makes frames with a SPEAK checkpoint.

    Args:
        path: checkpoint written by ``speak.training.speak.train_speak``.
        expected: fingerprint it must carry, see ``speak_fingerprint``; None accepts any.
    """

    def __init__(self, path: Path, expected: str | None = None):
        content = checkpoint.load(path, kind="speak", expected=expected)
        self.path = path
        self.config = build(SpeakTrainConfig, content["config"], f"{path}:config")
        self.fingerprint: str = content["fingerprint"]
        self.model = SpeakModel(self.config, restore=True).eval()
        self.model.load_state_dict(checkpoint.weights(content))

    @property
    def trained_with_metric(self) -> bool:
        """Whether the sync network that scores videos judged the frames in training."""
        return self.config.speak.parts == "paper" and self.config.weights["sync"] != 0

    def driving(self, frames: np.ndarray, landmarks: np.ndarray) -> Driving:
        """What ``stream`` takes as pose or emotion; see ``Driving``."""
        return Driving(frames, landmarks)

    def named_emotion(self, name: str, level: int) -> NamedEmotion:
        """What ``stream`` takes as emotion: the mean of the training clips of this emotion and level.

        Raises:
            UserError: the checkpoint has seen no clip of this emotion.
        """
        mean = self.model.emotions.mean(EMOTIONS.index(name), level)
        if mean is None:
            raise UserError(f"{self.path}: no training clip was {name}; give a video with --emotion FILE")
        return NamedEmotion(mean)

    def generate(
        self,
        identity_frame: np.ndarray,
        identity_landmarks: np.ndarray,
        audio: np.ndarray,
        num_frames: int,
        fps: float,
        pose: Driving | None = None,
        emotion: Driving | NamedEmotion | None = None,
    ) -> np.ndarray:
        """Let a face speak: (num_frames, 256, 256, 3) uint8 RGB; arguments and errors as ``stream``."""
        made = self.stream(identity_frame, identity_landmarks, audio, num_frames, fps, pose, emotion)
        return np.stack(list(made))

    def stream(
        self,
        identity_frame: np.ndarray,
        identity_landmarks: np.ndarray,
        audio: np.ndarray,
        num_frames: int,
        fps: float,
        pose: Driving | None = None,
        emotion: Driving | NamedEmotion | None = None,
    ) -> Iterator[np.ndarray]:
        """Yield the frames of ``generate`` one by one.

        Args:
            identity_frame: (256, 256, 3) uint8 RGB.
            identity_landmarks: (478, 3) pixels of it.
            audio: (S,) float32, 16 kHz; cut or filled with silence to the frames' length.
            num_frames, fps: what is to be made.
            pose: leads the head; None, or no face in it, keeps the identity's own pose.
            emotion: leads the expression; None, or no face in it, keeps the identity's own.

        Raises:
            UserError: no face was found in the identity frame.
        """
        if not np.isfinite(identity_landmarks).all():
            raise UserError("no face was found in the identity frame; give another picture")
        stage = STAGES[self.config.speak.parts](self.model, identity_frame, identity_landmarks)
        encoders = self.model.speak.irfd
        with torch.inference_mode():
            still = stage.identity()
            identity = encoders.identity_encoder(still)
            leads = [
                self._lead(stage.emotion, encoders.emotion_encoder, emotion, still, num_frames),
                self._lead(stage.pose, encoders.pose_encoder, pose, still, num_frames),
            ]
            heard = self.model.speak.listen(_sound(audio, num_frames, fps), num_frames)
        for first in range(0, num_frames, BLOCK):
            with torch.inference_mode():
                frames = self._block(identity, *leads, heard, first)
            for frame in frames[: num_frames - first]:
                yield stage.picture(frame)

    def _lead(
        self,
        read: Callable[[Driving], Lead],
        encoder: nn.Module,
        driving: Driving | NamedEmotion | None,
        still: Tensor,
        num_frames: int,
    ) -> Lead:
        """Codes that lead one factor."""
        if isinstance(driving, NamedEmotion):
            is_code = self.config.speak.parts == "paper"
            return _same(driving.mean[None] if is_code else encoder(driving.mean[None]))
        if driving is None or not np.isfinite(driving.landmarks).all(axis=(1, 2)).any():
            return _same(encoder(still))
        if len(driving.landmarks) != num_frames:
            raise ValueError(f"driving clip of {num_frames} frames wanted, got {len(driving.landmarks)}")
        frames = read(driving)
        return lambda index: encoder(frames(index))

    def _block(self, identity: Tensor, emotion: Lead, pose: Lead, heard: Tensor, first: int) -> Tensor:
        """(BLOCK, *frame) from ``first`` on; the last block is filled with repetitions of the last frame."""
        index = torch.arange(first, first + BLOCK).clamp(max=heard.shape[1] - 1)
        codes = Codes(_same(identity)(index), emotion(index), pose(index))
        return self.model.speak.render(codes.map(lambda code: code[None]), heard[:, index])[0]


def _same(code: Tensor) -> Lead:
    """One code (1, C) for every frame."""
    return lambda index: code.expand(len(index), -1)


def _sound(audio: np.ndarray, num_frames: int, fps: float) -> Tensor:
    """(1, S) sound of exactly ``num_frames`` frames."""
    length = round(num_frames / fps * SAMPLE_RATE)
    cut = np.asarray(audio[:length], np.float32)
    return torch.from_numpy(np.pad(cut, (0, length - len(cut))))[None]


def _tensor(points: np.ndarray) -> Tensor:
    return torch.from_numpy(points.astype(np.float32))
