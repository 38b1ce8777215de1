"""Skin, cloth and ear textures: colour, occlusion and gloss as functions of the place on the resting body.

Textures live in grid space, so the face, where the grid is dense, gets the most texels, and everything painted here
(freckles, stubble, blush) moves with the skin.
"""

import cv2
import numpy as np

from speak.corpus import palette
from speak.corpus.body import cloth_share
from speak.corpus.hair import HAIRLINE, STYLES, hairline
from speak.corpus.head import Grid
from speak.corpus.identity import Identity
from speak.corpus.noise import field, smoothstep


def place_map(grid: Grid, detail: int) -> np.ndarray:
    """Interpolates the grid's points to texels: ((rows - 1) * detail + 1, (cols - 1) * detail + 1, 3)."""
    rows, cols = grid.points.shape[:2]
    v = np.arange((rows - 1) * detail + 1, dtype=np.float32) / detail
    u = np.arange((cols - 1) * detail + 1, dtype=np.float32) / detail
    return cv2.remap(grid.points, *np.meshgrid(u, v), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _isotropic(rng: np.random.Generator, p: np.ndarray, cells: float, octaves: int) -> np.ndarray:
    """Noise of about ``cells`` cells per head unit all over the surface, whatever the grid's density."""
    image = field(rng, (512, 1024), (int(2.2 * cells), int(4.4 * cells)), octaves)
    u = (0.7 * np.arctan2(p[..., 0], p[..., 2]) + 2.2) * (1023 / 4.4)
    v = (1.1 - p[..., 1]) * (511 / 2.2)
    return cv2.remap(image, u.astype(np.float32), v.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def _blob(p: np.ndarray, x: float, y: float, wide: float, high: float) -> np.ndarray:
    return np.exp(-0.5 * (((np.abs(p[..., 0]) - x) / wide) ** 2 + ((p[..., 1] - y) / high) ** 2))


def head_texture(person: Identity, grid: Grid, detail: int) -> np.ndarray:
    """Paints the head's skin; returns (h, w, 6) float32."""
    p = place_map(grid, detail)
    rng = np.random.default_rng([person.person_seed, 0x5C1])
    front = smoothstep(0.0, 0.35, p[..., 2])
    colour = np.broadcast_to(np.asarray(person.skin, np.float32), p.shape).copy()
    colour = _tint(colour, person, p, front)
    grain = 0.022 * _isotropic(rng, p, 9.0, 3) + 0.022 * _isotropic(rng, p, 75.0, 1)
    colour *= (1 + grain)[..., None]
    colour = _freckles(colour, person, rng, front, p)
    colour, bearded = _beard(colour, person, rng, p)
    scalp = _scalp(person, p, rng)
    colour = colour * (1 - scalp[..., None]) + scalp[..., None] * np.asarray(person.hair, np.float32) * 0.75
    occlusion = _occlusion(person, p, front) * (1 - 0.25 * scalp)
    gloss = (
        0.055 + 0.05 * _blob(p, 0, person.shape["nose_length"] + 0.05, 0.06, 0.10) + 0.03 * _blob(p, 0, 0.42, 0.3, 0.15)
    )
    gloss = (1 + 0.8 * person.melanin) * gloss * front * (1 - scalp) * (1 - 0.8 * bearded) * (1 + 0.3 * grain * 8)
    return np.dstack([np.clip(colour, 0, 1), occlusion, np.clip(gloss, 0, 1), np.ones_like(occlusion)]).astype(
        np.float32
    )


def _tint(colour: np.ndarray, person: Identity, p: np.ndarray, front: np.ndarray) -> np.ndarray:
    """Blood near the surface: cheeks, nose and ears redder; shadows under the eyes cooler."""
    s = person.shape
    red = (
        0.55 * _blob(p, 0.36, -0.25, 0.13, 0.12)
        + 0.45 * _blob(p, 0, s["nose_length"] + 0.03, 0.09, 0.07)
        + 0.2 * _blob(p, 0, -0.9, 0.12, 0.08)
    )
    amount = (front * red * (0.30 - 0.14 * person.melanin))[..., None]
    colour = colour * (1 + amount * np.array([0.25, -0.75, -0.70]))
    tired = front * _blob(p, s["eye_spacing"] * 0.95, -0.095, 0.11, 0.035) * (0.14 + 0.16 * person.age)
    lids = front * _blob(p, s["eye_spacing"], 0.09, 0.13, 0.04) * 0.14
    return (colour * (1 - (tired + lids)[..., None] * np.array([0.75, 1.05, 0.85]))).astype(np.float32)


def _freckles(
    colour: np.ndarray, person: Identity, rng: np.random.Generator, front: np.ndarray, p: np.ndarray
) -> np.ndarray:
    if not person.freckles:
        return colour
    spots = smoothstep(1.0, 1.9, _isotropic(rng, p, 62.0, 1))
    where = front * (_blob(p, 0.28, -0.20, 0.22, 0.13) + 0.4 * _blob(p, 0, 0.4, 0.4, 0.2))
    return colour * (
        1 - (0.45 * person.freckles * spots * np.clip(where, 0, 1))[..., None] * np.array([0.55, 0.8, 0.95])
    )


def _beard(
    colour: np.ndarray, person: Identity, rng: np.random.Generator, p: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the skin with its beard and the share covered by it."""
    if person.beard == "none":
        return colour, np.zeros(p.shape[:2])
    s = person.shape
    cheek_line = s["mouth_y"] + 0.02 + 0.42 * smoothstep(0.28, 0.62, np.abs(p[..., 0]))
    wobble = 0.02 * _isotropic(rng, p, 10.0, 2)
    jaw = smoothstep(0.05, -0.06, p[..., 1] - cheek_line + wobble)
    lip = smoothstep(0.03, -0.015, np.abs(p[..., 0]) - s["mouth_width"] - 0.02 + wobble) * smoothstep(
        0.025, -0.015, p[..., 1] - (s["nose_length"] - 0.075) + wobble
    )
    area = lip * (p[..., 1] > s["mouth_y"] - 0.02) if person.beard == "moustache" else np.maximum(jaw, lip)
    area = area * smoothstep(-0.12, 0.02, p[..., 2])
    hairs = 0.5 + 0.5 * np.tanh(1.2 * _isotropic(rng, p, 105.0, 1))
    cover = {"stubble": 0.26 + 0.22 * hairs, "moustache": 0.80 + 0.17 * hairs, "full": 0.80 + 0.17 * hairs}[
        person.beard
    ]
    shade = np.asarray(person.hair, np.float32) * (0.72 + 0.32 * hairs)[..., None]
    amount = (area * cover)[..., None]
    return colour * (1 - amount) + shade * amount, amount[..., 0]


def _scalp(person: Identity, p: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Share of hair on the head's own texture, under the shell."""
    azimuth = np.arctan2(p[..., 0], p[..., 2])
    knots = np.radians([degrees for degrees, _ in HAIRLINE])
    line = np.interp(np.abs(azimuth).ravel(), knots, hairline(person, knots))
    soft = np.maximum(0.05 + 0.02 * _isotropic(rng, p, 25.0, 1), 0.015)
    cover = smoothstep(-0.3, 1.0, (p[..., 1] - line.reshape(azimuth.shape)) / soft)
    return cover * (0.10 if STYLES[person.hair_style] is None else 0.92)


def _occlusion(person: Identity, p: np.ndarray, front: np.ndarray) -> np.ndarray:
    s = person.shape
    nose, eye = s["nose_length"], s["eye_spacing"]
    dark = (
        0.36 * _blob(p, eye * 0.72, 0.05, 0.075, 0.06)
        + 0.20 * _blob(p, eye * 1.1, 0.06, 0.12, 0.045)
        + 0.34 * _blob(p, s["nose_width"] * 1.35, nose - 0.005, 0.025, 0.045)
        + 0.26 * _blob(p, 0, nose - 0.060, 0.085, 0.022)
        + 0.12 * _blob(p, 0.085, nose + 0.19, 0.028, 0.13)
        + 0.20 * _blob(p, 0, s["mouth_y"] - 0.125, 0.12, 0.030)
        + 0.16 * _blob(p, s["mouth_width"] + 0.025, s["mouth_y"], 0.03, 0.04)
        + (0.08 + 0.10 * person.age) * _blob(p, 0.19, -0.47, 0.028, 0.07)
    )
    under = smoothstep(-0.86, -1.0, p[..., 1]) * 0.25 + 0.35 * smoothstep(0.45, 0.05, p[..., 2]) * smoothstep(
        -0.35, -0.55, p[..., 1]
    )
    return np.clip(1 - dark * front - under, 0.25, 1.0)


def torso_texture(person: Identity, grid: Grid, detail: int) -> np.ndarray:
    """Paints neck and clothes; returns (h, w, 6) float32."""
    p = place_map(grid, detail)
    rng = np.random.default_rng([person.person_seed, 0xC10])
    cloth = cloth_share(person, p)
    skin = np.asarray(person.skin, np.float32) * np.array([0.95, 0.92, 0.90])
    folds = 0.07 * _isotropic(rng, p, 3.0, 3)
    weave = 0.05 * field(rng, p.shape[:2], (p.shape[0] // 3, p.shape[1] // 3), 1)
    colour = np.asarray(person.cloth, np.float32) * _pattern(person, rng, p)[..., None] * (1 + folds + weave)[..., None]
    # A seam shows where the cloth ends.
    edge = np.clip(1 - np.abs(cloth - 0.72) / 0.28, 0, 1) * 0.3
    colour = colour * (1 - edge[..., None])
    colour = (
        colour * cloth[..., None]
        + skin * (1 + 0.03 * field(rng, p.shape[:2], (20, 30), 2))[..., None] * (1 - cloth)[..., None]
    )
    under_chin = smoothstep(-1.50, -0.90, p[..., 1]) * smoothstep(-0.5, 0.1, p[..., 2])
    occlusion = 1 - 0.85 * under_chin * (1 - 0.3 * cloth) - 0.20 * smoothstep(-1.2, -0.9, p[..., 1])
    gloss = 0.03 * (1 - cloth)
    return np.dstack([np.clip(colour, 0, 1), np.clip(occlusion, 0.15, 1), gloss, np.ones_like(gloss)]).astype(
        np.float32
    )


def _pattern(person: Identity, rng: np.random.Generator, p: np.ndarray) -> np.ndarray:
    """Plain cloth mostly; sometimes soft stripes across or along."""
    kind = rng.integers(5)
    if kind == 0:
        return 1 + 0.30 * np.tanh(4 * np.sin(p[..., 1] * rng.uniform(28, 44)))
    if kind == 1:
        return 1 + 0.15 * np.tanh(4 * np.sin(p[..., 0] * rng.uniform(30, 50)))
    return np.ones(p.shape[:2])


def ear_texture(person: Identity, size: tuple[int, int] = (24, 48)) -> np.ndarray:
    """Paints an ear in its polar grid: redder rim, dark hollow."""
    radius = np.linspace(0, 1, size[0])[:, None] * np.ones((1, size[1]))
    colour = np.asarray(person.skin) * (1 + 0.18 * smoothstep(0.5, 1, radius)[..., None] * np.array([0.1, -0.6, -0.5]))
    angle = np.linspace(-np.pi, np.pi, size[1])[None, :]
    groove = np.exp(-(((radius - 0.68) / 0.10) ** 2)) * smoothstep(-0.7, 0.1, np.sin(angle))
    hollow = 0.40 * np.exp(-((radius / 0.36) ** 2)) + 0.22 * groove
    return np.dstack([colour * 0.95, 0.85 - hollow, 0.02 + 0 * radius, np.ones_like(radius)]).astype(np.float32)


def solid_texture(display: tuple[int, int, int], gloss: float) -> np.ndarray:
    """A small patch of one colour, (4, 4, 6)."""
    patch = np.ones((4, 4, 6), np.float32)
    patch[..., :3] = palette.linear(display)
    patch[..., 4] = gloss
    return patch
