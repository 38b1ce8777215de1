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


@numba.njit(cache=True)
def skin(image, buffer_face, weights, faces, normals, uv, layer_uv, texture, layer, light):  # noqa: PLR0913
    """Shades the opaque surfaces into ``image`` (H, W, 4) linear RGBA where the buffer has a face."""
    value, over = np.zeros(6, np.float32), np.zeros(4, np.float32)
    wrap = np.array([0.42, 0.30, 0.24], np.float32)  # red light travels furthest under the skin
    bounce = np.array([0.45, 0.0, -0.15], np.float32)  # and what skin throws into its own folds is red
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            f = buffer_face[y, x]
            if f < 0:
                continue
            a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
            wa, wb = weights[y, x, 0], weights[y, x, 1]
            wc = np.float32(1.0) - wa - wb
            nx = wa * normals[a, 0] + wb * normals[b, 0] + wc * normals[c, 0]
            ny = wa * normals[a, 1] + wb * normals[b, 1] + wc * normals[c, 1]
            nz = wa * normals[a, 2] + wb * normals[b, 2] + wc * normals[c, 2]
            size = np.float32(1.0) / np.sqrt(nx * nx + ny * ny + nz * nz + np.float32(1e-12))
            nx, ny, nz = nx * size, ny * size, nz * size
            _sample(
                texture,
                wa * uv[a, 0] + wb * uv[b, 0] + wc * uv[c, 0],
                wa * uv[a, 1] + wb * uv[b, 1] + wc * uv[c, 1],
                value,
            )
            lu = wa * layer_uv[a, 0] + wb * layer_uv[b, 0] + wc * layer_uv[c, 0]
            lv = wa * layer_uv[a, 1] + wb * layer_uv[b, 1] + wc * layer_uv[c, 1]
            if lu > 0 and lv > 0 and lu < layer.shape[1] - 1 and lv < layer.shape[0] - 1:
                _sample(layer, lu, lv, over)
                for k in range(3):
                    value[k] = value[k] * (1 - over[3]) + over[k]
                value[4] *= 1 - np.float32(0.85) * over[3]  # paint brings its own highlights
            shadow, gloss = value[3], value[4]
            key = nx * light[0] + ny * light[1] + nz * light[2]
            fill = nx * light[6] + ny * light[7] + nz * light[8]
            half = max(np.float32(0.0), nx * light[12] + ny * light[13] + nz * light[14])
            shine = gloss * _power_22(half) * shadow
            edge = (
                (1 - max(nz, np.float32(0.0))) ** 4
                * np.float32(0.045)
                * shadow
                * (np.float32(0.5) + np.float32(0.5) * ny)
            )
            for k in range(3):
                occlusion = shadow * (1 + bounce[k] * (1 - shadow))
                lit = max(np.float32(0.0), (key + wrap[k]) / (1 + wrap[k]))
                lit_fill = max(np.float32(0.0), np.float32(0.5) + np.float32(0.5) * fill)
                around = light[15 + k] * (np.float32(0.72) + np.float32(0.28) * ny) * occlusion
                soft = lit * (np.float32(0.20) + np.float32(0.80) * occlusion)
                image[y, x, k] = (
                    value[k] * (soft * light[3 + k] + lit_fill * light[9 + k] * occlusion + around)
                    + (shine + edge) * light[3 + k]
                )
            image[y, x, 3] = 1.0


@numba.njit(cache=True)
def hair(image, depth, hair_depth, buffer_face, weights, faces, normals, tangents, uv, texture, light):  # noqa: PLR0913
    """Blends hair over ``image`` where it is nearer; highlights after Kajiya and Kay (1989)."""
    value = np.zeros(6, np.float32)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            f = buffer_face[y, x]
            if f < 0 or hair_depth[y, x] < depth[y, x]:
                continue
            a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
            wa, wb = weights[y, x, 0], weights[y, x, 1]
            wc = np.float32(1.0) - wa - wb
            _sample(
                texture,
                wa * uv[a, 0] + wb * uv[b, 0] + wc * uv[c, 0],
                wa * uv[a, 1] + wb * uv[b, 1] + wc * uv[c, 1],
                value,
            )
            alpha = value[5]
            if alpha < 0.004:
                continue
            nx = wa * normals[a, 0] + wb * normals[b, 0] + wc * normals[c, 0]
            ny = wa * normals[a, 1] + wb * normals[b, 1] + wc * normals[c, 1]
            nz = wa * normals[a, 2] + wb * normals[b, 2] + wc * normals[c, 2]
            inner = nz < 0  # the inside of hanging hair, seen beside the neck
            if inner:
                nx, ny, nz = -nx, -ny, -nz
            along = np.float32(0.0)
            for k in range(3):
                t = wa * tangents[a, k] + wb * tangents[b, k] + wc * tangents[c, k]
                along += t * light[12 + k]
            along += value[4]  # strands differ a little in direction
            key = nx * light[0] + ny * light[1] + nz * light[2]
            lit = max(np.float32(0.0), np.float32(0.62) * key + np.float32(0.38))
            shine = _power_42(max(np.float32(0.0), 1 - along * along)) * lit * np.float32(0.055)
            rim = (1 - max(nz, np.float32(0.0))) ** 3 * np.float32(0.03)
            occlusion = value[3] * (np.float32(0.35) if inner else np.float32(1.0))
            for k in range(3):
                around = (light[15 + k] + np.float32(0.5) * light[9 + k]) * (np.float32(0.7) + np.float32(0.3) * ny)
                shown = value[k] * (lit * light[3 + k] + around) * occlusion
                shown += (shine * (np.float32(0.45) + 3 * value[k]) + rim * around) * light[3 + k] * occlusion
                image[y, x, k] = image[y, x, k] * (1 - alpha) + shown * alpha
            image[y, x, 3] = image[y, x, 3] * (1 - alpha) + alpha


@numba.njit(cache=True)
def develop(image, background, grain, step, table, frame):
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
