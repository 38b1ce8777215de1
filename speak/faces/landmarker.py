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
from pathlib import Path
from typing import Any

import numpy as np

from speak.data.clip import NUM_BLENDSHAPES, NUM_LANDMARKS
from speak.errors import UserError
from speak.faces.track import FaceTrack

SEARCH_FACES = 5
"""How many faces ``Landmarker.faces`` returns at most."""


class Landmarker:
    """FaceLandmarker behind numpy arrays. A context manager; ``close`` frees the native graphs.

    The detector is short-range: a face narrower than about an eighth of the picture may be missed. Show it a
    region around the face then (``speak.faces.search``).
    """

    def __init__(self, model: Path, max_faces: int = 1):
        """Load the model file (``speak.assets.asset("face_landmarker")``).

        Args:
            model: the task file.
            max_faces: how many faces ``detect`` chooses from.

        Raises:
            UserError: a shared library that MediaPipe needs is missing.
        """
        self._model, self._max_faces = Path(model), max_faces
        self._graphs: dict[bool, Any] = {}
        self._finalizer = weakref.finalize(self, _release, self._graphs)
        self._graph(everything=True)

    def faces(self, frame: np.ndarray) -> list[np.ndarray]:
        """Landmarks (478, 3) float32 in pixels of up to ``SEARCH_FACES`` faces in (H, W, 3) uint8 RGB,
        largest first."""
        result = self._graph(everything=False).detect(_image(frame))
        return sorted((_pixels(points, frame) for points in result.face_landmarks), key=_area, reverse=True)

    def detect(self, frames: Iterable[np.ndarray]) -> FaceTrack:
        """Track one face through (H, W, 3) uint8 RGB frames; of several in a frame, the largest."""
        rows = [self._largest(frame) for frame in frames]
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

    def _largest(self, frame: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        result = self._graph(everything=True).detect(_image(frame))
        points = [_pixels(points, frame) for points in result.face_landmarks]
        if not points:
            return None
        index = max(range(len(points)), key=lambda i: _area(points[i]))
        scores = [shape.score for shape in result.face_blendshapes[index]]
        pose = pose_angles(result.facial_transformation_matrixes[index])
        return points[index], pose, np.array(scores, np.float32)

    def _graph(self, *, everything: bool) -> Any:
        """The graph that measures one face, or the one (loaded on first use) that only finds faces."""
        if everything not in self._graphs:
            with _quiet():
                faces = self._max_faces if everything else SEARCH_FACES
                self._graphs[everything] = _load(self._model, faces, everything)
                blank = np.zeros((64, 64, 3), np.uint8)
                self._graphs[everything].detect(_image(blank))  # the native code talks at its first frame
        return self._graphs[everything]


def pose_angles(matrix: np.ndarray) -> np.ndarray:
    """(3,) float32 yaw, pitch, roll in degrees of a 4x4 (or 3x3) transformation from the canonical face to
    the camera."""
    rotation = np.asarray(matrix, np.float64)[:3, :3]
    rotation = rotation / np.linalg.norm(rotation, axis=0)
    yaw = np.arctan2(rotation[0, 2], rotation[2, 2])
    pitch = np.arcsin(np.clip(-rotation[1, 2], -1, 1))
    roll = -np.arctan2(rotation[1, 0], rotation[1, 1])
    return np.degrees([yaw, pitch, roll]).astype(np.float32)


def _load(model: Path, max_faces: int, everything: bool) -> Any:
    """A ready FaceLandmarker; ``everything`` adds blendshapes and pose to the landmarks."""
    try:
        from mediapipe.tasks.python import vision
        from mediapipe.tasks.python.core.base_options import BaseOptions

        options = vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(model)),
            running_mode=vision.RunningMode.IMAGE,
            num_faces=max_faces,
            output_face_blendshapes=everything,
            output_facial_transformation_matrixes=everything,
        )
        return vision.FaceLandmarker.create_from_options(options)
    except (ImportError, OSError) as error:
        if ".so" not in str(error):
            raise
        raise UserError(
            f"mediapipe cannot load a system library ({error}); on Debian or Ubuntu: apt-get install libegl1 libgles2"
        ) from error


def _image(frame: np.ndarray) -> Any:
    import mediapipe  # imported late: it takes half a second and needs system libraries

    return mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(frame))


def _pixels(points: list, frame: np.ndarray) -> np.ndarray:
    scale = np.array([frame.shape[1], frame.shape[0], frame.shape[1]], np.float32)
    return np.array([(point.x, point.y, point.z) for point in points], np.float32) * scale


def _release(graphs: dict[bool, Any]) -> None:
    for graph in graphs.values():
        try:
            graph.close()
        except RuntimeError:  # the interpreter is ending and MediaPipe's thread has stopped
            graph._handle = None  # or the object tries again when it is collected, and prints a traceback


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
