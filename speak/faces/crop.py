"""The fixed square box in which a face moves freely (the crop of the First Order Motion Model, which the
paper follows).

The boxes of a clip's faces are joined to one, made square and enlarged once; every frame is cut at the same
place, so head motion stays in the picture. The box is moved and shrunk into the frame as far as the faces
allow (sources that are cropped already are taken as they are). Where it leaves the frame nevertheless, the
frame's edge is repeated.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from speak.faces.box import Box, centre, side, union


@dataclass(frozen=True, kw_only=True)
class CropConfig:
    """How the box follows from the faces.

    Attributes:
        enlarge: share of the longer side of the joined face boxes added on every side.
        lift: share of the box's side by which it is moved up: landmarks end at the forehead, heads do not.
        min_face_px: clips whose faces are smaller in the source (median longer side) are not used.
    """

    enlarge: float
    lift: float
    min_face_px: int


def fixed_box(faces: Sequence[Box], config: CropConfig, width: int, height: int) -> tuple[int, int, int, int]:
    """The square box for a clip in a frame ``width`` x ``height``, in even pixels: a video's colours come by twos."""
    joined = union(faces)
    least = 2 * math.ceil(side(joined) / 2)
    wanted = round(side(joined) * (1 + 2 * config.enlarge))
    length = max(least, min(wanted, width, height) // 2 * 2, 2)
    x, y = centre(joined)
    left = _placed(x - length / 2, length, (joined[0], joined[2]), width)
    top = _placed(y - length / 2 - config.lift * length, length, (joined[1], joined[3]), height)
    return left, top, left + length, top + length


def _placed(begin: float, length: int, faces: tuple[float, float], frame: int) -> int:
    """Move an interval into the frame, but keep the faces in it; a face may itself leave the frame. Rounded to an even
    number, halves down, so that what ends with the frame still does not leave it.
    """
    begin = min(max(begin, min(0, frame - length)), max(0, frame - length))
    begin = min(max(begin, faces[1] - length), faces[0])
    return 2 * math.ceil(begin / 2 - 0.5)


def crop_resize(frame: np.ndarray, box: tuple[int, int, int, int], size: int) -> np.ndarray:
    """Cut a box from (H, W, 3) uint8 and resize it to (size, size, 3) uint8.

    Shrinking averages areas, enlarging interpolates with cubic splines. Outside the frame its edge pixels
    repeat.
    """
    height, width = frame.shape[:2]
    left, top, right, bottom = box
    part = frame[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if part.shape[:2] != (bottom - top, right - left):
        rows = np.clip(np.arange(top, bottom), 0, height - 1)
        columns = np.clip(np.arange(left, right), 0, width - 1)
        part = frame[rows[:, None], columns]
    if part.shape[:2] == (size, size):
        return np.ascontiguousarray(part)
    way = cv2.INTER_AREA if part.shape[0] > size else cv2.INTER_CUBIC
    return cv2.resize(part, (size, size), interpolation=way)
