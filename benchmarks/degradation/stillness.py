"""What should move held still: the mouth of one frame laid on all, or the whole head."""

import cv2
import numpy as np

from benchmarks.degradation.material import Material
from speak.faces.mouth_blank import mouth_regions
from speak.faces.mouth_view import face_transforms, fill_missing

FEATHER = 0.08
"""Width of the seam's fading (standard deviation), in distances between the outer eye corners."""


def frozen_mouth(material: Material, _level: float) -> np.ndarray:
    """Mouth, chin and jaw of the first frame with a face on every frame, where and as the head turns in the plane."""
    landmarks = fill_missing(material.landmarks)
    first = _first_face(material)
    to_face, regions = face_transforms(landmarks), mouth_regions(landmarks)
    source = material.frames[first]
    moves = [_from_to(to_face[first], matrix) for matrix in to_face]
    scales = 1 / np.sqrt(np.abs(np.linalg.det(to_face[:, :, :2])))
    pasted = zip(material.frames, moves, regions, scales, strict=True)
    return np.stack([_paste(frame, source, move, region, FEATHER * unit) for frame, move, region, unit in pasted])


def frozen_head(material: Material, _level: float) -> np.ndarray:
    """The first frame with a face, repeated (a read-only view)."""
    return np.broadcast_to(material.frames[_first_face(material)], material.frames.shape)


def _first_face(material: Material) -> int:
    return int(np.isfinite(material.landmarks).all(axis=(1, 2)).argmax())


def _from_to(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """(2, 3) matrix from the pixels of one frame to the pixels of another, through face coordinates."""
    linear = np.linalg.solve(target[:, :2], source[:, :2])
    offset = np.linalg.solve(target[:, :2], source[:, 2] - target[:, 2])
    return np.column_stack([linear, offset])


def _paste(frame: np.ndarray, source: np.ndarray, move: np.ndarray, region: np.ndarray, feather: float) -> np.ndarray:
    """``source``, moved, inside ``region`` (4, 2), ``frame`` outside, with a soft seam of ``feather`` pixels."""
    size = frame.shape[1], frame.shape[0]
    moved = cv2.warpAffine(source, move, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros(frame.shape[:2], np.float32)
    cv2.fillConvexPoly(mask, np.rint(region).astype(np.int32), 1.0)
    mask = cv2.GaussianBlur(mask, (0, 0), feather)[..., None]
    return np.rint(frame + mask * (moved.astype(np.float32) - frame)).astype(np.uint8)
