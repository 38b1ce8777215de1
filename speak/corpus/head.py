"""The bald head as a grid mesh: a lofted skull with Gaussian bumps for the face's relief.

Rows run from the crown to the chin and columns around the head (0 = towards the camera), both denser in the face.
A point is (half width, depth) of its height, read from ``PROFILE``; nose, sockets, cheekbones, lips and chin are bumps
along z. The mesh deforms linearly: rest + sum of control * field (``fields.py``), so a frame costs one small product.
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from speak.corpus.identity import Identity
from speak.corpus.noise import smoothstep

ROWS, COLS = 97, 113
# Outline of an average head: height, half width, depth in front, depth behind (before rounding at the poles).
PROFILE = np.array(
    [
        (1.00, 0.68, 0.76, 0.84),
        (0.70, 0.70, 0.82, 0.90),
        (0.40, 0.705, 0.83, 0.94),
        (0.15, 0.690, 0.80, 0.94),
        (-0.10, 0.665, 0.775, 0.90),
        (-0.35, 0.625, 0.765, 0.82),
        (-0.60, 0.560, 0.770, 0.74),
        (-0.80, 0.475, 0.775, 0.70),
        (-1.00, 0.400, 0.760, 0.66),
    ]
)
ROUND_TOP, ROUND_BOTTOM = 2.75, 4.1  # how late the outline closes towards the crown and the chin
FRONT_FLATNESS = 2.35  # 2 would be an ellipse; more makes the front of the face flatter
CROWN_TILT = -0.10  # the highest point lies behind the face


@dataclass(frozen=True)
class Grid:
    """A regular grid of vertices: ``points`` (rows, cols, 3) float32."""

    points: np.ndarray

    @property
    def faces(self) -> np.ndarray:
        """(F, 3) int32 triangles, counter-clockwise seen from outside."""
        return grid_faces(*self.points.shape[:2])


def grid_faces(rows: int, cols: int) -> np.ndarray:
    """Returns the two triangles of every cell of a grid, (2 * (rows - 1) * (cols - 1), 3) int32."""
    index = np.arange(rows * cols, dtype=np.int32).reshape(rows, cols)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    return np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)])


def columns(count: int = COLS) -> np.ndarray:
    """Azimuths of the columns in radians, (count,), -pi to pi, densest at 0 (the face)."""
    u = np.linspace(-1.0, 1.0, count)
    return np.pi * (0.45 * u + 0.55 * u**3)


def skull(person: Identity, azimuth: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Evaluates the smooth skull without relief.

    Args:
        person: whose skull.
        azimuth: angle around the vertical axis, 0 towards the camera; broadcast against ``height``.
        height: in [-1, 1] from chin to crown (before the underside of the jaw is tilted).

    Returns:
        (..., 3) points.
    """
    shape = person.shape
    azimuth, height = np.broadcast_arrays(azimuth, height)
    width, front, back = (PchipInterpolator(PROFILE[::-1, 0], PROFILE[::-1, k])(height) for k in (1, 2, 3))
    jaw = smoothstep(-0.15, -0.75, height)
    chin = smoothstep(-0.70, -1.0, height)
    width = width * shape["face_width"] * (1 + jaw * (shape["jaw_width"] - 1)) * (1 + chin * (shape["chin_width"] - 1))
    width = width + 0.018 * shape["fullness"] * smoothstep(0.1, -0.5, height)
    width = width * (1 + smoothstep(0.1, 0.6, height) * (shape["cranium"] - 1))
    power = np.where(height > 0, ROUND_TOP, ROUND_BOTTOM)
    close = np.sqrt(np.maximum(1.0 - np.abs(height) ** power, 0.0))
    sine, cosine = np.sin(azimuth), np.cos(azimuth)
    in_front = np.sqrt(np.maximum(1.0 - np.abs(sine) ** FRONT_FLATNESS, 0.0))
    x = width * close * sine
    z = close * np.where(cosine > 0, front * in_front, back * cosine) + CROWN_TILT * smoothstep(0.3, 1.0, height)
    # The jaw's underside rises from the chin to the throat, and the skull ends well above the chin behind.
    low = np.where(height < 0, 0.48 + 0.52 * smoothstep(-0.45, 0.42, z), 1.0)
    y = height * low + np.where(height < 0, shape["chin_length"] * -smoothstep(-0.5, -0.95, height), 0.0)
    return np.stack([x, y, z], -1)


def _bumps(person: Identity) -> list[tuple[float, ...]]:
    """Relief along z: x, y, width, extent above, extent below, amount; x != 0 is mirrored."""
    s = person.shape
    nose, wing, bridge, tip = s["nose_length"], s["nose_width"], s["nose_bridge"], s["nose_tip"]
    eye, eye_y, mouth = s["eye_spacing"], s["eye_y"], s["mouth_y"]
    return [
        (0.0, nose + 0.030, 0.062 * tip, 0.080, 0.038, 0.165 * tip),
        (0.0, nose + 0.19, 0.054, 0.11, 0.13, 0.102 * bridge),
        (0.0, eye_y + 0.03, 0.055, 0.12, 0.12, 0.062 * bridge),
        (wing * 0.88, nose + 0.0, 0.040, 0.050, 0.032, 0.080),
        (eye, eye_y + 0.02, 0.125, 0.085, 0.085, -0.075 * s["socket_depth"]),
        (eye * 0.50, eye_y + 0.02, 0.05, 0.06, 0.06, -0.018 * s["socket_depth"]),
        (eye, eye_y, 0.095, 0.06, 0.06, 0.040),
        (0.23, s["brow_height"] - 0.02, 0.13, 0.07, 0.045, 0.028 * s["brow_ridge"]),
        (0.42, -0.17, 0.15, 0.11, 0.13, 0.036 * s["cheekbone"]),
        (0.40, -0.46, 0.14, 0.12, 0.14, -0.020 + 0.028 * s["fullness"]),
        (0.155, nose - 0.06, 0.045, 0.07, 0.09, -0.016),
        (0.0, mouth - 0.01, 0.21, 0.15, 0.13, 0.055),
        (0.0, nose - 0.11, 0.018, 0.05, 0.05, -0.010),
        (0.0, mouth - 0.15, 0.13, 0.035, 0.04, -0.026),
        (0.0, -0.88, 0.15, 0.08, 0.09, 0.055),
        (0.58, 0.30, 0.12, 0.16, 0.16, -0.025),
    ]


def relief(person: Identity, points: np.ndarray) -> np.ndarray:
    """Returns the relief's height along z at the points, ``points.shape[:-1]``; zero behind the face."""
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    total = np.zeros(x.shape)
    for at_x, at_y, wide, above, below, amount in _bumps(person):
        vertical = (y - at_y) / np.where(y > at_y, above, below)
        for side in (1.0, -1.0) if at_x else (1.0,):
            total += amount * np.exp(-0.5 * (((x - side * at_x) / wide) ** 2 + vertical**2))
    return total * smoothstep(0.05, 0.35, z)


def rest_head(person: Identity) -> Grid:
    """Builds the head at rest, without lips (they follow the mouth every frame)."""
    t = np.linspace(0.0, 1.0, ROWS)
    angle = np.pi * (t - 0.05 * np.sin(2 * np.pi * t) * (1 - t))
    points = skull(person, columns()[None, :], np.cos(angle)[:, None])
    points[..., 2] += relief(person, points)
    return Grid(points.astype(np.float32))
