"""What is seen between the lips, drawn from the lips alone: teeth and dark in a fixed basis of pictures.

Small frames say where the lips are but not what lies between them. The picture there hangs mostly on how far and in
which shape the mouth is open: its principal components are fitted, by least squares, as a quadratic of five traits.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from speak.faces import mouth_shape, mouth_view
from speak.faces.mouth_shape import NUM_TRAITS

TERMS = 1 + NUM_TRAITS + NUM_TRAITS * (NUM_TRAITS + 1) // 2


@dataclass(frozen=True, kw_only=True)
class InsideConfig:
    """Size of the pictures.

    Attributes:
        width, height: of a picture in pixels.
        components: of the basis.
        clips: clips that pictures are learned from, spread evenly over all; fewer are all taken.
        every: every how many frames of a clip a picture is learned from.
        ridge: of the least squares, as a share of the number of pictures.
    """

    width: int
    height: int
    components: int
    clips: int
    every: int
    ridge: float


class MouthInside(nn.Module):
    """Basis and regression; both are buffers, fitted before training."""

    def __init__(self, config: InsideConfig):
        super().__init__()
        self.config = config
        pixels = 3 * config.width * config.height
        self.register_buffer("mean", torch.zeros(pixels))
        self.register_buffer("axes", torch.zeros(config.components, pixels))
        self.register_buffer("centre", torch.zeros(NUM_TRAITS))
        self.register_buffer("scale", torch.ones(NUM_TRAITS))
        self.register_buffer("regression", torch.zeros(TERMS, config.components))

    def fit(self, points: np.ndarray, pictures: np.ndarray) -> None:
        """Learn from open mouths.

        Args:
            points: (N, 53, 2) lip and chin points in face units.
            pictures: (N, height * width * 3) uint8; none leave everything grey.
        """
        if not len(pictures):
            self.mean.fill_(64.0)
            return
        traits = mouth_shape.traits(points)
        self.centre.copy_(torch.from_numpy(traits.mean(axis=0)))
        self.scale.copy_(torch.from_numpy(traits.std(axis=0) + 1e-3))
        rows = pictures.astype(np.float64)
        mean = rows.mean(axis=0)
        _, _, axes = np.linalg.svd(rows - mean, full_matrices=False)
        axes = axes[: self.config.components]
        self.mean.copy_(torch.from_numpy(mean))
        self.axes[: len(axes)] = torch.from_numpy(axes)
        terms = self._terms(torch.from_numpy(traits).float()).double().numpy()
        gram = terms.T @ terms + self.config.ridge * len(terms) * np.eye(TERMS)
        solved = np.linalg.solve(gram, terms.T @ ((rows - mean) @ axes.T))
        self.regression[:, : len(axes)] = torch.from_numpy(solved).float()

    def forward(self, points: np.ndarray) -> np.ndarray:
        """(T, 53, 2) points in face units to (T, height, width, 3) uint8 pictures of the inside of the mouth."""
        traits = torch.from_numpy(mouth_shape.traits(points)).float()
        flat = self.mean + self._terms(traits) @ self.regression @ self.axes
        shape = (len(flat), self.config.height, self.config.width, 3)
        return flat.clamp(0, 255).round().to(torch.uint8).view(shape).numpy()

    def _terms(self, traits: Tensor) -> Tensor:
        """1, the traits, and their products: (T, TERMS)."""
        known = ((traits - self.centre) / self.scale).clamp(-3, 3)
        upper = torch.triu_indices(NUM_TRAITS, NUM_TRAITS)
        products = known[:, upper[0]] * known[:, upper[1]]
        return torch.cat([torch.ones_like(known[:, :1]), known, products], dim=1)


def open_mouths(frames: np.ndarray, landmarks: np.ndarray, config: InsideConfig) -> tuple[np.ndarray, np.ndarray]:
    """Points and pictures of a clip's open mouths.

    Args:
        frames: (T, H, W, 3) uint8.
        landmarks: (T, 478, 3) pixels; NaN rows are interpolated.

    Returns:
        (N, 53, 2) float64 in face units and (N, height * width * 3) uint8.

    Raises:
        ValueError: no face found in any frame.
    """
    known = mouth_view.fill_missing(landmarks)
    to_face = mouth_view.face_transforms(known)
    points = mouth_shape.mouth_points(known, to_face)
    boxes = mouth_shape.inner_boxes(points)
    wide = boxes[:, 3] - boxes[:, 1] > mouth_shape.MIN_HEIGHT
    chosen = np.flatnonzero(wide & (np.arange(len(boxes)) % config.every == 0))
    size = (config.width, config.height)
    cut = [mouth_shape.inner_picture(frames[i], to_face[i], boxes[i], size).ravel() for i in chosen]
    return points[chosen], np.array(cut, np.uint8).reshape(len(chosen), 3 * size[0] * size[1])
