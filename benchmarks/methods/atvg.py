"""ATVG (Chen et al. 2019): from the sound to landmarks in six coefficients, from these and the picture to frames.

The published demonstration at 25 frames a second and 128x128 pixels; the head keeps the template's pose. Its landmarks
of the identity are the same for every face: with one picture, what is measured is subtracted from itself. Our landmarks
stand in for dlib's, and the picture is brought to the template in one step instead of after a crop of 163x163 pixels.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.methods.atvg_network import AtNet, VgNet
from benchmarks.methods.baseline import Baseline
from benchmarks.methods.frame_rate import NATIVE_FPS, shown_at
from benchmarks.methods.method import CannotMake
from benchmarks.methods.plane_similarity import inverse, laid_on, looked_up, similarity
from benchmarks.methods.speech_cepstra import windows
from benchmarks.protocol import Request
from speak.assets import asset
from speak.faces.points68 import points68

ALIGNED = slice(27, 45)
"""Nose, one eye and half of the other."""

ALIGNED_SIZE, MARGIN, SIZE = 163, 1, 128
SCALE = 5.0
"""Landmarks of about ±0.2 to about ±1."""

GAINS = 2.0 * np.array([0.5, 1.1, 1.2, 1.3, 1.4, 1.5])
"""The demonstration's exaggeration of all coefficients but the first."""

BATCH = 16


@dataclass(frozen=True, kw_only=True)
class AtvgSwitches:
    """Where the published program can be followed or put right.

    Attributes:
        exaggerated: multiply all coefficients but the first by the demonstration's gains, 2.2 to 3.0.
        own_levels: stretch each frame to its own darkest and brightest value, as published, so that levels may
            flicker; off: [-1, 1] becomes 0 to 255.
        on_canvas: lay the result where the face was in the identity frame; off: enlarge the crop to the whole frame.
    """

    exaggerated: bool = True
    own_levels: bool = True
    on_canvas: bool = True


@dataclass(frozen=True, kw_only=True)
class AtvgArrays:
    """The arrays that the weights were trained with.

    Attributes:
        mean: (136,) landmarks x, y in turn, times 5.
        basis: (136, 6) orthonormal columns.
        template: (68, 2) pixels of the aligned face.
        identity: (68, 2) landmarks that stand for every identity.
    """

    mean: np.ndarray
    basis: np.ndarray
    template: np.ndarray
    identity: np.ndarray


def arrays() -> AtvgArrays:
    """Read them through the asset registry. Raises UserError when one cannot be had."""
    names = ("mean", "basis", "template", "identity")
    return AtvgArrays(**{name: np.load(asset(f"atvg_{name}"), allow_pickle=False).astype(np.float64) for name in names})


class Atvg(Baseline):
    """Adapter of ATVG."""

    name: ClassVar[str] = "atvg"
    label: ClassVar[str] = "ATVG"
    models: ClassVar[tuple[str, ...]] = ("baselines/atvg",)
    files: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "atvg_atnet": ("atnet_lstm_18.pth",),
        "atvg_vgnet": ("generator_23.pth",),
    }

    def __init__(self, at_net: AtNet, vg_net: VgNet, data: AtvgArrays, switches: AtvgSwitches | None = None):
        self.at_net, self.vg_net = at_net.eval(), vg_net.eval()
        self.data, self.switches = data, switches or AtvgSwitches()

    @classmethod
    def official_arrays(cls) -> dict[str, np.ndarray]:
        """As ``Baseline``: the fields of ``AtvgArrays``."""
        return vars(arrays())

    @classmethod
    def made_of(cls, networks: Mapping[str, nn.Module], arrays: Mapping[str, np.ndarray], *, official: bool) -> Self:
        """As ``Baseline``; weights of ours are heard as they are, and their levels put right."""
        switches = AtvgSwitches(exaggerated=official, own_levels=official)
        return cls(networks["atvg_atnet"], networks["atvg_vgnet"], AtvgArrays(**arrays), switches)

    def generate(self, request: Request) -> np.ndarray:
        """(T, 256, 256, 3) uint8. Raises CannotMake when the identity frame shows no face."""
        if not np.isfinite(request.identity_landmarks).all():
            raise CannotMake(f"{request.clip_id}: ATVG found no face in the identity frame; give another picture")
        to_frame = alignment(request.identity_landmarks, self.data.template)
        made = self.render(aligned(request.identity_frame, to_frame), windows(request.audio))
        shown = made[shown_at(request.num_frames, request.fps, NATIVE_FPS, len(made))]
        if not self.switches.on_canvas:
            side = request.identity_frame.shape[0]
            return np.stack([cv2.resize(picture, (side, side), interpolation=cv2.INTER_LINEAR) for picture in shown])
        return np.stack([laid_on(request.identity_frame, picture, to_crop(to_frame)) for picture in shown])

    def render(self, picture: np.ndarray, heard: np.ndarray) -> np.ndarray:
        """Make pictures.

        Args:
            picture: (128, 128, 3) uint8 RGB, aligned.
            heard: (N, 28, 12) windows of cepstra.

        Returns:
            (N, 128, 128, 3) uint8 RGB.
        """
        example = identity_coefficients(self.data)
        image = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
        with torch.inference_mode():
            coefficients = self.at_net(_tensor(example[None]), _tensor(heard[None]))[0].double().numpy()
            gains = GAINS if self.switches.exaggerated else 1.0
            led = _tensor(landmarks(coefficients * gains, self.data))
            still = _tensor(landmarks(example, self.data)[None])
            # one identity: frames do not depend on each other, so they may be made in parts
            parts = [self.vg_net(image, part[None], still)[0][0] for part in led.split(BATCH)]
        frames = torch.cat(parts).permute(0, 2, 3, 1).numpy()
        return np.stack([levels(frame, own=self.switches.own_levels) for frame in frames])


def identity_coefficients(data: AtvgArrays) -> np.ndarray:
    """(6,) coefficients of the landmarks that stand for every identity."""
    return (data.identity.reshape(-1) * SCALE - data.mean) @ data.basis


def landmarks(coefficients: np.ndarray, data: AtvgArrays) -> np.ndarray:
    """(..., 6) coefficients to (..., 136) landmarks, x and y in turn, times 5."""
    return coefficients @ data.basis.T + data.mean


def alignment(points: np.ndarray, template: np.ndarray) -> np.ndarray:
    """From the aligned picture's pixels to the frame's, (2, 3): the similarity of points 27 to 44.

    Args:
        points: (478, 3) landmarks in pixels of the frame.
        template: (68, 2).
    """
    return similarity(template[ALIGNED], points68(points)[ALIGNED])


def aligned(frame: np.ndarray, to_frame: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 to the (128, 128, 3) uint8 face, rounded down as the original does, black outside the frame."""
    whole = (looked_up(frame, to_frame, ALIGNED_SIZE) * 255).astype(np.uint8)
    return whole[MARGIN : MARGIN + SIZE, MARGIN : MARGIN + SIZE]


def to_crop(to_frame: np.ndarray) -> np.ndarray:
    """From the frame's pixels to those of the 128x128 face, (2, 3)."""
    matrix = inverse(to_frame)
    matrix[:, 2] -= MARGIN
    return matrix


def levels(frame: np.ndarray, *, own: bool) -> np.ndarray:
    """A frame in [-1, 1] to uint8: by its own darkest and brightest value, or -1 and 1."""
    low, high = (frame.min(), frame.max()) if own else (-1.0, 1.0)
    scaled = (frame - low) * (255 / ((high - low) or 1.0))
    return (scaled.clip(0, 255) + 0.5).astype(np.uint8)


def _tensor(values: np.ndarray) -> Tensor:
    return torch.from_numpy(np.asarray(values, np.float32))
