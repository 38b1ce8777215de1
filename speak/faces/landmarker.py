"""Face landmarks, head pose and blendshapes, frame by frame.

MediaPipe's FaceLandmarker in static (image) mode: no tracking, so a frame's result depends on that frame
alone, never on order, neighbours or sharding.

Signs of the head pose follow the picture's axes (x right, y down), all in degrees:

- ``yaw > 0``: the nose turns towards the right edge of the picture (the person's own left);
- ``pitch > 0``: the nose turns down (chin to chest);
- ``roll > 0``: the head tilts clockwise as seen in the picture (its top moves to the right).

The rotation is R = R_y(yaw) · R_x(pitch) · R_z(−roll) in a frame with x right, y up and z towards the
viewer: first tilt, then nod, then turn. All zero is a face that looks straight into the camera.
"""

import contextlib
import os
import sys
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from speak.data.clip import NUM_BLENDSHAPES, NUM_LANDMARKS
from speak.errors import UserError


@dataclass(frozen=True, kw_only=True)
class FaceTrack:
    """One face in each of T frames; rows of NaN where none was found.

    Attributes:
        landmarks: (T, 478, 3) float32 pixels (x right, y down; z in the same scale, negative towards the
            viewer).
        head_pose: (T, 3) float32 degrees: yaw, pitch, roll (signs in the module's docstring).
        blendshapes: (T, 52) float32 in [0, 1], in MediaPipe's order.
    """

    landmarks: np.ndarray
    head_pose: np.ndarray
    blendshapes: np.ndarray

    @property
    def found(self) -> np.ndarray:
        """(T,) bool: whether a face was found."""
        return ~np.isnan(self.landmarks[:, 0, 0])


class Landmarker:
    """FaceLandmarker behind numpy arrays. A context manager; ``close`` frees the native graph.

    The detector is short-range: a face narrower than about an eighth of the picture may be missed. Show it a
    region around the face then (``speak.faces.search``).
    """

    def __init__(self, model: Path, max_faces: int = 1):
        """Load the model file (``speak.assets.asset("face_landmarker")``).

        Raises:
            UserError: a shared library that MediaPipe needs is missing.
        """
        with _quiet():
            self._image, self._format, self._graph = _load(Path(model), max_faces)
            self._finalizer = weakref.finalize(self, _release, self._graph)
            self.faces(np.zeros((64, 64, 3), np.uint8))  # the native code logs at its first frame

    def faces(self, frame: np.ndarray) -> list[np.ndarray]:
        """Landmarks (478, 3) float32 in pixels of every face found in a (H, W, 3) uint8 RGB frame, largest
        first."""
        found = [points for points, _, _ in self._faces(frame)]
        return sorted(found, key=_area, reverse=True)

    def detect(self, frames: Iterable[np.ndarray]) -> FaceTrack:
        """Track one face through (H, W, 3) uint8 RGB frames; of several in a frame, the largest."""
        rows = [max(self._faces(frame), key=lambda face: _area(face[0]), default=None) for frame in frames]
        return FaceTrack(
            landmarks=_stack([row and row[0] for row in rows], (NUM_LANDMARKS, 3)),
            head_pose=_stack([row and row[1] for row in rows], (3,)),
            blendshapes=_stack([row and row[2] for row in rows], (NUM_BLENDSHAPES,)),
        )

    def close(self) -> None:
        """Free the native graph; the object cannot be used afterwards."""
        self._finalizer()

    def __enter__(self) -> "Landmarker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _faces(self, frame: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        image = self._image(image_format=self._format, data=np.ascontiguousarray(frame))
        result = self._graph.detect(image)
        scale = np.array([frame.shape[1], frame.shape[0], frame.shape[1]], np.float32)
        poses, blendshapes = result.facial_transformation_matrixes, result.face_blendshapes
        return [
            (
                np.array([(point.x, point.y, point.z) for point in points], np.float32) * scale,
                pose_angles(matrix),
                np.array([shape.score for shape in shapes], np.float32),
            )
            for points, matrix, shapes in zip(result.face_landmarks, poses, blendshapes, strict=True)
        ]


def pose_angles(matrix: np.ndarray) -> np.ndarray:
    """(3,) float32 yaw, pitch, roll in degrees of a 4x4 (or 3x3) transformation from the canonical face to
    the camera."""
    rotation = np.asarray(matrix, np.float64)[:3, :3]
    rotation = rotation / np.linalg.norm(rotation, axis=0)
    yaw = np.arctan2(rotation[0, 2], rotation[2, 2])
    pitch = np.arcsin(np.clip(-rotation[1, 2], -1, 1))
    roll = -np.arctan2(rotation[1, 0], rotation[1, 1])
    return np.degrees([yaw, pitch, roll]).astype(np.float32)


def _load(model: Path, max_faces: int) -> tuple[Any, Any, Any]:
    """MediaPipe's image class, its RGB format and a ready FaceLandmarker."""
    try:
        import mediapipe
        from mediapipe.tasks.python import vision
        from mediapipe.tasks.python.core.base_options import BaseOptions

        options = vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(model)),
            running_mode=vision.RunningMode.IMAGE,
            num_faces=max_faces,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
        graph = vision.FaceLandmarker.create_from_options(options)
    except (ImportError, OSError) as error:
        if ".so" not in str(error):
            raise
        raise UserError(
            f"mediapipe cannot load a system library ({error}); "
            "on Debian or Ubuntu: apt-get install libegl1 libgles2"
        ) from error
    return mediapipe.Image, mediapipe.ImageFormat.SRGB, graph


def _release(graph: Any) -> None:
    try:
        graph.close()
    except RuntimeError:  # the interpreter is ending, MediaPipe's thread has stopped; the system frees the rest
        graph._handle = None  # or the object would try again when it is collected, and print a traceback


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Send the process's standard error to nowhere: MediaPipe's native start-up messages cannot be configured
    away."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _area(points: np.ndarray) -> float:
    width, height = np.ptp(points[:, 0]), np.ptp(points[:, 1])
    return float(width * height)


def _stack(rows: list[np.ndarray | None], shape: tuple[int, ...]) -> np.ndarray:
    missing = np.full(shape, np.nan, np.float32)
    stacked = [missing if row is None else row for row in rows]
    return np.stack(stacked) if stacked else np.zeros((0, *shape), np.float32)
