"""Ears, neck, shoulders and glasses: the parts that go with the head."""

import numpy as np
from scipy.interpolate import PchipInterpolator

from speak.corpus.head import Grid, skull
from speak.corpus.identity import Identity
from speak.corpus.noise import smoothstep

# Neck and torso: height, half width, half depth, depth of the axis, share of the head's movement.
TORSO = np.array(
    [
        (-0.35, 1.00, 0.40, -0.20, 1.00),
        (-0.75, 1.00, 0.40, -0.20, 0.80),
        (-1.02, 1.00, 0.41, -0.22, 0.50),
        (-1.22, 1.06, 0.43, -0.24, 0.28),
        (-1.36, 1.32, 0.46, -0.26, 0.16),
        (-1.48, 1.90, 0.50, -0.28, 0.10),
        (-1.60, 2.80, 0.54, -0.28, 0.08),
        (-1.76, 3.60, 0.58, -0.26, 0.06),
        (-2.00, 4.05, 0.63, -0.24, 0.05),
        (-2.60, 4.30, 0.70, -0.22, 0.04),
        (-6.00, 4.50, 0.76, -0.20, 0.04),
    ]
)  # half width in necks; from the shoulders down scaled by the person's shoulder width
TORSO_ROWS, TORSO_COLS = 60, 72
EAR_ROWS, EAR_COLS = 12, 28
NECKLINE = {"crew": (-1.36, 0.10), "v_neck": (-1.34, 0.42), "collar": (-1.22, 0.22), "turtleneck": (-1.00, 0.02)}


def torso(person: Identity) -> tuple[Grid, np.ndarray]:
    """Builds neck and shoulders; returns the grid and each vertex's share of the head's movement."""
    s = person.shape
    rows = np.linspace(0, 1, TORSO_ROWS)
    height = -0.35 - 2.25 * rows - 3.4 * np.maximum(rows - 0.8, 0) ** 2 / 0.04
    azimuth = np.linspace(-np.pi, np.pi, TORSO_COLS)[None, :]
    width, depth, axis, follow = (
        PchipInterpolator(TORSO[::-1, 0], TORSO[::-1, k])(height)[:, None] for k in (1, 2, 3, 4)
    )
    broad = smoothstep(-1.3, -1.8, height)[:, None]
    half = s["neck_width"] * width * (1 - broad) + 0.43 * s["shoulder_width"] * width * broad
    x = half * np.sin(azimuth)
    z = axis + depth * np.sign(np.cos(azimuth)) * np.abs(np.cos(azimuth)) ** 0.9
    # The throat runs forward to the chin, the collar bones and the chest come forward below.
    y = np.broadcast_to(height[:, None], x.shape).copy()
    y += (
        np.where(z > axis, 0.18 * smoothstep(0, 0.4, z - axis), -0.05)
        * smoothstep(-0.9, -1.0, y)
        * -smoothstep(-2.2, -1.4, y)
    )
    points = np.stack([x, y, z], -1).astype(np.float32)
    cover = cloth_share(person, points)
    points[..., 0] *= 1 + 0.03 * cover
    points[..., 2] += 0.03 * cover * np.sign(np.cos(azimuth))
    return Grid(points), np.broadcast_to(follow, x.shape).astype(np.float32)


def cloth_share(person: Identity, points: np.ndarray) -> np.ndarray:
    """Says where the torso is covered with cloth: 1, bare skin: 0; shape of ``points`` without the last axis."""
    line, dip = NECKLINE[person.clothes]
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    narrow = np.exp(-((x / (0.22 if person.clothes in ("v_neck", "collar") else 0.33)) ** 2))
    edge = line - dip * narrow * smoothstep(-0.2, 0.1, z)
    return smoothstep(0.015, -0.015, y - edge)


def ears(person: Identity) -> tuple[Grid, Grid]:
    """Builds the two ears; they reach from the brow to the base of the nose."""
    s = person.shape
    radius = np.linspace(0.0, 1.0, EAR_ROWS)[:, None]
    angle = np.linspace(-np.pi, np.pi, EAR_COLS)[None, :]
    narrow = 1 - 0.22 * smoothstep(0.2, 1.0, -np.sin(angle))  # the lobe is narrower than the helix
    forward = 0.140 * s["ear_size"] * radius * np.cos(angle) * narrow
    up = 0.262 * s["ear_size"] * radius * np.sin(angle)
    helix = smoothstep(0.95, 0.6, np.cos(angle)) * smoothstep(-1.0, -0.4, np.sin(angle))
    rim = 0.032 * np.exp(-(((radius - 0.84) / 0.13) ** 2)) * (0.25 + 0.75 * helix)
    fold = 0.026 * np.exp(-(((radius - 0.48) / 0.14) ** 2)) * smoothstep(0.4, -0.2, np.cos(angle))
    spread = 0.085 * s["ear_out"] * (0.35 - forward / 0.30)
    out = rim + fold + spread + 0.004 - 0.13 * smoothstep(0.88, 1.0, radius)
    anchor = skull(person, np.array(1.66), np.array(-0.06))
    parts = []
    for side in (-1.0, 1.0):
        x = side * (anchor[0] - 0.020 + out + 0.06 * up)
        points = np.stack([x, -0.10 + up - 0.12 * forward, anchor[2] + 0.02 + forward - 0.16 * up], -1)
        parts.append(Grid((points if side > 0 else points[:, ::-1]).astype(np.float32)))
    return parts[0], parts[1]


def glasses(person: Identity, nose_bridge_z: float) -> list[Grid]:
    """Builds thin tubes: two rims, a bridge and two temples."""
    s = person.shape
    angle = np.linspace(0, 2 * np.pi, 49)
    rng = np.random.default_rng([person.person_seed, 0x61A])
    squareness = rng.uniform(0.55, 1.0)
    wide, high = rng.uniform(0.185, 0.205), rng.uniform(0.125, 0.165)
    thick = rng.uniform(0.010, 0.017)
    tubes = []
    for side in (-1.0, 1.0):
        cx, cy = side * (s["eye_spacing"] + 0.01), s["eye_y"] - 0.02
        x = cx + wide * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** squareness
        y = cy + high * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** squareness
        tubes.append(
            _tube(np.stack([x, y, nose_bridge_z + 0.07 - 0.55 * np.maximum(np.abs(x) - 0.1, 0) ** 2], 1), thick)
        )
        edge = side * (s["eye_spacing"] + 0.01 + wide)
        hinge = (edge, cy + 0.03, nose_bridge_z + 0.07 - 0.55 * (abs(edge) - 0.1) ** 2)
        ear = (side * (skull(person, np.array(1.6), np.array(0.0))[0] + 0.03), s["eye_y"] + 0.05, -0.05)
        tubes.append(_tube(np.linspace(hinge, ear, 8), thick))
    inner = s["eye_spacing"] + 0.01 - wide
    arch = np.linspace(-1, 1, 9)
    z = np.full(9, nose_bridge_z + 0.075)
    tubes.append(_tube(np.stack([inner * arch, s["eye_y"] + 0.03 - 0.02 * arch**2, z], 1), thick))
    return tubes


def _tube(path: np.ndarray, radius: float, sides: int = 7) -> Grid:
    """Sweeps a circle along a path (P, 3)."""
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    helper = np.where(np.abs(along[:, 2:3]) > 0.9, [[0.0, 1.0, 0.0]], [[0.0, 0.0, 1.0]])
    across = np.cross(along, helper)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    third = np.cross(along, across)
    turn = np.linspace(0, 2 * np.pi, sides)[None, :, None]
    ring = path[:, None] + radius * (np.cos(turn) * across[:, None] + np.sin(turn) * third[:, None])
    return Grid(ring[:, ::-1].astype(np.float32))
