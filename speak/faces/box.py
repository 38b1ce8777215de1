"""Boxes around faces: (left, top, right, bottom) in pixels, right and bottom exclusive; they may leave the
frame."""

from collections.abc import Sequence

import numpy as np

Box = tuple[float, float, float, float]


def box_of(points: np.ndarray) -> Box:
    """The smallest box around (N, 2 or 3) points."""
    (left, top), (right, bottom) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def union(boxes: Sequence[Box]) -> Box:
    """The smallest box around all of them."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def side(box: Box) -> float:
    """The longer side in pixels."""
    return max(box[2] - box[0], box[3] - box[1])


def centre(box: Box) -> tuple[float, float]:
    """x, y of the middle."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def square(box: Box, length: float) -> Box:
    """The square of the given side with the same middle."""
    x, y = centre(box)
    return x - length / 2, y - length / 2, x + length / 2, y + length / 2


def inside(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """The part of a box that lies in a frame, outwards to whole pixels; empty (0, 0, 0, 0) when there is
    none."""
    left, top = max(int(np.floor(box[0])), 0), max(int(np.floor(box[1])), 0)
    right, bottom = min(int(np.ceil(box[2])), width), min(int(np.ceil(box[3])), height)
    return (left, top, right, bottom) if left < right and top < bottom else (0, 0, 0, 0)


def iou(one: Box, other: Box) -> float:
    """Intersection over union, 0 to 1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (_area(one) + _area(other) - common)


def holds(outer: Box, inner: Box) -> bool:
    """Whether the middle of ``inner`` lies in ``outer``."""
    x, y = centre(inner)
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
