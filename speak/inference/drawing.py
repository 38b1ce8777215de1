"""How a small frame becomes a picture: the identity picture is bent until its landmarks lie where the frame says.

Lips, chin, brows, lids and head points go exactly where the generator puts them, hair follows the head's rigid motion.
Between open lips the picture of ``speak.models.mouth_inside`` is laid, as in the ``mouth`` method.
"""

import numpy as np

from speak.data.clip import NUM_LANDMARKS
from speak.faces import head_points, mouth_view
from speak.faces.head_points import GROUPS, NUM_LIPS, USED
from speak.inference import lids
from speak.inference.head_motion import CROWN, EARS, HAIR_REACH, OVAL, REACH
from speak.inference.mouth import HEAD_CENTRE, HEAD_RADII, fill_mouth
from speak.inference.warp import Ring, Warper
from speak.models.mouth_inside import MouthInside

HEAD, MOUTH = GROUPS["head"], GROUPS["mouth"]
LIPS = slice(MOUTH.start, MOUTH.start + NUM_LIPS)


class Drawer:
    """Draws one identity.

    Args:
        picture: (H, W, 3) uint8 RGB.
        landmarks: (478, 3) pixels of it.
        template: (K, 3) for the head's rigid motion.
        inside: pictures between the lips.
    """

    def __init__(self, picture: np.ndarray, landmarks: np.ndarray, template: np.ndarray, inside: MouthInside):
        self.template, self.inside = template, inside
        self.points = landmarks[USED, :].astype(np.float64)
        self.to_face = mouth_view.face_transforms(landmarks[None])[0]
        self.warper = Warper(picture, self.to_face, Ring(np.array(HEAD_CENTRE), HEAD_RADII))
        self.lids = lids.gaps(self.points, self.to_face)
        self.hair = _hair(landmarks)
        self.placement = head_points.motions(template, self.points[None])

    def draw(self, points: np.ndarray) -> np.ndarray:
        """(K, 3) points in pixels, as the generator gives them, to (H, W, 3) uint8 RGB."""
        there = self._within_reach(points)
        axes = face_axes(there)
        there = lids.kept_apart(there, axes, self.lids)
        start = np.concatenate([self.points, self.hair])
        end = np.concatenate([there, self._with_head(self.hair, there)])
        start, end = (_to(self.to_face, ends[:, :2]) for ends in (start, end))
        bent = self.warper.warp(start, end - start)
        lips = _to(axes, there[LIPS, :2])
        return fill_mouth(bent, lips, self.inside(lips[None])[0], axes)

    def _with_head(self, rigid: np.ndarray, there: np.ndarray) -> np.ndarray:
        """Points (N, 3) of the identity picture, moved as the head moves to ``there``."""
        matrices, shifts = head_points.motions(self.template, there[None])
        still = head_points.to_head(*self.placement, rigid[None])
        return head_points.to_canvas(matrices, shifts, still)[0]

    def _within_reach(self, there: np.ndarray) -> np.ndarray:
        """Points shifted back when the head would go further than the background can follow."""
        way = there[HEAD].mean(axis=0) - self.points[HEAD].mean(axis=0)
        length = np.linalg.norm(self.to_face[:, :2] @ way[:2])
        return there - way * (1 - min(1.0, REACH / max(length, 1e-9)))


def face_axes(points: np.ndarray) -> np.ndarray:
    """(K, 3) ``USED`` points to the (2, 3) face transform of this frame alone."""
    landmarks = np.zeros((1, NUM_LANDMARKS, 3))
    landmarks[0, USED, :] = points
    return mouth_view.face_transforms(landmarks)[0]


def _hair(landmarks: np.ndarray) -> np.ndarray:
    """Points around the face where hair is seen, as deep in the head as the ears: (17, 3)."""
    middle = landmarks[OVAL, :].mean(axis=0)
    hair = middle + HAIR_REACH * (landmarks[CROWN, :] - middle)
    hair[:, 2] = landmarks[EARS, 2].mean()
    return hair.astype(np.float64)


def _to(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ matrix[:, :2].T + matrix[:, 2]
