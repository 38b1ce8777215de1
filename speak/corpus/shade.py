"""From what a pixel sees to linear light: skin, cloth and eyes with a soft wrapped light, hair with strand highlights.

Textures carry six channels: linear R, G, B, occlusion (share of the surroundings seen), gloss, opacity. The feature
layer (eyes, brows, mouth; painted every frame) carries R, G, B, A premultiplied and lies over the skin.
``light`` is a flat array, see ``Light.pack`` in ``light.py``.
"""

import numba
import numpy as np


@numba.njit(cache=True, inline="always")
def _power_22(value: float) -> float:
    """Width of highlights on skin; products are much faster than a general power."""
    square = value * value
    fourth = square * square
    eighth = fourth * fourth
    return eighth * eighth * fourth * square


@numba.njit(cache=True, inline="always")
def _power_42(value: float) -> float:
    """Width of highlights on hair."""
    square = value * value
    eighth = square * square * square * square
    sixteenth = eighth * eighth
    return sixteenth * sixteenth * eighth * square


@numba.njit(cache=True, inline="always")
def _sample(texture: np.ndarray, u: float, v: float, out: np.ndarray) -> None:
    """Bilinear lookup of all channels at pixel position (u, v), edges repeated."""
    height, width, channels = texture.shape
    u = min(max(u, 0.0), width - 1.001)
    v = min(max(v, 0.0), height - 1.001)
    i, j = int(v), int(u)
    fv, fu = v - i, u - j
    w00, w01, w10, w11 = (1 - fv) * (1 - fu), (1 - fv) * fu, fv * (1 - fu), fv * fu
    for k in range(channels):
        out[k] = (
            w00 * texture[i, j, k]
            + w01 * texture[i, j + 1, k]
            + w10 * texture[i + 1, j, k]
            + w11 * texture[i + 1, j + 1, k]
        )


@numba.njit(cache=True, inline="always")
def _between(values: np.ndarray, corners: np.ndarray, weights: np.ndarray, k: int) -> float:
    """Value ``k`` of the three corners, weighted; ``weights`` holds the first two corners' shares."""
    wa, wb = weights[0], weights[1]
    wc = np.float32(1.0) - wa - wb
    return wa * values[corners[0], k] + wb * values[corners[1], k] + wc * values[corners[2], k]


@numba.njit(cache=True, inline="always")
def _normal(normals: np.ndarray, corners: np.ndarray, weights: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (
        _between(normals, corners, weights, 0),
        _between(normals, corners, weights, 1),
        _between(normals, corners, weights, 2),
    )
    size = np.float32(1.0) / np.sqrt(x * x + y * y + z * z + np.float32(1e-12))
    return x * size, y * size, z * size


@numba.njit(cache=True, inline="always")
def _light_skin(value: np.ndarray, nx: float, ny: float, nz: float, light: np.ndarray, out: np.ndarray) -> None:
    """Lights one point: ``value`` is its texture, ``out`` (4,) receives the colour."""
    wrap = (np.float32(0.42), np.float32(0.30), np.float32(0.24))  # red light travels furthest under the skin
    bounce = (np.float32(0.45), np.float32(0.0), np.float32(-0.15))  # and what skin throws into its own folds is red
    shadow, gloss = value[3], value[4]
    key = nx * light[0] + ny * light[1] + nz * light[2]
    fill = nx * light[6] + ny * light[7] + nz * light[8]
    half = max(np.float32(0.0), nx * light[12] + ny * light[13] + nz * light[14])
    away = 1 - max(nz, np.float32(0.0))
    edge = away * away * away * away * np.float32(0.045) * shadow * (np.float32(0.5) + np.float32(0.5) * ny)
    mirrored = gloss * _power_22(half) * shadow + edge
    lit_fill = max(np.float32(0.0), np.float32(0.5) + np.float32(0.5) * fill)
    for k in range(3):
        open_share = shadow * (1 + bounce[k] * (1 - shadow))
        lit = max(np.float32(0.0), (key + wrap[k]) / (1 + wrap[k])) * (np.float32(0.20) + np.float32(0.80) * open_share)
        around = light[15 + k] * (np.float32(0.72) + np.float32(0.28) * ny)
        soft = (lit_fill * light[9 + k] + around) * open_share
        out[k] = value[k] * (lit * light[3 + k] + soft) + mirrored * light[3 + k]


@numba.njit(cache=True)
def skin(  # noqa: PLR0913
    image: np.ndarray, face: np.ndarray, weights: np.ndarray, faces: np.ndarray, normals: np.ndarray, uv: np.ndarray,
    layer_uv: np.ndarray, texture: np.ndarray, layer: np.ndarray, light: np.ndarray,
) -> None:  # fmt: skip
    """Shades the opaque surfaces into ``image`` (H, W, 4) linear RGBA where the buffer has a face."""
    value, over = np.zeros(6, np.float32), np.zeros(4, np.float32)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            if face[y, x] < 0:
                continue
            at, share = faces[face[y, x]], weights[y, x]
            _sample(texture, _between(uv, at, share, 0), _between(uv, at, share, 1), value)
            u, v = _between(layer_uv, at, share, 0), _between(layer_uv, at, share, 1)
            if u > 0 and v > 0 and u < layer.shape[1] - 1 and v < layer.shape[0] - 1:
                _sample(layer, u, v, over)
                for k in range(3):
                    value[k] = value[k] * (1 - over[3]) + over[k]
                value[4] *= 1 - np.float32(0.85) * over[3]  # paint brings its own highlights
            nx, ny, nz = _normal(normals, at, share)
            _light_skin(value, nx, ny, nz, light, image[y, x])
            image[y, x, 3] = 1.0


@numba.njit(cache=True, inline="always")
def _light_hair(
    value: np.ndarray, nx: float, ny: float, nz: float, along: float, light: np.ndarray, out: np.ndarray
) -> None:
    """Blends one point of hair over ``out`` (4,); highlights after Kajiya and Kay (1989)."""
    occlusion = value[3]
    alpha = value[5] if out[3] > 0.5 else np.float32(1.0)  # soft over skin only: elsewhere more hair would be behind
    if nz < 0:  # the inside of hanging hair, seen beside the neck
        nx, ny, nz = -nx, -ny, -nz
        occlusion *= np.float32(0.35)
    key = nx * light[0] + ny * light[1] + nz * light[2]
    lit = max(np.float32(0.0), np.float32(0.62) * key + np.float32(0.38))
    shine = _power_42(max(np.float32(0.0), 1 - along * along)) * lit * np.float32(0.055)
    rim = (1 - max(nz, np.float32(0.0))) ** 3 * np.float32(0.03)
    for k in range(3):
        around = (light[15 + k] + np.float32(0.5) * light[9 + k]) * (np.float32(0.7) + np.float32(0.3) * ny)
        shown = value[k] * (lit * light[3 + k] + around)
        shown += (shine * (np.float32(0.45) + 3 * value[k]) + rim * around) * light[3 + k]
        out[k] = out[k] * (1 - alpha) + shown * occlusion * alpha
    out[3] = out[3] * (1 - alpha) + alpha


@numba.njit(cache=True)
def hair(  # noqa: PLR0913
    image: np.ndarray, depth: np.ndarray, hair_depth: np.ndarray, face: np.ndarray, weights: np.ndarray,
    faces: np.ndarray, normals: np.ndarray, tangents: np.ndarray, uv: np.ndarray, texture: np.ndarray,
    light: np.ndarray,
) -> None:  # fmt: skip
    """Blends hair over ``image`` where it is nearer than ``depth``."""
    value = np.zeros(6, np.float32)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            if face[y, x] < 0 or hair_depth[y, x] < depth[y, x]:
                continue
            at, share = faces[face[y, x]], weights[y, x]
            _sample(texture, _between(uv, at, share, 0), _between(uv, at, share, 1), value)
            along = value[4]  # strands differ a little in direction
            for k in range(3):
                along += _between(tangents, at, share, k) * light[12 + k]
            nx, ny, nz = _normal(normals, at, share)
            _light_hair(value, nx, ny, nz, along, light, image[y, x])


@numba.njit(cache=True)
def develop(
    image: np.ndarray, background: np.ndarray, grain: np.ndarray, step: int, table: np.ndarray, frame: np.ndarray
) -> None:
    """Puts the picture over its background and turns light into display values.

    Args:
        image: (H * step, W * step, 4) linear RGBA; ``step`` squared samples are averaged for each pixel.
        background: (H, W, 3) linear light.
        grain: (H, W, 3) float32 sensor noise in display values.
        step: supersampling factor.
        table: ``palette.display_table()``, linear light 0..1.6 to display values.
        frame: (H, W, 3) uint8, filled.
    """
    share = np.float32(1.0 / (step * step))
    top = np.float32((table.shape[0] - 1) / 1.6)
    for y in range(frame.shape[0]):
        for x in range(frame.shape[1]):
            for k in range(3):
                total, cover = np.float32(0.0), np.float32(0.0)
                for i in range(step):
                    for j in range(step):
                        alpha = image[y * step + i, x * step + j, 3]
                        total += image[y * step + i, x * step + j, k]
                        cover += alpha
                light = total * share + background[y, x, k] * (1 - cover * share)
                place = min(max(light, np.float32(0.0)), np.float32(1.5999)) * top
                value = table[int(place)] + grain[y, x, k]
                frame[y, x, k] = np.uint8(min(max(value + np.float32(0.5), np.float32(0.0)), np.float32(255.0)))
