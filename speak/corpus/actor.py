"""Poses a figure for one frame and draws it: controls and pose in, linear RGBA and projected truth points out."""

import numpy as np

from speak.corpus import shade
from speak.corpus.features import CONTROLS, JAW_DROP, brow, eye, lips
from speak.corpus.fields import amounts
from speak.corpus.figure import PIVOT, Figure
from speak.corpus.head import skull
from speak.corpus.light import Light
from speak.corpus.makeup import paint_features
from speak.corpus.paint import Layer
from speak.corpus.pose import Camera, rotation
from speak.corpus.raster import SOLID, Buffer, draw, vertex_normals

LIP_RELIEF, MOUTH_DEPTH, JAW_BACK = 0.030, 0.07, 0.05
# Azimuth and height of points on the face's outline: temples, cheeks, jaw, forehead.
OUTLINE = np.array([(-1.2, 0.2), (-1.2, -0.2), (-1.1, -0.55), (1.1, -0.55), (1.2, -0.2), (1.2, 0.2), (0.0, 0.58)])


class Actor:
    """Draws one figure under one camera and light; reuses its buffers from frame to frame."""

    def __init__(self, figure: Figure, camera: Camera, light: Light, size: tuple[int, int]):
        """``size`` is height and width of the (supersampled) picture; ``camera`` is in its pixels."""
        self.figure, self.camera, self.light = figure, camera, light.pack()
        self.layer = Layer(1.35 * camera.scale)
        self.image = np.zeros((*size, 4), np.float32)
        self.skin, self.hair = Buffer.empty(*size), Buffer.empty(*size)
        self.normals = np.zeros_like(figure.points)
        self.layer_uv = np.full((len(figure.points), 2), -1e6, np.float32)
        self.all_faces = np.concatenate([figure.faces, figure.hair_faces])
        head = figure.points[: figure.num_head]
        s = figure.person.shape
        near = (
            (np.abs(head[:, 0]) < 1.4 * s["mouth_width"])
            & (np.abs(head[:, 1] - s["mouth_y"]) < 0.30)
            & (head[:, 2] > 0.2)
        )
        self.mouth = np.flatnonzero(near)
        self.opacity = np.ascontiguousarray(figure.hair_atlas[..., 5])
        self.outline = skull(figure.person, *OUTLINE.T)
        self.glint = (0.40 * float(np.sign(light.key[0])), 0.42)

    def act(
        self, controls: np.ndarray, pose_deg: np.ndarray, shift: np.ndarray
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Draws one frame.

        Args:
            controls: (C,) in the order of ``CONTROLS``.
            pose_deg: yaw, pitch, roll.
            shift: (3,) head units.

        Returns:
            The picture (H, W, 4) linear RGBA (valid until the next call) and the projected curves by name, (P, 2)
            pixels.
        """
        state = dict(zip(CONTROLS, controls.tolist(), strict=True))
        local = self._deform(controls, state)
        paint_features(self.layer, self.figure.person, state, self.glint)
        turn = rotation(pose_deg)
        posed = self._pose(local, turn, shift)
        self._draw(posed, turn)
        return self.image, self.project_curves(self.curves(state), turn, shift)

    def _deform(self, controls: np.ndarray, state: dict[str, float]) -> np.ndarray:
        figure, n = self.figure, self.figure.num_head
        local = figure.points.copy()
        local[:n] += np.tensordot(amounts(controls[None])[0], figure.fields, axes=1)
        self._shape_lips(local, state)
        frontal = figure.frontal[:n]
        self.layer_uv[:n][frontal] = self.layer.texels(local[:n][frontal, :2])
        return local

    def _shape_lips(self, local: np.ndarray, state: dict[str, float]) -> None:
        """Raises the lips where they are painted and sinks the opening between them."""
        curves = lips(self.figure.person, state)
        at = local[self.mouth]
        across = curves.inner_upper[:, 0]
        inside = np.clip(1.08 - (at[:, 0] / across[-1]) ** 2, 0, 1)
        top, up, low, bottom = (
            np.interp(at[:, 0], across, c[:, 1])
            for c in (curves.outer_upper, curves.inner_upper, curves.inner_lower, curves.outer_lower)
        )
        rounded = 1 + 0.6 * max(-state["wide"], 0.0) - 0.5 * state["press"]
        for middle, half in ((0.5 * (top + up), 0.5 * (top - up)), (0.5 * (low + bottom), 0.5 * (low - bottom))):
            local[self.mouth, 2] += (
                LIP_RELIEF * rounded * inside * np.exp(-(((at[:, 1] - middle) / (0.014 + half)) ** 2))
            )
        gap = np.maximum(up - low, 0.0)
        place = np.clip(1 - np.abs(2 * at[:, 1] - up - low) / (gap + 1e-3), 0, 1)
        local[self.mouth, 2] -= MOUTH_DEPTH * np.minimum(gap / 0.08, 1.0) * place * inside

    def _pose(self, local: np.ndarray, turn: np.ndarray, shift: np.ndarray) -> np.ndarray:
        moved = (local - PIVOT) @ turn.T + PIVOT + shift.astype(np.float32)
        follow = self.figure.follow[:, None]
        return local + follow * (moved - local)

    def _draw(self, posed: np.ndarray, turn: np.ndarray) -> None:
        figure = self.figure
        screen = self.camera.project(posed)
        vertex_normals(posed, self.all_faces, self.normals)
        for buffer, faces, opacity in ((self.skin, figure.faces, SOLID), (self.hair, figure.hair_faces, self.opacity)):
            buffer.clear()
            draw(screen, faces, buffer.depth, buffer.face, buffer.weights, figure.uv, opacity)
        self.image.fill(0.0)
        skin, hair = self.skin, self.hair
        shade.skin(
            self.image, skin.face, skin.weights, figure.faces, self.normals, figure.uv, self.layer_uv, figure.atlas,
            self.layer.image, self.light,
        )  # fmt: skip
        if len(figure.hair_faces):
            shade.hair(
                self.image, skin.depth, hair.depth, hair.face, hair.weights, figure.hair_faces, self.normals,
                figure.tangents @ turn.T, figure.uv, figure.hair_atlas, self.light,
            )  # fmt: skip

    def curves(self, state: dict[str, float]) -> dict[str, np.ndarray]:
        """Places the feature curves on the face's surface, name -> (P, 3) head units before posing."""
        person, figure = self.figure.person, self.figure
        mouth = lips(person, state)
        drop = np.array([0.0, JAW_DROP * state["jaw"]])
        result = {}
        for name in ("outer_upper", "inner_upper"):
            result[name] = _lift(getattr(mouth, name), figure.surface_z(getattr(mouth, name)) + 0.5 * LIP_RELIEF)
        for name in ("inner_lower", "outer_lower"):
            curve = getattr(mouth, name)
            result[name] = _lift(curve, figure.surface_z(curve + drop) + 0.5 * LIP_RELIEF - JAW_BACK * state["jaw"])
        for word, side in (("left", -1.0), ("right", 1.0)):
            lids = eye(person, state, side)
            for name, curve in (("upper_lid", lids.upper), ("lower_lid", lids.lower), ("iris", lids.iris[None])):
                result[f"{word}_{name}"] = _lift(curve, figure.surface_z(curve))
            line = brow(person, state, side)
            result[f"{word}_brow"] = _lift(line, figure.surface_z(line))
        tip = np.array([[0.0, person.shape["nose_length"] + 0.035]])
        result["nose_tip"] = _lift(tip, figure.surface_z(tip))
        chin = np.array([[0.0, -0.95]])
        result["chin"] = _lift(chin - drop, figure.surface_z(chin) - JAW_BACK * state["jaw"])
        result["outline"] = self.outline
        return result

    def project_curves(
        self, curves: dict[str, np.ndarray], turn: np.ndarray, shift: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Poses and projects curves to the picture's pixels."""
        return {
            name: self.camera.project((c.astype(np.float32) - PIVOT) @ turn.T + PIVOT + shift)[:, :2]
            for name, c in curves.items()
        }


def _lift(points: np.ndarray, depth: np.ndarray) -> np.ndarray:
    return np.concatenate([points, depth[:, None]], 1)
