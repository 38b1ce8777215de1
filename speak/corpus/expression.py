"""The eight emotions as offsets of the face's controls, after the action units usually ascribed to them.

Level 3 shows the offsets in full, levels 1 and 2 a share of them (Ekman and Friesen's descriptions, 1978, give which
muscles; the amounts are ours).
"""

import numpy as np

from speak.corpus.features import CONTROLS, INDEX
from speak.data.clip import EMOTIONS

OFFSETS: dict[str, dict[str, float]] = {
    "angry": {
        "brow_in": -0.62,
        "brow_out": -0.15,
        "squeeze": 1.0,
        "squint": 0.45,
        "corner": -0.30,
        "wrinkle": 0.35,
        "lid": 0.10,
        "lower": 0.25,
    },
    "contempt": {"asym": 1.0, "lid": -0.32, "brow_out": 0.18, "squint": 0.15},
    "disgusted": {
        "wrinkle": 1.0,
        "upper": 0.85,
        "brow_in": -0.40,
        "squeeze": 0.40,
        "squint": 0.75,
        "corner": -0.40,
        "lid": -0.20,
    },
    "fear": {
        "brow_in": 0.85,
        "brow_out": 0.30,
        "squeeze": 0.55,
        "lid": 0.75,
        "wide": 0.50,
        "lower": 0.60,
        "corner": -0.25,
        "jaw": 0.06,
    },
    "happy": {"corner": 1.0, "wide": 0.65, "squint": 0.55, "upper": 0.40, "lower": 0.30, "brow_out": 0.12},
    "neutral": {},
    "sad": {"brow_in": 0.80, "brow_out": -0.50, "squeeze": 0.35, "corner": -0.95, "lid": -0.50, "press": 0.12},
    "surprised": {"brow_in": 0.95, "brow_out": 1.0, "lid": 1.0, "jaw": 0.46, "wide": -0.28},
}
LEVEL_SHARE = {1: 0.50, 2: 0.75, 3: 1.0}


def expression(emotion: str, level: int | None) -> np.ndarray:
    """Returns the constant offsets of an emotion, (C,) float32 in the order of ``CONTROLS``.

    Args:
        emotion: one of ``EMOTIONS``.
        level: 1 to 3; None counts as 2.

    Raises:
        ValueError: for an unknown emotion or level.
    """
    if emotion not in EMOTIONS or level not in (None, *LEVEL_SHARE):
        raise ValueError(f"no such expression: {emotion!r} at level {level!r}")
    offsets = np.zeros(len(CONTROLS), np.float32)
    for name, amount in OFFSETS[emotion].items():
        offsets[INDEX[name]] = amount * LEVEL_SHARE[level or 2]
    return offsets
