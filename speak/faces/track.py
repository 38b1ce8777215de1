"""One face through the frames of a video, as the landmarker found it and as clip shards keep it."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class FaceTrack:
    """One face in each of T frames; rows of NaN where none was found.

    Attributes:
        landmarks: (T, 478, 3) float32 pixels (x right, y down; z in the same scale, negative towards the
            viewer).
        head_pose: (T, 3) float32 degrees: yaw, pitch, roll (signs: see ``speak.faces.landmarker``).
        blendshapes: (T, 52) float32 in [0, 1], in MediaPipe's order.
    """

    landmarks: np.ndarray
    head_pose: np.ndarray
    blendshapes: np.ndarray

    @property
    def found(self) -> np.ndarray:
        """(T,) bool: whether a face was found."""
        return ~np.isnan(self.landmarks[:, 0, 0])
