"""How each control moves the skin: one displacement field per control, so that a frame is rest + controls @ fields.

Fields follow the painted features (``features.py``): where the brow is painted higher the skin under it is higher too,
which carries wrinkles, freckles and beards along.
"""

import numpy as np

from speak.corpus.features import CORNER_RISE, INDEX, JAW_DROP
from speak.corpus.identity import Identity
from speak.corpus.noise import smoothstep

FIELDS = (
    "jaw",
    "wide",
    "round",
    "upper",
    "lower",
    "corner",
    "asym",
    "brow_in",
    "brow_out",
    "squeeze",
    "squint",
    "wrinkle",
)
_SIGNED = {
    "round": lambda state: np.maximum(-state[:, INDEX["wide"]], 0),
    "wide": lambda state: np.maximum(state[:, INDEX["wide"]], 0),
}


def amounts(states: np.ndarray) -> np.ndarray:
    """Turns control rows (T, C) into amounts of the fields (T, K) float32."""
    columns = [_SIGNED[name](states) if name in _SIGNED else states[:, INDEX[name]] for name in FIELDS]
    return np.stack(columns, 1).astype(np.float32)


def fields(person: Identity, rest: np.ndarray) -> np.ndarray:
    """Builds the displacement fields on the rest points (N, 3).

    Returns:
        (K, N, 3) float32 in the order of ``FIELDS``.
    """
    s, points = person.shape, rest.astype(np.float64)
    front = smoothstep(-0.05, 0.30, points[:, 2])
    mouth = (s["mouth_width"], s["mouth_y"])
    moves = {
        "jaw": [(_jaw(s, points), (0.0, -1.02 * JAW_DROP, -0.05))],
        "wide": [(_blob(points, *mouth, 0.13, 0.12), (0.042, 0.0, -0.012))],
        "round": [
            (_blob(points, *mouth, 0.13, 0.12), (-0.060, 0.0, 0.02)),
            (_middle(points, mouth[1], 0.17, 0.11), (0.0, 0.0, 0.065)),
        ],
        "upper": [(_middle(points, mouth[1] + 0.07, 0.16, 0.05), (0.0, 0.035, 0.0))],
        "lower": [(_middle(points, mouth[1] - 0.09, 0.16, 0.05), (0.0, -0.035, 0.0))],
        "corner": [
            (_blob(points, *mouth, 0.11, 0.10), (0.0, CORNER_RISE, 0.0)),
            (_blob(points, 0.33, -0.33, 0.13, 0.11), (0.012, 0.030, 0.036)),
        ],
        "asym": [(_right(points) * _blob(points, *mouth, 0.11, 0.10), (0.012, CORNER_RISE * 1.1, 0.015))],
        "brow_in": [(_blob(points, 0.14, s["brow_height"] + 0.02, 0.11, 0.13), (0.0, 0.075, 0.0))],
        "brow_out": [(_blob(points, 0.38, s["brow_height"] + 0.02, 0.13, 0.13), (0.0, 0.060, 0.0))],
        "squeeze": [(_blob(points, 0.12, s["brow_height"], 0.07, 0.09), (-0.022, -0.006, 0.014))],
        "squint": [(_blob(points, s["eye_spacing"], -0.15, 0.13, 0.07), (0.0, 0.026, 0.016))],
        "wrinkle": [(_blob(points, 0.085, s["nose_length"] + 0.03, 0.06, 0.08), (0.010, 0.030, 0.010))],
    }
    result = np.zeros((len(FIELDS), len(points), 3), np.float32)
    for k, name in enumerate(FIELDS):
        for weight, (dx, dy, dz) in moves[name]:
            step = np.stack([dx * np.sign(points[:, 0]), np.full(len(points), dy), np.full(len(points), dz)], 1)
            result[k] += (weight * front)[:, None] * step
    return result


def _blob(points: np.ndarray, x: float, y: float, wide: float, high: float) -> np.ndarray:
    """Gaussian around (x, y) and its mirror image."""
    return np.exp(-0.5 * (((np.abs(points[:, 0]) - x) / wide) ** 2 + ((points[:, 1] - y) / high) ** 2))


def _middle(points: np.ndarray, y: float, wide: float, high: float) -> np.ndarray:
    return _blob(points, 0.0, y, wide, high)


def _right(points: np.ndarray) -> np.ndarray:
    return smoothstep(-0.02, 0.10, points[:, 0])


def _jaw(shape: dict[str, float], points: np.ndarray) -> np.ndarray:
    """1 on the chin and lower lip, 0 above the mouth, fading towards the hinge below the ears."""
    beside = smoothstep(0.6, 1.5, np.abs(points[:, 0]) / shape["mouth_width"])
    level = shape["mouth_y"] - 0.015 - 0.04 * beside
    soft = 0.012 + 0.20 * beside
    weight = smoothstep(0, 1, (level + soft - points[:, 1]) / (2 * soft))
    return weight * smoothstep(-0.10, 0.50, points[:, 2])
