"""Paints the features of one state onto the layer: what an eye, a brow and a mouth look like."""

import numpy as np

from speak.corpus.features import Eye, Lips, brow, eye, lips
from speak.corpus.identity import Identity
from speak.corpus.paint import Layer, Stencil, band, disc, shifted, smooth

SCLERA = np.array([0.66, 0.62, 0.60])
TEETH = np.array([0.70, 0.66, 0.58])
TONGUE = np.array([0.42, 0.13, 0.13])
THROAT = np.array([0.030, 0.008, 0.008])
LASH = np.array([0.012, 0.009, 0.008])


def paint_features(layer: Layer, person: Identity, state: dict[str, float], glint: tuple[float, float]) -> None:
    """Paints everything that moves on the face.

    Args:
        layer: cleared and painted.
        person: whose features.
        state: value of every control.
        glint: where the key light mirrors in the eyes, as offset from the iris' centre in iris radii.
    """
    layer.clear()
    _folds(layer, person, state)
    _nostrils(layer, person, state)
    for side in (-1.0, 1.0):
        _eye(layer, person, eye(person, state, side), side, glint)
        _brow(layer, person, brow(person, state, side), side)
    _mouth(layer, person, lips(person, state), state)


def _folds(layer: Layer, person: Identity, state: dict[str, float]) -> None:
    s, skin = person.shape, np.asarray(person.skin)
    smile = max(state["corner"], 0.0) + 0.5 * state["wrinkle"] + 0.5 * abs(state["asym"])
    strength = 0.10 + 0.16 * person.age + 0.30 * min(smile, 1.0)
    top = np.array([s["nose_width"] + 0.035, s["nose_length"] + 0.03])
    end = np.array([s["mouth_width"] + 0.050, s["mouth_y"] + 0.045])
    u = np.linspace(0, 1, 9)[:, None]
    for side in (-1.0, 1.0):
        amount = strength * (1 + 0.6 * state["asym"] * (side > 0))
        line = (1 - u) * top + u * end + np.array([0.035, 0.0]) * np.sin(np.pi * u)
        line[:, 0] *= side
        layer.fill(np.concatenate([line, shifted(line[::-1], 0.010 * side, 0.006)]), skin * 0.35, amount, blur=0.012)
    frown = max(state["squeeze"], 0.0)
    if frown > 0.1:
        for side in (-1.0, 1.0):
            x = side * 0.038
            y = s["brow_height"]
            line = np.array(
                [
                    [x, y + 0.06],
                    [x + side * 0.012, y - 0.03],
                    [x + side * 0.004, y - 0.03],
                    [x - side * 0.008, y + 0.06],
                ]
            )
            layer.fill(line, skin * 0.35, 0.45 * frown, blur=0.007)
    raised = max(state["brow_in"], 0.0) * 0.6 + max(state["brow_out"], 0.0) * 0.5
    if raised > 0.1:
        x = np.linspace(-0.34, 0.34, 15)
        taper = 0.006 * (1 - (x / 0.35) ** 2)
        rows = [s["brow_height"] + 0.145 + 0.055 * k + 0.02 * np.cos(x * 9 + k) for k in range(3)]
        lines = np.concatenate([band(np.stack([x, y], 1), taper, taper) for y in rows])
        layer.paint(layer.stencil(lines, 0.008, corners=30), skin * 0.4, (0.12 + 0.22 * person.age) * raised)


def _nostrils(layer: Layer, person: Identity, state: dict[str, float]) -> None:
    s = person.shape
    skin = np.asarray(person.skin)
    for side in (-1.0, 1.0):
        at = np.array(
            [
                side * s["nose_width"] * (0.48 + 0.06 * state["wrinkle"]),
                s["nose_length"] - 0.030 + 0.012 * state["wrinkle"],
            ]
        )
        layer.fill(disc(at, 0.025, 0.52), skin * 0.12, 0.72, blur=0.006)
        wing = np.array([side * s["nose_width"] * 1.12, s["nose_length"] + 0.005 + 0.012 * state["wrinkle"]])
        layer.fill(disc(wing, 0.010, 3.2), skin * 0.35, 0.30 + 0.25 * state["wrinkle"], blur=0.009)


def _eye(layer: Layer, person: Identity, e: Eye, side: float, glint: tuple[float, float]) -> None:
    skin = np.asarray(person.skin)
    layer.fill(np.concatenate([e.crease, e.upper[::-1]]), skin * np.array([0.66, 0.60, 0.60]), 0.45, blur=0.010)
    fade = np.sin(np.linspace(0.08, 0.95, len(e.crease)) * np.pi)
    layer.fill(band(e.crease, 0.007 * fade, 0.007 * fade), skin * 0.34, 0.55, blur=0.005)
    almond = layer.stencil(np.concatenate([e.upper, e.lower[::-1]]))
    layer.paint(almond, SCLERA * (0.95 - 0.12 * person.age))
    for end in (0, -1):
        layer.fill(disc(e.lower[end], 0.045), skin * np.array([0.55, 0.32, 0.30]), 0.50, 0.014, almond)
    inner = e.lower[-1] if side < 0 else e.lower[0]
    layer.fill(disc(shifted(inner, side * 0.010, 0.0), 0.017, 0.8), np.array([0.40, 0.16, 0.15]), 0.8, 0.004, almond)
    _iris(layer, person, e, glint, almond)
    shadow = np.concatenate([shifted(e.upper, 0, 0.02), shifted(e.upper[::-1], 0, -0.02)])
    layer.fill(shadow, np.array([0.02, 0.014, 0.012]), 0.62, 0.010, almond)
    outer = np.linspace(0, 1, len(e.upper)) if side > 0 else np.linspace(1, 0, len(e.upper))
    weight = (0.0085 if person.sex == "f" else 0.006) * (0.45 + 0.75 * outer)
    flick = np.zeros_like(e.upper)
    flick[:, 0] = side * 0.016 * np.maximum(outer - 0.75, 0) * 4
    line = e.upper + flick * (1.0 if person.sex == "f" else 0.3)
    layer.fill(band(line, weight * 1.3, weight * 0.7), LASH, 0.92)
    layer.fill(band(e.lower, 0.002, 0.0045 * (0.3 + outer)), skin * 0.22, 0.60, blur=0.003)
    layer.fill(band(shifted(e.lower, 0, -0.012), 0.004, 0.004), np.minimum(skin * 1.25 + 0.02, 1), 0.30, blur=0.004)


def _iris(layer: Layer, person: Identity, e: Eye, glint: tuple[float, float], almond: Stencil) -> None:
    colour, radius = np.asarray(person.iris), e.iris_radius
    layer.fill(disc(e.iris, radius), colour * 0.22, 1.0, 0.003, almond)
    layer.fill(disc(e.iris, radius * 0.84), colour * 0.75, 1.0, 0.006, almond)
    layer.fill(
        disc(shifted(e.iris, 0, -0.30 * radius), radius * 0.52, 0.7),
        np.minimum(colour * 1.6 + 0.02, 1),
        0.65,
        0.010,
        almond,
    )
    layer.fill(disc(e.iris, radius * 0.42), np.array([0.004, 0.004, 0.005]), 1.0, 0.002, almond)
    spot = e.iris + np.array(glint) * radius
    layer.fill(disc(spot, radius * 0.21), np.array([1.25, 1.25, 1.25]), 0.95, 0.0, almond)
    layer.fill(
        disc(e.iris - np.array(glint) * radius * 1.1, radius * 0.13), np.array([0.8, 0.85, 0.9]), 0.35, 0.004, almond
    )


def _brow(layer: Layer, person: Identity, line: np.ndarray, side: float) -> None:
    thick = person.shape["brow_thickness"]
    line = smooth(line, 25)
    v = np.linspace(0, 1, 25)
    weight = thick * (0.55 + 0.75 * v) * np.minimum(1, (1 - v) * 2.6 + 0.06) * np.minimum(1, 0.55 + v * 5)
    colour = np.asarray(person.brow)
    layer.fill(band(line, weight * 0.95, weight * 0.95), colour, 0.62, blur=0.010)
    layer.fill(band(line, weight * 0.6, weight * 0.6), colour * 0.8, 0.40, blur=0.005)
    rng = np.random.default_rng([person.person_seed, 0xB0])
    lean = 0.018 + 0.03 * v
    k = np.sort(rng.integers(0, 23, 20))
    start = line[k] - np.stack([0 * k, weight[k] * rng.uniform(0.3, 0.9, 20)], 1)
    end = line[k] + np.stack([side * lean[k], weight[k] * rng.uniform(0.8, 1.25, 20) * (1 - 1.1 * v[k])], 1)
    hairs = np.stack([start, shifted(start, side * 0.006, 0), end], 1)
    layer.paint(layer.stencil(hairs.reshape(-1, 2), corners=3), colour * 0.55, 0.55)


def _mouth(layer: Layer, person: Identity, m: Lips, state: dict[str, float]) -> None:
    lip, skin = np.asarray(person.lip), np.asarray(person.skin)
    opening = layer.stencil(np.concatenate([m.inner_upper, m.inner_lower[::-1]]))
    layer.fill(band(shifted(m.outer_lower, 0, -0.028), 0.012, 0.012)[3:-3], skin * 0.4, 0.28, blur=0.014)
    gap = float((m.inner_upper[:, 1] - m.inner_lower[:, 1]).max())
    edge = 0.0035
    layer.fill(np.concatenate([m.outer_upper, m.inner_upper[::-1]]), lip * 0.80, 0.96, blur=edge)
    layer.fill(np.concatenate([m.inner_lower, m.outer_lower[::-1]]), lip * 1.02, 0.96, blur=edge)
    _gloss(layer, lip, m, state)
    if gap > 0.004:
        _inside(layer, person, m, state, opening, gap)
    middle = 0.5 * (m.inner_upper + m.inner_lower)
    thin = 0.0055 * np.sin(np.linspace(0.12, 0.88, len(middle)) * np.pi)
    if gap < 0.02:
        layer.fill(band(middle, thin, thin), lip * 0.12, 0.85 * (1 - gap / 0.025), blur=0.0025)
    for end in (0, -1):
        layer.fill(disc(middle[end], 0.014), lip * 0.15, 0.65, blur=0.006)


def _gloss(layer: Layer, lip: np.ndarray, m: Lips, state: dict[str, float]) -> None:
    low = 0.55 * m.inner_lower + 0.45 * m.outer_lower
    bulge = 0.012 * np.sin(np.linspace(0, 1, len(low)) * np.pi) * (1 - 0.6 * state["press"])
    layer.fill(band(low, bulge, bulge)[5:-5], np.minimum(lip * 1.45 + 0.03, 1), 0.42, blur=0.010)
    dark = 0.25 * m.outer_upper + 0.75 * m.inner_upper
    layer.fill(band(dark, 0.004, 0.010), lip * 0.45, 0.40, blur=0.006)
    rim = shifted(m.outer_upper, 0, 0.006)
    layer.fill(band(rim, 0.003, 0.003)[2:-2], np.minimum(lip * 1.5 + 0.05, 1), 0.22, blur=0.005)


def _inside(layer: Layer, person: Identity, m: Lips, state: dict[str, float], opening: Stencil, gap: float) -> None:
    """Throat, tongue and teeth; the upper teeth stay with the skull, the lower ones fall with the jaw."""
    s = person.shape
    layer.paint(opening, THROAT)
    half = s["mouth_width"]
    floor = float(m.inner_lower[:, 1].min())
    tongue = disc(np.array([0.0, floor + 0.005]), half * 0.62, 0.30 * min(1.0, gap / 0.08))
    layer.fill(tongue, TONGUE, 0.9, 0.010, opening)
    x = np.linspace(-0.80, 0.80, 15) * half
    arch = np.cos(x / half * 1.2)
    upper_edge = s["mouth_y"] + 0.004 + 0.02 * state["upper"] - 0.030 * arch
    top = np.stack([x, np.full(15, s["mouth_y"] + 0.12)], 1)
    layer.fill(np.concatenate([top, np.stack([x, upper_edge], 1)[::-1]]), TEETH * 0.92, 0.97, 0.004, opening)
    lower_edge = floor + 0.012 * arch
    bottom = np.stack([x * 0.85, np.full(15, floor - 0.1)], 1)
    layer.fill(np.concatenate([np.stack([x * 0.85, lower_edge], 1), bottom[::-1]]), TEETH * 0.50, 0.75, 0.005, opening)
    between = np.arange(-4, 5)[:, None, None] * [0.052, 0.0]
    slit = np.array([[-0.0018, 0.10], [0.0018, 0.10], [0.0018, -0.025], [-0.0018, -0.025]])
    layer.paint(
        layer.stencil(shifted(between + slit, 0, s["mouth_y"]).reshape(-1, 2), 0.002, opening, corners=4),
        TEETH * 0.3,
        0.22,
    )
    for side, end in ((-1.0, 0), (1.0, -1)):
        layer.fill(disc(shifted(m.inner_upper[end], -0.02 * side, -0.01), 0.075, 1.0), THROAT, 0.80, 0.028, opening)
    layer.fill(band(m.inner_upper, 0.0, 0.016), THROAT, 0.55, 0.007, opening)
