"""The identity picture: any picture with a face in it, cut to the square that the networks know.

The box follows from the face as the clips' boxes do (``speak.faces.crop``), so a portrait, a group picture and a whole
body all end up framed like the training clips.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from speak.errors import UserError
from speak.faces.box import side
from speak.faces.crop import CropConfig, crop_resize, fixed_box
from speak.faces.landmarker import Landmarker
from speak.faces.search import SearchConfig, find_faces


@dataclass(frozen=True, kw_only=True, eq=False)
class Portrait:
    """Who speaks: frame (size, size, 3) uint8 RGB and its landmarks (478, 3) pixels."""

    frame: np.ndarray
    landmarks: np.ndarray


def read_picture(path: Path) -> np.ndarray:
    """A picture file as (H, W, 3) uint8 RGB, upright (EXIF), transparency dropped. Raises UserError."""
    if not path.is_file():
        raise UserError(f"{path}: no such picture")
    try:
        picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    except (cv2.error, OSError) as error:
        raise UserError(f"{path}: not a readable picture; give a PNG or JPEG") from error
    if picture is None:
        raise UserError(f"{path}: not a readable picture; give a PNG or JPEG")
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def portrait(path: Path, landmarker: Landmarker, search: SearchConfig, crop: CropConfig, size: int) -> Portrait:
    """Find the largest face in a picture and cut it out.

    Raises:
        UserError: no picture, no face in it, or only one too small to be used.
    """
    picture = read_picture(path)
    faces = find_faces(picture, landmarker, search, known=(), hint=None, tiles=True)
    if not faces:
        raise UserError(f"{path}: no face found in this picture; give one that shows a face from the front")
    face = max(faces, key=side)
    if side(face) < crop.min_face_px:
        raise UserError(
            f"{path}: the face is too small ({side(face):.0f} pixels, {crop.min_face_px} needed); give a larger picture"
        )
    frame = crop_resize(picture, fixed_box([face], crop, picture.shape[1], picture.shape[0]), size)
    track = landmarker.detect([frame])
    if not track.found[0]:
        raise UserError(f"{path}: the face is lost when it is cut out; give a picture that shows it from the front")
    return Portrait(frame=frame, landmarks=track.landmarks[0])
