"""A small deterministic z-buffer rasteriser: triangles to pixels, on one thread, compiled by numba and cached.

The buffer remembers which triangle a pixel sees and where in it; colour is computed afterwards once per pixel
(``shade.py``). So cost follows the number of pixels that the head covers, not the frame's size.
"""

from dataclasses import dataclass

import numba
import numpy as np

FAR = -1e9
CUT = 0.3
SOLID = np.zeros((0, 0), np.float32)


@dataclass(frozen=True)
class Buffer:
    """What every pixel sees: ``depth`` (H, W), ``face`` (H, W) int32 or -1, ``weights`` (H, W, 2) barycentric."""

    depth: np.ndarray
    face: np.ndarray
    weights: np.ndarray

    @classmethod
    def empty(cls, height: int, width: int) -> "Buffer":
        """Makes a cleared buffer."""
        depth = np.full((height, width), FAR, np.float32)
        return cls(depth, np.full((height, width), -1, np.int32), np.zeros((height, width, 2), np.float32))

    def clear(self) -> None:
        """Forgets everything drawn."""
        self.depth.fill(FAR)
        self.face.fill(-1)


@numba.njit(cache=True, inline="always")
def _opaque(uv: np.ndarray, corners: np.ndarray, wa: float, wb: float, opacity: np.ndarray) -> bool:
    """Looks up (nearest texel) whether the texture is opaque at a place of a triangle."""
    wc = 1.0 - wa - wb
    u = wa * uv[corners[0], 0] + wb * uv[corners[1], 0] + wc * uv[corners[2], 0]
    v = wa * uv[corners[0], 1] + wb * uv[corners[1], 1] + wc * uv[corners[2], 1]
    return opacity[int(v + 0.5), int(u + 0.5)] >= CUT


@numba.njit(cache=True)
def draw(
    screen: np.ndarray, faces: np.ndarray, depth: np.ndarray, face: np.ndarray, weights: np.ndarray,
    uv: np.ndarray, opacity: np.ndarray,
) -> None:  # fmt: skip
    """Draws triangles into a buffer.

    Args:
        screen: (N, 3) float32 vertices: pixel x, pixel y (pixel centres at .5), depth (larger is nearer).
        faces: (F, 3) int32, counter-clockwise seen from outside with y up.
        depth: (H, W) float32, updated.
        face: (H, W) int32, updated.
        weights: (H, W, 2) float32, updated with the weights of the first two corners.
        uv: (N, 2) float32 places of the vertices in ``opacity``.
        opacity: (h, w) float32; where it is below ``CUT``, things behind show. An empty map means solid parts, of which
            only the front sides are drawn; with a map both sides are.
    """
    height, width = depth.shape
    solid = opacity.size == 0
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay, bx, by, cx, cy = screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        # y points down on the screen: front sides turn clockwise there
        if area >= -1e-6 and (solid or area <= 1e-6):
            continue
        x0 = max(0, int(np.ceil(min(ax, bx, cx) - 0.5)))
        x1 = min(width - 1, int(np.floor(max(ax, bx, cx) - 0.5)))
        y0 = max(0, int(np.ceil(min(ay, by, cy) - 0.5)))
        y1 = min(height - 1, int(np.floor(max(ay, by, cy) - 0.5)))
        scale = 1.0 / area
        az, bz, cz = screen[a, 2], screen[b, 2], screen[c, 2]
        for y in range(y0, y1 + 1):
            py = y + 0.5
            for x in range(x0, x1 + 1):
                px = x + 0.5
                wa = ((bx - px) * (cy - py) - (by - py) * (cx - px)) * scale
                wb = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) * scale
                wc = 1.0 - wa - wb
                if wa < -1e-5 or wb < -1e-5 or wc < -1e-5:
                    continue
                z = wa * az + wb * bz + wc * cz
                if z > depth[y, x] and (solid or _opaque(uv, faces[f], wa, wb, opacity)):
                    depth[y, x] = z
                    face[y, x] = f
                    weights[y, x, 0] = wa
                    weights[y, x, 1] = wb


@numba.njit(cache=True)
def vertex_normals(points: np.ndarray, faces: np.ndarray, normals: np.ndarray) -> None:
    """Fills ``normals`` (N, 3) with area-weighted unit normals of the vertices ``points`` (N, 3)."""
    normals[:] = 0.0
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
        vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for k in (a, b, c):
            normals[k, 0] += nx
            normals[k, 1] += ny
            normals[k, 2] += nz
    for n in range(points.shape[0]):
        size = np.sqrt(normals[n, 0] ** 2 + normals[n, 1] ** 2 + normals[n, 2] ** 2) + 1e-12
        normals[n, 0] /= size
        normals[n, 1] /= size
        normals[n, 2] /= size
