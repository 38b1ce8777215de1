"""The feature layer: eyes, brows, lips, teeth and nostrils painted every frame where ``features.py`` says they are.

Shapes are cv2 polygons with sub-pixel corners, each painted only inside its own box. Colours are linear and
premultiplied; ``Layer.scale`` is texels per head unit.
"""

from dataclasses import dataclass

import cv2
import numba
import numpy as np

LEFT, RIGHT, TOP, BOTTOM = -0.62, 0.62, 0.46, -1.06
SUBPIXEL = 4


@numba.njit(cache=True)
def _over(target: np.ndarray, mask: np.ndarray, r: float, g: float, b: float, alpha: float) -> None:
    for y in range(target.shape[0]):
        for x in range(target.shape[1]):
            if mask[y, x] == 0:
                continue
            a = np.float32(mask[y, x]) * np.float32(alpha / 255.0)
            keep = np.float32(1.0) - a
            target[y, x, 0] = target[y, x, 0] * keep + np.float32(r) * a
            target[y, x, 1] = target[y, x, 1] * keep + np.float32(g) * a
            target[y, x, 2] = target[y, x, 2] * keep + np.float32(b) * a
            target[y, x, 3] = target[y, x, 3] * keep + a


@dataclass(frozen=True)
class Stencil:
    """A mask in the layer: ``mask`` (h, w) uint8 whose corner is at texel (x, y)."""

    mask: np.ndarray
    x: int
    y: int


class Layer:
    """A transparent (h, w, 4) canvas over the front of the face."""

    def __init__(self, scale: float):
        self.scale = scale
        self.image = np.zeros((int((TOP - BOTTOM) * scale) + 1, int((RIGHT - LEFT) * scale) + 1, 4), np.float32)

    def texels(self, points: np.ndarray) -> np.ndarray:
        """Turns frontal head positions (..., 2) into texel positions."""
        return (points - np.array([LEFT, TOP])) * np.array([self.scale, -self.scale])

    def clear(self) -> None:
        """Makes the layer transparent again."""
        self.image.fill(0.0)

    def stencil(
        self, points: np.ndarray, blur: float = 0.0, inside: Stencil | None = None, corners: int | None = None
    ) -> Stencil:
        """Cuts polygons.

        Args:
            points: (P, 2) head units, one polygon, or several of ``corners`` points each one after another.
            blur: deviation of a Gaussian that softens the edge, head units.
            inside: a stencil that limits this one.
            corners: points of each polygon when there are several.
        """
        at = self.texels(np.asarray(points))
        sigma = blur * self.scale
        margin = int(2.5 * sigma) + 2
        height, width = self.image.shape[:2]
        x0, y0 = np.maximum(np.floor(at.min(0)).astype(int) - margin, 0)
        x1 = min(int(np.ceil(at[:, 0].max())) + margin + 1, width)
        y1 = min(int(np.ceil(at[:, 1].max())) + margin + 1, height)
        if inside is not None:
            x0, y0 = max(x0, inside.x), max(y0, inside.y)
            x1, y1 = min(x1, inside.x + inside.mask.shape[1]), min(y1, inside.y + inside.mask.shape[0])
        if x1 <= x0 or y1 <= y0:
            return Stencil(np.zeros((0, 0), np.uint8), 0, 0)
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        fixed = np.round((at - [x0, y0]) * (1 << SUBPIXEL)).astype(np.int32)
        for polygon in [fixed] if corners is None else fixed.reshape(-1, corners, 2):
            cv2.fillPoly(mask, [polygon], 255, cv2.LINE_AA, SUBPIXEL)
        if sigma > 0.3:
            mask = cv2.GaussianBlur(mask, (0, 0), sigma)
        if inside is not None:
            part = inside.mask[y0 - inside.y : y1 - inside.y, x0 - inside.x : x1 - inside.x]
            mask = cv2.multiply(mask, np.ascontiguousarray(part), scale=1 / 255.0)
        return Stencil(mask, int(x0), int(y0))

    def paint(self, stencil: Stencil, colour: np.ndarray, alpha: float = 1.0) -> None:
        """Fills a stencil with one linear colour (3,)."""
        h, w = stencil.mask.shape
        if h and w:
            patch = self.image[stencil.y : stencil.y + h, stencil.x : stencil.x + w]
            _over(patch, stencil.mask, float(colour[0]), float(colour[1]), float(colour[2]), float(alpha))

    def fill(
        self,
        points: np.ndarray,
        colour: np.ndarray,
        alpha: float = 1.0,
        blur: float = 0.0,
        inside: Stencil | None = None,
    ) -> None:
        """Paints a polygon; see ``stencil`` and ``paint``."""
        self.paint(self.stencil(points, blur, inside), colour, alpha)


def band(line: np.ndarray, above: np.ndarray | float, below: np.ndarray | float) -> np.ndarray:
    """Makes a polygon around a curve (P, 2) reaching ``above`` and ``below`` it."""
    up, down = line.copy(), line.copy()
    up[:, 1] += above
    down[:, 1] -= below
    return np.concatenate([up, down[::-1]])


def shifted(points: np.ndarray, right: float, up: float) -> np.ndarray:
    """Moves points (..., 2)."""
    return points + np.array([right, up])


def disc(centre: np.ndarray, radius: float, flat: float = 1.0, count: int = 28) -> np.ndarray:
    """Corners of an ellipse, (count, 2)."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.asarray(centre) + radius * np.stack([np.cos(angle), flat * np.sin(angle)], 1)


def smooth(curve: np.ndarray, count: int) -> np.ndarray:
    """Resamples a curve (P, 2) evenly in its parameter to ``count`` points."""
    old, new = np.linspace(0, 1, len(curve)), np.linspace(0, 1, count)
    return np.stack([np.interp(new, old, curve[:, k]) for k in (0, 1)], 1)
