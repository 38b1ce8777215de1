"""Where eyes, brows and lips are, as curves in frontal head coordinates, for a given state of the controls.

The painter draws along these curves and the truth projects them, so the picture and its ground truth cannot disagree.
A state is a row of ``CONTROLS``. ``wide`` is negative for rounded lips.
"""

from dataclasses import dataclass

import numpy as np

from speak.corpus.identity import Identity

CONTROLS = (
    "jaw", "wide", "press", "tuck",  # visemes
    "upper", "lower", "corner", "asym", "brow_in", "brow_out", "squeeze", "lid", "squint", "wrinkle",  # expression
    "blink", "gaze_x", "gaze_y",  # eyes
)  # fmt: skip
INDEX = {name: k for k, name in enumerate(CONTROLS)}
LIP_POINTS, EYE_POINTS, BROW_POINTS = 23, 17, 9
JAW_DROP = 0.150  # how far the lower lip falls at jaw = 1: .27 of the inter-ocular distance with the lips' own opening
CORNER_RISE, WIDEN, ROUND = 0.076, 0.17, 0.36


@dataclass(frozen=True)
class Lips:
    """(23, 2) curves from the image's left corner to the right one."""

    outer_upper: np.ndarray
    inner_upper: np.ndarray
    inner_lower: np.ndarray
    outer_lower: np.ndarray


@dataclass(frozen=True)
class Eye:
    """One eye: ``upper`` and ``lower`` lid (17, 2) from left to right, ``crease`` above; the iris' place and size."""

    upper: np.ndarray
    lower: np.ndarray
    crease: np.ndarray
    iris: np.ndarray
    iris_radius: float


def lips(person: Identity, state: dict[str, float]) -> Lips:
    """Computes the four lip curves."""
    s, u = person.shape, np.linspace(-1.0, 1.0, LIP_POINTS)
    wide, press, tuck = state["wide"], state["press"], state["tuck"]
    rounding = max(-wide, 0.0)
    half = s["mouth_width"] * (1 + WIDEN * max(wide, 0.0) - ROUND * rounding - 0.06 * state["jaw"])
    corner = CORNER_RISE * (state["corner"] + state["asym"] * np.clip(u + 0.25, 0.0, 1.0) * 1.3)
    x = half * u * (1 + 0.10 * state["asym"] * (u > 0))
    bend = np.abs(u) ** 1.7
    fall = 0.25 * JAW_DROP * state["jaw"]  # corners follow the jaw by a part
    line = (
        s["mouth_y"]
        + (corner + 0.018) * bend
        - fall * bend
        + 0.004 * np.cos(3.2 * np.pi * u) * (1 - bend) * (1 - 0.6 * state["jaw"])
    )
    arch = np.maximum(1 - np.abs(u) ** 2.2, 0.0)
    closed = 1 - press
    rise = arch * closed * (0.014 * state["jaw"] + 0.045 * state["upper"] + 0.020 * rounding * state["jaw"])
    drop = arch**0.85 * closed * (JAW_DROP * state["jaw"] + 0.050 * state["lower"])
    drop = drop - arch * tuck * np.minimum(drop, 0.8 * drop.max() if drop.size else 0.0) * 0.75
    thin = 1 - 0.42 * press
    bow = 1.0 + s["cupid"] / 0.05 * (np.exp(-(((np.abs(u) - 0.24) / 0.16) ** 2)) - 0.55 * np.exp(-((u / 0.13) ** 2)))
    thick_up = (
        s["lip_upper"]
        * thin
        * (1 + 0.25 * rounding)
        * (1 - 0.25 * max(wide, 0.0))
        * np.maximum(1 - np.abs(u) ** 1.8, 0)
        * bow
    )
    thick_low = s["lip_lower"] * thin * (1 + 0.25 * rounding) * (1 - 0.2 * max(wide, 0.0)) * (1 - 0.6 * tuck)
    thick_low = thick_low * np.maximum(1 - np.abs(u) ** 2.3, 0) ** 0.8
    inner_upper, inner_lower = line + rise, line - drop
    curves = (inner_upper + thick_up, inner_upper, inner_lower, inner_lower - thick_low)
    return Lips(*(np.stack([x, y], 1) for y in curves))


def eye(person: Identity, state: dict[str, float], side: float) -> Eye:
    """Computes one eye; ``side`` is -1 for the image's left eye and 1 for the right one."""
    s, u = person.shape, np.linspace(-1.0, 1.0, EYE_POINTS)
    half = s["eye_width"]
    outward = u * side
    tilt = s["eye_tilt"] * half * (outward + 1) * 0.5
    x = side * s["eye_spacing"] + half * u
    base = s["eye_y"] + tilt - 0.006 * (1 - outward)
    # The upper lid peaks towards the nose, the lower one towards the ear.
    up = np.maximum(1 - np.abs(u + 0.14 * side * (1 - u * u)) ** 2.1, 0.0)
    down = np.maximum(1 - np.abs(u - 0.16 * side * (1 - u * u)) ** 2.3, 0.0)
    height = s["eye_height"] * (1 + 0.55 * max(state["lid"], 0.0) + 0.50 * min(state["lid"], 0.0))
    open_upper = base + 0.061 * height * up * (1 - 0.20 * state["squint"])
    lower = base - 0.036 * s["eye_height"] * down * (1 - 0.75 * state["squint"] + 0.15 * max(state["lid"], 0.0))
    shut = base - 0.030 * s["eye_height"] * down
    upper = open_upper + np.clip(state["blink"], 0, 1) * (np.minimum(shut, lower) - open_upper)
    lift = 0.026 + 0.016 * max(state["lid"], 0.0) + 0.010 * state["blink"]
    crease = (
        base
        + (0.063 * s["eye_height"] * (1 + 0.3 * max(state["lid"], 0)) + lift)
        * np.maximum(1 - np.abs(u * 0.93) ** 2.2, 0)
        + 0.004
    )
    iris = np.array([side * s["eye_spacing"] + 0.036 * state["gaze_x"], s["eye_y"] + 0.012 + 0.022 * state["gaze_y"]])
    points = [np.stack([x, y], 1) for y in (upper, lower, crease)]
    return Eye(*points, iris, 0.0575)


def brow(person: Identity, state: dict[str, float], side: float) -> np.ndarray:
    """Returns the brow's centre line, (9, 2) from the nose outwards."""
    s, v = person.shape, np.linspace(0.0, 1.0, BROW_POINTS)
    inner, outer = 1 - v, np.clip(v * 1.4 - 0.2, 0, 1)
    x = side * (0.105 + 0.345 * v - 0.040 * state["squeeze"] * inner)
    y = s["brow_height"] + s["brow_tilt"] * (v - 0.5) + s["brow_arch"] * (1 - (1.6 * v - 1.0) ** 2) - 0.014 * v
    y = y + 0.085 * state["brow_in"] * inner**0.8 + 0.070 * state["brow_out"] * outer - 0.012 * state["squeeze"] * inner
    return np.stack([x, y], 1)
