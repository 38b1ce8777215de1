"""Moving parts of a picture: control points say how far, the rest follows smoothly, and beyond a ring nothing moves.

The field is a radial-basis interpolation with the kernel r (the smoothest that still allows sharp changes), solved for
each frame on the points' new places, since resampling asks where a pixel comes FROM. Pixels outside the ring are
untouched, bit for bit.
"""

import cv2
import numpy as np
from scipy.spatial.distance import cdist

STEP = 4
"""The field is evaluated at every fourth pixel and enlarged: it is smooth."""
NUM_ANCHORS = 28
STIFFNESS = 1e-3
"""Ridge of the interpolation: points that nearly coincide (closed lips) may then disagree a little."""


class Ring:
    """An upright ellipse in face coordinates with points on it that do not move.

    Args:
        centre: (2,) in face units.
        radii: horizontal, upward and downward radius in face units.
    """

    def __init__(self, centre: np.ndarray, radii: tuple[float, float, float]):
        self.centre, self.radii = np.asarray(centre, float), radii
        angles = np.linspace(0, 2 * np.pi, NUM_ANCHORS, endpoint=False)
        down = np.where(np.sin(angles) > 0, radii[2], radii[1])
        self.anchors = self.centre + np.stack([radii[0] * np.cos(angles), down * np.sin(angles)], axis=1)

    def depth(self, points: np.ndarray) -> np.ndarray:
        """0 outside, rising to 1 over the outer fifth of the ellipse: (..., 2) to (...)."""
        offset = points - self.centre
        down = np.where(offset[..., 1] > 0, self.radii[2], self.radii[1])
        radius = np.hypot(offset[..., 0] / self.radii[0], offset[..., 1] / down)
        edge = np.clip((1 - radius) / 0.2, 0, 1)
        return edge * edge * (3 - 2 * edge)


class Warper:
    """Warps one picture many times.

    Args:
        picture: (H, W, 3) uint8.
        to_face: (2, 3) from pixels to face coordinates.
        ring: what may move.
    """

    def __init__(self, picture: np.ndarray, to_face: np.ndarray, ring: Ring):
        self.picture, self.ring = picture, ring
        self.to_pixels = cv2.invertAffineTransform(to_face)
        corners = ring.anchors @ self.to_pixels[:, :2].T + self.to_pixels[:, 2]
        limit = np.array(picture.shape[1::-1])
        self.low = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, limit - 1)
        self.high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 1, self.low + 1, limit)
        width, height = self.high - self.low
        self.coarse = (max(2, width // STEP), max(2, height // STEP))
        x = self.low[0] + (np.arange(self.coarse[0]) + 0.5) * width / self.coarse[0] - 0.5
        y = self.low[1] + (np.arange(self.coarse[1]) + 0.5) * height / self.coarse[1] - 0.5
        pixels = np.stack(np.meshgrid(x, y), axis=-1)
        self.grid = (pixels @ to_face[:, :2].T + to_face[:, 2]).reshape(-1, 2)
        self.pixels = np.stack(
            np.meshgrid(*(np.arange(a, b) for a, b in zip(self.low, self.high, strict=True))), axis=-1
        )
        self.depth = ring.depth(self.pixels @ to_face[:, :2].T + to_face[:, 2])[..., None]

    def warp(self, points: np.ndarray, displacement: np.ndarray) -> np.ndarray:
        """Move ``points`` by ``displacement``, both (K, 2) in face units; (H, W, 3) uint8."""
        moved = np.concatenate([points + displacement, self.ring.anchors])
        back = np.concatenate([-displacement, np.zeros_like(self.ring.anchors)])
        kernel = cdist(moved, moved)
        strength = np.linalg.solve(kernel - STIFFNESS * np.eye(len(moved)), back)
        field = cdist(self.grid, moved) @ strength @ self.to_pixels[:, :2].T
        width, height = self.high - self.low
        field = field.reshape(*self.coarse[::-1], 2)
        smooth = cv2.resize(field, (int(width), int(height)), interpolation=cv2.INTER_LINEAR)
        source = (self.pixels + smooth * self.depth).astype(np.float32)
        result = self.picture.copy()
        patch = cv2.remap(
            self.picture, source[..., 0], source[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        result[self.low[1] : self.high[1], self.low[0] : self.high[0]] = patch
        return result
