"""One person put together: all parts in one mesh with one texture atlas, ready to be posed and drawn."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from speak.corpus import body, hair, head, skin
from speak.corpus.fields import fields
from speak.corpus.head import Grid
from speak.corpus.identity import Identity, identity
from speak.corpus.raster import SOLID, Buffer, draw

FRAMES = ((24, 22, 24), (70, 44, 28), (96, 98, 104), (40, 44, 70))
PIVOT = np.array([0.0, -0.75, -0.15], np.float32)  # the head turns about the top of the neck


@dataclass(frozen=True)
class Figure:
    """A posable person.

    Attributes:
        person: whose figure.
        points: (N, 3) float32 at rest; the first ``num_head`` belong to the head's grid.
        follow: (N,) share of the head's movement.
        faces: (F, 3) int32 opaque triangles; ``hair_faces`` likewise, for the hair.
        uv: (N, 2) pixel positions in ``atlas`` (opaque) or ``hair_atlas`` (hair).
        frontal: (N,) bool, whether the painted features may show on the vertex.
        fields: (K, num_head, 3) displacements of the controls.
        tangents: (N, 3) strand directions (zero outside hair).
        atlas, hair_atlas: (h, w, 6) float32 textures.
        front_z: depth of the resting face seen from the front, for ``surface_z``.
    """

    person: Identity
    points: np.ndarray
    num_head: int
    follow: np.ndarray
    faces: np.ndarray
    hair_faces: np.ndarray
    uv: np.ndarray
    frontal: np.ndarray
    fields: np.ndarray
    tangents: np.ndarray
    atlas: np.ndarray
    hair_atlas: np.ndarray
    front_z: np.ndarray

    def surface_z(self, points: np.ndarray) -> np.ndarray:
        """Depth of the resting face under frontal positions (..., 2)."""
        at = (np.asarray(points, np.float32) + np.array([0.8, 1.1], np.float32)) * FRONT_SCALE
        flat = at.reshape(1, -1, 2)
        z = cv2.remap(self.front_z, flat[..., 0], flat[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return z.reshape(points.shape[:-1])


FRONT_SCALE = 80.0  # texels of the depth map per head unit


@lru_cache(maxsize=2)
def figure(person_seed: int, detail: int) -> Figure:
    """Builds a person's figure; ``detail`` is the number of texels per grid cell of the head."""
    person = identity(person_seed)
    rest = head.rest_head(person)
    torso, follow = body.torso(person)
    parts: list[tuple[Grid, np.ndarray, np.ndarray | float]] = [
        (rest, skin.head_texture(person, rest, detail), 1.0),
        (torso, skin.torso_texture(person, torso, max(2, detail)), follow),
    ]
    if not hair.covers_ears(person):
        parts += [(ear, skin.ear_texture(person), 1.0) for ear in body.ears(person)]
    front_z = _depth_map(rest)
    if person.glasses:
        at = np.array([0.0, person.shape["eye_y"] - 0.02], np.float32)
        bridge = float(front_z[int((at[1] + 1.1) * FRONT_SCALE), int(0.8 * FRONT_SCALE)])
        colour = FRAMES[person.person_seed % len(FRAMES)]
        parts += [(tube, skin.solid_texture(colour, 0.25), 1.0) for tube in body.glasses(person, bridge)]
    parts_hair, tangents = _hair_parts(person, detail)
    atlas, opaque_uv = _atlas([texture for _, texture, _ in parts], [grid for grid, _, _ in parts])
    hair_atlas, hair_uv = _atlas([texture for _, texture, _ in parts_hair], [grid for grid, _, _ in parts_hair])
    everything = parts + parts_hair
    counts = [part[0].points.shape[0] * part[0].points.shape[1] for part in everything]
    starts = np.concatenate([[0], np.cumsum(counts)])
    faces = [part[0].faces + start for part, start in zip(everything, starts, strict=False)]
    num_head, num_opaque = counts[0], int(starts[len(parts)])
    frontal = np.zeros(starts[-1], bool)
    frontal[:num_head] = rest.points[..., 2].ravel() > 0.12
    empty = np.zeros((0, 3), np.int32)
    return Figure(
        person=person,
        points=np.concatenate([part[0].points.reshape(-1, 3) for part in everything]).astype(np.float32),
        num_head=num_head,
        follow=np.concatenate(
            [np.broadcast_to(part[2], part[0].points.shape[:2]).ravel() for part in everything]
        ).astype(np.float32),
        faces=np.ascontiguousarray(np.concatenate(faces[: len(parts)]), dtype=np.int32),
        hair_faces=np.ascontiguousarray(np.concatenate(faces[len(parts) :] or [empty]), dtype=np.int32),
        uv=np.concatenate([opaque_uv, hair_uv]).astype(np.float32),
        frontal=frontal,
        fields=fields(person, rest.points.reshape(-1, 3)),
        tangents=np.concatenate([np.zeros((num_opaque, 3), np.float32), tangents]).astype(np.float32),
        atlas=atlas,
        hair_atlas=hair_atlas,
        front_z=front_z,
    )


def _hair_parts(person: Identity, detail: int) -> tuple[list, np.ndarray]:
    built = hair.shell(person)
    if built is None:
        return [], np.zeros((0, 3), np.float32)
    grid, along = built
    size = (64 * detail, 120 * detail)
    follow = 1 - 0.75 * np.clip((-grid.points[..., 1] - 0.85) / 0.6, 0, 1)
    parts, tangents = [(grid, hair.texture(person, *size), follow)], [along.points.reshape(-1, 3)]
    ball = hair.bun(person)
    if ball is not None:
        texture = hair.texture(person, *size, seed=0x7F)
        texture[..., 5] = 1.0
        parts.append((ball, texture, 1.0))
        step = np.gradient(ball.points, axis=1).reshape(-1, 3)
        tangents.append(step / (np.linalg.norm(step, axis=1, keepdims=True) + 1e-9))
    return parts, np.concatenate(tangents)


def _atlas(textures: list[np.ndarray], grids: list[Grid]) -> tuple[np.ndarray, np.ndarray]:
    """Stacks textures; returns the atlas and the (N, 2) pixel positions of all vertices."""
    if not textures:
        return np.zeros((2, 2, 6), np.float32), np.zeros((0, 2), np.float32)
    width = max(t.shape[1] for t in textures)
    atlas = np.zeros((sum(t.shape[0] for t in textures), width, 6), np.float32)
    uv, top = [], 0
    for texture, grid in zip(textures, grids, strict=True):
        rows, cols = grid.points.shape[:2]
        h, w = texture.shape[:2]
        atlas[top : top + h, :w] = texture
        v, u = np.meshgrid(np.linspace(top, top + h - 1, rows), np.linspace(0, w - 1, cols), indexing="ij")
        uv.append(np.stack([u, v], -1).reshape(-1, 2))
        top += h
    return atlas, np.concatenate(uv)


def _depth_map(rest: Grid) -> np.ndarray:
    """Draws the resting face's depth as an image over x in [-0.8, 0.8], y in [-1.1, 0.9]."""
    points = rest.points.reshape(-1, 3)
    screen = np.stack([(points[:, 0] + 0.8) * FRONT_SCALE, -(points[:, 1] - 0.9) * FRONT_SCALE, points[:, 2]], 1)
    buffer = Buffer.empty(int(2.0 * FRONT_SCALE), int(1.6 * FRONT_SCALE))
    screen = screen.astype(np.float32)
    draw(screen, rest.faces, buffer.depth, buffer.face, buffer.weights, screen[:, :2], SOLID)
    depth = np.where(buffer.face < 0, 0.0, buffer.depth).astype(np.float32)
    return np.ascontiguousarray(depth[::-1])
