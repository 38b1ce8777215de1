"""All faces in a frame of any size.

The landmarker's detector sees the picture at 128 pixels and misses faces narrower than about an eighth of it.
So look where a face should be first (a hint of the dataset), then at the whole frame, then around faces known
from the frame before, and, when all that finds nothing, at overlapping tiles of the frame.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from speak.faces.box import Box, box_of, inside, iou, side, square

SAME_FACE_IOU = 0.3
"""Two finds that overlap this much are one face seen in two regions."""


class FaceFinder(Protocol):
    """What the search needs of a landmarker."""

    def faces(self, frame: np.ndarray) -> list[np.ndarray]:
        """Landmarks (478, 3) in pixels of every face in a frame."""
        ...


@dataclass(frozen=True, kw_only=True)
class SearchConfig:
    """How faces are looked for.

    Attributes:
        every_s: seconds between the frames that are looked at.
        view_px: regions larger than this are shrunk to it before detection.
        region_scale: side of the region around a known or hinted face, in sides of its box.
        tile_levels: tiles have the frame's short side divided by 1, 2 ... up to this; 0 turns tiles off.
        tiles_every_s: seconds between two searches by tiles (they cost a detection each).
    """

    every_s: float
    view_px: int
    region_scale: float
    tile_levels: int
    tiles_every_s: float


def find_faces(
    frame: np.ndarray,
    finder: FaceFinder,
    config: SearchConfig,
    *,
    known: Sequence[Box],
    hint: Box | None,
    tiles: bool,
) -> list[Box]:
    """Boxes of the landmarks of every face found in (H, W, 3) uint8 RGB, in the frame's pixels.

    Args:
        known: faces of the frame before; those not found in the whole frame are looked for in their place.
        hint: where a face should be; looked at first, and alone when there is one.
        tiles: whether to look at tiles when nothing else finds a face.
    """
    height, width = frame.shape[:2]
    found: list[Box] = []
    if hint is not None:
        found = _merged(found, _look(frame, square(hint, side(hint) * config.region_scale), finder, config))
    if not found:
        found = _merged(found, _look(frame, (0, 0, width, height), finder, config))
    for box in known:
        if all(iou(box, other) < SAME_FACE_IOU for other in found):
            region = square(box, side(box) * config.region_scale)
            found = _merged(found, _look(frame, region, finder, config))
    if not found and tiles:
        for region in tile_regions(width, height, config.tile_levels):
            found = _merged(found, _look(frame, region, finder, config))
    return found


def tile_regions(width: int, height: int, levels: int) -> Iterator[Box]:
    """Square tiles that cover the frame, half overlapping, of the short side divided by 1, 2 ...
    ``levels``."""
    for level in range(1, levels + 1):
        length = min(width, height) / level
        for top in _starts(height, length):
            for left in _starts(width, length):
                yield left, top, left + length, top + length


def _starts(total: float, length: float) -> np.ndarray:
    return np.linspace(0, total - length, 1 + int(np.ceil((total - length) / (length / 2) - 1e-9)))


def _look(frame: np.ndarray, region: Box, finder: FaceFinder, config: SearchConfig) -> list[Box]:
    left, top, right, bottom = inside(region, frame.shape[1], frame.shape[0])
    view = frame[top:bottom, left:right]
    if view.size == 0:
        return []
    scale = min(1.0, config.view_px / max(view.shape[:2]))
    if scale < 1:
        view = cv2.resize(view, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    stretch_x, stretch_y = (right - left) / view.shape[1], (bottom - top) / view.shape[0]
    boxes = [box_of(points) for points in finder.faces(view)]
    return [
        (a * stretch_x + left, b * stretch_y + top, c * stretch_x + left, d * stretch_y + top) for a, b, c, d in boxes
    ]


def _merged(found: list[Box], more: list[Box]) -> list[Box]:
    merged = list(found)
    for box in more:
        if all(iou(box, other) < SAME_FACE_IOU for other in merged):
            merged.append(box)
    return merged
