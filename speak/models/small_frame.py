"""What a *frame* is for the small parts: a short vector that stands for where the landmarks lie on the canvas.

Three groups of points (``speak.faces.head_points``) give four blocks:

    head    principal components of the head points: place, size, turn and shape of the head
    upper   principal components of brows and lids, less what the head block's leading ones predict of them
    mouth   the same for lips, chin and jaw at this moment
    calm    the mouth block of the same face with the clip's mean mouth: what it shows without speaking

Who must not see the mouth is not given its block (``VIEWS``), which is exact, since blocks are fitted one by one. A
block's coefficients are whitened and then scaled by their spread in pixels to the power ``power``: 0 would count
noise and motion alike, 1 is plain distance in pixels. The basis is fixed before training and travels as buffers.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from speak.faces.head_points import GROUPS, USED

BLOCKS = ("head", "upper", "mouth", "calm")
VIEWS = {"identity": ("head", "upper", "calm"), "emotion": ("upper", "calm"), "pose": ("head",)}
"""Blocks that each encoder sees. The mouth's moment is in none: sound is the only path to it. A landmarker finds all
points at once, though, so that fine motion of nose and lids tells of the lips: encoders that look at every moment see
a block's leading components only (``SmallFrameConfig.pose`` and ``emotion``)."""
RIDGE = 1e-3
"""Of the linear prediction from the head block, whose coefficients have variance 1."""


@dataclass(frozen=True, kw_only=True)
class SmallFrameConfig:
    """Size and scale of the blocks.

    Attributes:
        head, upper, mouth: components of each block; the calm block has as many as the mouth's.
        lead: leading components of the head block from which brows, lids and mouth are predicted. The finer ones move
            with the expression, and would take it out of the other blocks.
        pose, emotion: leading components of the head and of the upper block that E_p and E_e see.
        power: how far a coefficient's spread in pixels counts, 0 to 1.
        mouth_weight, calm_weight: factors of the last two blocks.
    """

    head: int
    upper: int
    mouth: int
    lead: int
    pose: int
    emotion: int
    power: float
    mouth_weight: float
    calm_weight: float

    @property
    def size(self) -> int:
        """Length of a frame."""
        return self.head + self.upper + 2 * self.mouth

    def block(self, name: str) -> slice:
        """Where a block lies in the frame."""
        lengths = dict(zip(BLOCKS, (self.head, self.upper, self.mouth, self.mouth), strict=True))
        start = sum(lengths[before] for before in BLOCKS[: BLOCKS.index(name)])
        return slice(start, start + lengths[name])

    def positions(self, blocks: tuple[str, ...], leading: int | None = None) -> list[int]:
        """Positions of several blocks; of head and upper block only the ``leading`` components, None for all."""
        chosen = []
        for name in blocks:
            block = self.block(name)
            stop = block.start + leading if leading is not None and name in ("head", "upper") else block.stop
            chosen += range(block.start, stop)
        return chosen

    def view(self, factor: str) -> list[int]:
        """Positions that the encoder of a factor sees."""
        return self.positions(VIEWS[factor], {"identity": None, "emotion": self.emotion, "pose": self.pose}[factor])


class FrameBasis(nn.Module):
    """Landmarks to frames and back.

    Attributes:
        template: (K, 3) mean shape of the training clips, for ``speak.faces.head_points``.
    """

    def __init__(self, config: SmallFrameConfig):
        super().__init__()
        self.config = config
        self.register_buffer("template", torch.zeros(len(USED), 3))
        for group, count in (("head", config.head), ("upper", config.upper), ("mouth", config.mouth)):
            length = 3 * (GROUPS[group].stop - GROUPS[group].start)
            self.register_buffer(f"{group}_mean", torch.zeros(length))
            self.register_buffer(f"{group}_axes", torch.zeros(count, length))
            self.register_buffer(f"{group}_scale", torch.ones(count))
            if group != "head":
                self.register_buffer(f"{group}_lead", torch.zeros(config.lead, length))

    def fit(self, template: np.ndarray, points: np.ndarray) -> None:
        """Find the basis.

        Args:
            template: (K, 3).
            points: (N, K, 3) pixels of training frames.
        """
        self.template.copy_(torch.from_numpy(template))
        config = self.config
        head = self._fit("head", _flat(points, "head"), config.head, 1.0)
        head = head[:, : config.lead]
        white = np.concatenate([head, np.ones((len(head), 1))], axis=1)
        for group, count, weight in (
            ("upper", config.upper, 1.0),
            ("mouth", config.mouth, config.mouth_weight),
        ):
            rows = _flat(points, group)
            gram = white.T @ white + RIDGE * np.eye(white.shape[1])
            lead = np.linalg.solve(gram, white.T @ rows)[:-1]
            getattr(self, f"{group}_lead").copy_(torch.from_numpy(lead))
            self._fit(group, rows - head @ lead, count, weight)

    def _fit(self, group: str, rows: np.ndarray, count: int, weight: float) -> np.ndarray:
        """Principal components of a group; returns the whitened coefficients (N, count)."""
        mean = rows.mean(axis=0)
        values, axes = np.linalg.eigh((rows - mean).T @ (rows - mean) / len(rows))
        values, axes = values[::-1][:count], axes[:, ::-1][:, :count]
        axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(count)])
        spread = np.sqrt(np.maximum(values, 1e-6))
        pixels = spread / np.sqrt(rows.shape[1] / 3)
        for name, value in (
            ("mean", mean), ("axes", (axes * spread).T), ("scale", weight * pixels**self.config.power)
        ):  # fmt: skip
            getattr(self, f"{group}_{name}").copy_(torch.from_numpy(np.ascontiguousarray(value)))
        return (rows - mean) @ (axes / spread)

    def encode(self, points: Tensor, calm: Tensor) -> Tensor:
        """Frames of faces.

        Args:
            points: (..., K, 3) pixels.
            calm: (..., K, 3) the same faces with a calm mouth.

        Returns:
            (..., D) float32.
        """
        head = self._whiten("head", points, None)
        blocks = [head * self.head_scale]
        for group, source, weight in (
            ("upper", points, 1.0),
            ("mouth", points, 1.0),
            ("mouth", calm, self.config.calm_weight / self.config.mouth_weight),
        ):
            blocks.append(self._whiten(group, source, head) * getattr(self, f"{group}_scale") * weight)
        return torch.cat(blocks, dim=-1)

    def decode(self, frames: Tensor) -> Tensor:
        """(..., D) frames to (..., K, 3) points in pixels; the calm block is left out."""
        head = frames[..., self.config.block("head")] / self.head_scale
        groups = [self.head_mean + head @ self.head_axes]
        for group in ("upper", "mouth"):
            own = frames[..., self.config.block(group)] / getattr(self, f"{group}_scale")
            mean, lead, axes = (getattr(self, f"{group}_{name}") for name in ("mean", "lead", "axes"))
            groups.append(mean + head[..., : self.config.lead] @ lead + own @ axes)
        return torch.cat(groups, dim=-1).unflatten(-1, (len(USED), 3))

    def _whiten(self, group: str, points: Tensor, head: Tensor | None) -> Tensor:
        rows = points[..., GROUPS[group], :].flatten(-2) - getattr(self, f"{group}_mean")
        if head is not None:
            rows = rows - head[..., : self.config.lead] @ getattr(self, f"{group}_lead")
        axes = getattr(self, f"{group}_axes")
        return rows @ (axes / axes.square().sum(dim=1, keepdim=True)).T


def _flat(points: np.ndarray, group: str) -> np.ndarray:
    return points[:, GROUPS[group]].reshape(len(points), -1).astype(np.float64)
