"""A person of the embedded corpus: everything that stays the same in all clips of one ``person_seed``.

Lengths are in head units: the head reaches from the chin (y = -1) to the crown (y = +1), x points to the image's
right, y up, z towards the camera. One unit is about 112 mm of a grown-up. Shape values are drawn around means that
differ between the sexes, so that faces vary as much as people in a crowd do and no two seeds agree.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from speak.corpus import palette

SHAPE_DRAWS = {
    # name: (mean of women, mean of men, standard deviation); multipliers unless a length or an angle is meant
    "face_width": (0.975, 1.01, 0.035),
    "jaw_width": (0.94, 1.03, 0.045),
    "chin_width": (0.92, 1.06, 0.10),
    "chin_length": (-0.01, 0.02, 0.025),
    "cranium": (1.0, 1.0, 0.025),
    "cheekbone": (1.0, 0.9, 0.35),
    "fullness": (0.15, 0.0, 0.45),
    "brow_ridge": (0.5, 1.25, 0.3),
    "socket_depth": (0.9, 1.1, 0.2),
    "eye_spacing": (0.285, 0.288, 0.010),
    "eye_width": (0.146, 0.140, 0.006),
    "eye_height": (1.12, 0.97, 0.10),
    "eye_tilt": (0.10, 0.05, 0.06),
    "eye_y": (0.0, 0.0, 0.012),
    "brow_height": (0.200, 0.178, 0.014),
    "brow_thickness": (0.027, 0.036, 0.005),
    "brow_arch": (0.040, 0.022, 0.010),
    "brow_tilt": (0.020, 0.014, 0.012),
    "nose_length": (-0.372, -0.392, 0.020),
    "nose_width": (0.106, 0.122, 0.011),
    "nose_bridge": (0.9, 1.15, 0.22),
    "nose_tip": (0.95, 1.08, 0.14),
    "mouth_y": (-0.600, -0.605, 0.014),
    "mouth_width": (0.245, 0.258, 0.013),
    "lip_upper": (0.056, 0.046, 0.008),
    "lip_lower": (0.078, 0.066, 0.009),
    "cupid": (0.012, 0.008, 0.004),
    "ear_size": (0.86, 0.98, 0.05),
    "ear_out": (0.7, 0.9, 0.25),
    "neck_width": (0.375, 0.455, 0.020),
    "shoulder_width": (0.90, 1.06, 0.05),
    "forehead": (0.61, 0.62, 0.025),
}
HAIR_STYLES = {
    "f": ("long", "bob", "wavy", "bun", "fringe", "pixie", "curly"),
    "m": ("short", "swept", "buzz", "curly", "crop", "bald"),
}
HAIR_ODDS = {"f": (0.24, 0.18, 0.18, 0.14, 0.12, 0.07, 0.07), "m": (0.28, 0.24, 0.13, 0.11, 0.16, 0.08)}
BEARDS = ("none", "stubble", "moustache", "full")
CLOTHES = ("crew", "v_neck", "collar", "turtleneck")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One person. ``shape`` holds the continuous face parameters named in ``SHAPE_DRAWS``.

    Colours are linear light, (3,) tuples in [0, 1].
    """

    person_seed: int
    sex: str
    age: float
    melanin: float
    skin: tuple[float, float, float]
    lip: tuple[float, float, float]
    hair_style: str
    hair_colour: str
    hair: tuple[float, float, float]
    brow: tuple[float, float, float]
    eye_colour: str
    iris: tuple[float, float, float]
    glasses: bool
    beard: str
    freckles: float
    clothes: str
    cloth: tuple[float, float, float]
    background_seed: int
    shape: dict[str, float]

    def describe(self) -> dict:
        """Returns all parameters as plain JSON-able values."""
        return dataclasses.asdict(self)


def identity(person_seed: int) -> Identity:
    """Draws the person of a seed; the same seed gives the same person everywhere."""
    rng = np.random.default_rng([person_seed, 0x1DE])
    sex = "f" if rng.random() < 0.5 else "m"
    mean = 0 if sex == "f" else 1
    shape = {name: _draw(rng, row[mean], row[2]) for name, row in SHAPE_DRAWS.items()}
    melanin = float(rng.beta(1.0, 1.25))
    age = float(rng.beta(1.6, 2.6))
    hair_colour = _hair_colour(rng, melanin, age)
    eye_colour = _eye_colour(rng, melanin)
    skin = _skin(rng, melanin)
    hair = palette.linear(palette.HAIR[hair_colour]) * rng.uniform(0.85, 1.15)
    beard = str(rng.choice(BEARDS, p=(0.45, 0.27, 0.08, 0.20))) if sex == "m" else "none"
    brow = np.minimum(hair * 0.55 + 0.004, skin * 0.30)
    return Identity(
        person_seed=person_seed,
        sex=sex,
        age=age,
        melanin=melanin,
        skin=_tuple(skin),
        lip=_tuple(_lip(rng, skin, sex, melanin)),
        hair_style=_hair_style(rng, sex),
        hair_colour=hair_colour,
        hair=_tuple(hair),
        brow=_tuple(brow),
        eye_colour=eye_colour,
        iris=_tuple(palette.linear(palette.IRIS[eye_colour])),
        glasses=bool(rng.random() < 0.16),
        beard=beard,
        freckles=float(rng.uniform(0.4, 1.0)) if melanin < 0.35 and rng.random() < 0.3 else 0.0,
        clothes=str(rng.choice(CLOTHES, p=(0.42, 0.2, 0.23, 0.15))),
        cloth=_tuple(palette.linear(palette.CLOTH[int(rng.integers(len(palette.CLOTH)))])),
        background_seed=int(rng.integers(2**31)),
        shape=shape,
    )


def _draw(rng: np.random.Generator, mean: float, deviation: float) -> float:
    return float(mean + deviation * np.clip(rng.standard_normal(), -1.8, 1.8))


def _tuple(colour: np.ndarray) -> tuple[float, float, float]:
    return tuple(round(float(v), 6) for v in colour)


def _skin(rng: np.random.Generator, melanin: float) -> np.ndarray:
    ramp = palette.linear(palette.SKIN_LIGHT_TO_DARK)
    place = melanin * (len(ramp) - 1)
    skin = np.array([np.interp(place, np.arange(len(ramp)), ramp[:, k]) for k in range(3)])
    undertone = rng.uniform(-0.05, 0.05)
    return skin * np.array([1.0 + 0.5 * undertone, 1.0 - 0.2 * undertone, 1.0 - undertone])


def _lip(rng: np.random.Generator, skin: np.ndarray, sex: str, melanin: float) -> np.ndarray:
    """Lips are the skin with more blood: darker and redder, strongest with lipstick."""
    strength = 1.15 * rng.uniform(0.7, 1.0) if sex == "f" else rng.uniform(0.55, 0.8)
    blood = np.array([0.74, 0.32, 0.40]) if melanin < 0.6 else np.array([0.95, 0.48, 0.58])
    return skin * (1 + strength * (blood - 1))


def _hair_colour(rng: np.random.Generator, melanin: float, age: float) -> str:
    if rng.random() < max(0.0, age - 0.45) * 1.6:
        return str(rng.choice(["grey", "white"], p=(0.65, 0.35)))
    if melanin > 0.5:
        return str(rng.choice(["black", "dark_brown"], p=(0.75, 0.25)))
    odds = (0.14, 0.22, 0.22, 0.12, 0.08, 0.12, 0.10)
    return str(rng.choice(list(palette.HAIR)[:7], p=odds))


def _eye_colour(rng: np.random.Generator, melanin: float) -> str:
    if melanin > 0.5:
        return str(rng.choice(["brown", "dark"], p=(0.5, 0.5)))
    return str(rng.choice(list(palette.IRIS), p=(0.26, 0.08, 0.16, 0.14, 0.26, 0.10)))


def _hair_style(rng: np.random.Generator, sex: str) -> str:
    return str(rng.choice(HAIR_STYLES[sex], p=HAIR_ODDS[sex]))
