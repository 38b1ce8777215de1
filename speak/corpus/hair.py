"""Hair as one soft shell: strands leave the crown, follow the skull at some height above it and may hang below.

Columns are azimuths, rows run along the strands. How far a strand reaches (``ends``) makes the hairline in front, the
fringe, the sideburns and the length behind; noise along the strands makes their colour, ragged tips and lumps.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.interpolate import PchipInterpolator

from speak.corpus.head import Grid, skull
from speak.corpus.identity import Identity
from speak.corpus.noise import field, smoothstep

ROWS, COLS = 44, 121
HAIRLINE = (
    (0, 0.0),
    (26, -0.01),
    (44, -0.07),
    (54, -0.20),
    (62, -0.46),
    (70, -0.66),
    (82, -0.56),
    (92, -0.42),
    (104, -0.46),
    (118, -0.86),
    (140, -1.02),
    (180, -1.06),
)
"""Azimuth in degrees and height below the forehead's hairline where hair grows: temples, sideburn, ear, nape."""


@dataclass(frozen=True, kw_only=True)
class Style:
    """Volume is the height above the skull on top and at the sides; ``length`` the height where hanging hair ends."""

    top: float
    sides: float
    length: float | None = None
    fringe: float = 0.0
    curl: float = 0.0
    wave: float = 0.0
    sweep: float = 0.6
    ragged: float = 0.06
    bun: bool = False


STYLES = {
    "bald": None,
    "buzz": Style(top=0.022, sides=0.014, ragged=0.05, sweep=0.2),
    "crop": Style(top=0.085, sides=0.030, fringe=0.06, ragged=0.16, sweep=0.4),
    "short": Style(top=0.110, sides=0.045, ragged=0.07),
    "swept": Style(top=0.165, sides=0.050, ragged=0.06, sweep=1.3),
    "curly": Style(top=0.190, sides=0.120, curl=1.0, ragged=0.10),
    "pixie": Style(top=0.120, sides=0.070, fringe=0.13, ragged=0.20, sweep=1.2),
    "bun": Style(top=0.060, sides=0.035, ragged=0.05, sweep=0.2, bun=True),
    "bob": Style(top=0.110, sides=0.100, length=-0.80, sweep=0.9),
    "long": Style(top=0.105, sides=0.095, length=-1.75, sweep=0.8),
    "wavy": Style(top=0.125, sides=0.130, length=-1.50, wave=1.0, sweep=1.0),
    "fringe": Style(top=0.105, sides=0.090, length=-1.10, fringe=0.30, ragged=0.05, sweep=0.2),
}


def hairline(person: Identity, azimuth: np.ndarray) -> np.ndarray:
    """Height where hair starts growing at an azimuth (radians)."""
    table = np.array(HAIRLINE)
    receding = 0.10 * max(person.age - 0.5, 0.0) if person.sex == "m" else 0.0
    drop = PchipInterpolator(np.radians(table[:, 0]), table[:, 1])(np.abs(azimuth))
    bays = receding * np.exp(-(((np.abs(azimuth) - 0.65) / 0.25) ** 2))
    if covers_ears(person):  # worn over the temples
        drop = np.minimum(drop, -0.30 * (np.abs(azimuth) / 0.85) ** 2.4)
    return person.shape["forehead"] + np.maximum(drop, -1.10) + receding * 0.5 + bays


def covers_ears(person: Identity) -> bool:
    """Whether the hair hangs over the ears."""
    style = STYLES[person.hair_style]
    return style is not None and style.length is not None


def shell(person: Identity) -> tuple[Grid, Grid] | None:
    """Builds the hair.

    Returns:
        The grid of points and the grid of strand directions (unit), or None for a bald head.
    """
    style = STYLES[person.hair_style]
    if style is None:
        return None
    rng = np.random.default_rng([person.person_seed, 0x4A1])
    azimuth = np.linspace(-np.pi, np.pi, COLS)[None, :]
    side = rng.choice([-1.0, 1.0])
    run = np.linspace(0.0, 1.0, ROWS)[:, None]
    start = hairline(person, azimuth)
    fringe = style.fringe * np.exp(-((np.abs(azimuth) / 0.75) ** 6))
    skin_end = np.clip(start - fringe, -0.98, 0.99)
    hang = np.zeros_like(azimuth)
    if style.length is not None:
        share = smoothstep(0.78, 1.10, np.abs(azimuth))
        skin_end = skin_end * (1 - share) + np.minimum(skin_end, 0.02) * share
        hang = (skin_end - style.length) * share * (0.94 + 0.06 * np.cos(azimuth * 7))
    arc = np.arccos(np.clip(skin_end, -1, 1)) * 0.85
    on_skin = arc / (arc + hang)
    down = np.minimum(run / on_skin, 1.0)
    height = np.cos(np.arccos(np.clip(skin_end, -1, 1)) * down)
    base = skull(person, np.broadcast_to(azimuth, height.shape), height)
    points = base + _lift(style, azimuth, run, height, rng, side)[..., None] * _outward(base)
    points[..., 1] -= hang * np.maximum(run - on_skin, 0.0) / np.maximum(1 - on_skin, 1e-6)
    _hang(points, style, azimuth, hang > 1e-6, rng)
    points = points.astype(np.float32)
    along = np.gradient(points, axis=0) + 0.35 * style.sweep * side * np.gradient(points, axis=1)
    along /= np.linalg.norm(along, axis=-1, keepdims=True) + 1e-9
    return Grid(points), Grid(along.astype(np.float32))


def _outward(base: np.ndarray) -> np.ndarray:
    direction = base - np.array([0.0, 0.05, -0.08])
    return direction / np.linalg.norm(direction, axis=-1, keepdims=True)


def _lift(
    style: Style, azimuth: np.ndarray, run: np.ndarray, height: np.ndarray, rng: np.random.Generator, side: float
) -> np.ndarray:
    """Height of the shell above the skull, (ROWS, COLS)."""
    upper = smoothstep(0.0, 0.8, height)
    lift = style.sides + (style.top - style.sides) * upper
    shape = (ROWS, COLS)
    lumps = np.clip(field(rng, shape, (5, 12), 2), -1.5, 1.5) * (0.13 + 0.07 * style.curl)
    seam = smoothstep(0.88, 1.0, np.linspace(0, 1, COLS))[None, :]
    lumps = lumps * (1 - seam) + lumps[:, :1] * seam
    away = smoothstep(0.0, 0.3, run)  # all columns meet at the crown
    lift = lift * (1 + 0.35 * np.exp(-(((height - 0.72) / 0.25) ** 2))) * (
        1 + lumps * away
    ) + 0.02 * side * upper * away * np.sin(azimuth)
    if style.length is None or style.fringe > 0.2:
        edge = smoothstep(1.0, 0.72, run) if style.fringe < 0.02 else 0.30 + 0.70 * smoothstep(1.0, 0.75, run)
    else:
        in_front = smoothstep(1.00, 0.65, np.abs(azimuth))
        edge = (1 - in_front) + in_front * smoothstep(1.0, 0.65, run)
    return 0.006 + lift * edge


def _hang(points: np.ndarray, style: Style, azimuth: np.ndarray, hanging: np.ndarray, rng: np.random.Generator) -> None:
    """Lets long hair fall straight from the widest place instead of following the skull inwards."""
    if style.length is None:
        return
    radius = np.hypot(points[..., 0], points[..., 2] + 0.1)
    fallen = np.maximum.accumulate(radius, axis=0)
    keep = np.where(hanging, (fallen / np.maximum(radius, 1e-6)), 1.0)
    points[..., 0] *= keep
    points[..., 2] = (points[..., 2] + 0.1) * keep - 0.1
    depth = np.clip(-points[..., 1] - 0.1, 0.0, 1.3)
    sway = (
        0.035
        * style.wave
        * np.sin(7.5 * depth + 3 * np.sin(azimuth * 2) + rng.uniform(0, 6))
        * np.minimum(depth * 3, 1)
    )
    points[..., 0] *= 1 + sway - 0.05 * depth * (1 - style.wave)
    points[..., 2] -= 0.10 * np.minimum(depth, 0.6) * (np.cos(azimuth) > 0)


def bun(person: Identity) -> Grid | None:
    """A ball of hair on the crown for the bun style."""
    style = STYLES[person.hair_style]
    if style is None or not style.bun:
        return None
    angle = np.linspace(0, np.pi, 18)[:, None]
    turn = np.linspace(-np.pi, np.pi, 33)[None, :]
    radius = 0.25 * (1 + 0.05 * np.sin(5 * turn + 4 * angle))
    x, z = radius * np.sin(angle) * np.sin(turn), radius * np.sin(angle) * np.cos(turn)
    points = np.stack([x, 1.10 + 0.85 * radius * np.cos(angle), z - 0.28], -1)
    return Grid(points.astype(np.float32))


def texture(person: Identity, height: int, width: int, seed: int = 0x7E) -> np.ndarray:
    """Paints the shell's texture: strands of slightly different colour, darker at the roots, ragged at the tips.

    Returns:
        (height, width, 6) float32: colour, occlusion, strand tilt, opacity.
    """
    style = STYLES[person.hair_style] or STYLES["buzz"]
    rng = np.random.default_rng([person.person_seed, seed])
    if style.curl:
        strands = field(rng, (height, width), (20, 44), 3)
        fine = field(rng, (height, width), (52, 110), 1)
    else:
        strands = 0.75 * field(rng, (height, width), (3, 60), 2)
        fine = field(rng, (height, width), (6, 230), 1)
    side = rng.choice([-1.0, 1.0])
    parting = side * rng.uniform(0.0, 0.35) if covers_ears(person) and not style.fringe else None
    strands, fine = (_comb(image, 0.10 * style.sweep * width * side, style.wave, parting) for image in (strands, fine))
    run = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    single = field(rng, (height, width), (4, width // 3), 1)  # single strands, as fine as the texture can show
    value = np.exp(0.26 * strands + 0.18 * fine + 0.13 * single)
    angle = np.linspace(-np.pi, np.pi, width, dtype=np.float32)[None, :]
    if parting is not None:
        value = value * (1 - 0.55 * np.exp(-(((angle - parting) / 0.035) ** 2)) * smoothstep(0.15, 0.3, run))
    colour = np.asarray(person.hair, np.float32) * value[..., None]
    if person.hair_colour in ("grey", "dark_blond", "blond"):
        colour = colour * (1 + 0.10 * field(rng, (height, width), (3, 50), 1)[..., None] * np.array([1, 0.9, 0.7]))
    combed = (np.abs(angle) < (0.68 if covers_ears(person) else 0.9)) & (
        style.fringe < 0.02
    )  # hair that grows backwards from the forehead has no tips there
    tips = np.where(combed, 0.06, 0.22) * smoothstep(0.88, 1.0, run)
    occlusion = np.clip(0.86 + 0.12 * strands - tips, 0.4, 1.1)
    reach = 1 - np.where(combed, 0.6, 1.0) * style.ragged * (0.5 + 0.32 * fine + 0.25 * strands)
    opacity = smoothstep(0.0, 1.0, (reach - run) / np.where(combed, 0.16, 0.035) + 0.5)
    return np.dstack([np.clip(colour, 0, 1), occlusion, 0.10 * fine + 0.06 * strands, opacity]).astype(np.float32)


def _comb(image: np.ndarray, amount: float, wave: float, parting: float | None) -> np.ndarray:
    """Bends strands: sideways, growing along the strand, in waves, and away from a parting (an azimuth)."""
    height, width = image.shape
    run = np.linspace(0, 1, height)[:, None]
    x = np.arange(width)[None, :] + wave * 0.006 * width * np.sin(run * 22)
    if parting is None:
        x = x + amount * run
    else:
        centre = (parting / (2 * np.pi) + 0.5) * width
        near = np.exp(-(((x - centre) / (0.28 * width)) ** 4))
        x = x - 0.45 * near * (x - centre) * smoothstep(0.1, 1.0, run)
    y = np.broadcast_to(np.arange(height, dtype=np.float32)[:, None], image.shape)
    return cv2.remap(image, (x % (width - 1)).astype(np.float32), np.ascontiguousarray(y), cv2.INTER_LINEAR)
