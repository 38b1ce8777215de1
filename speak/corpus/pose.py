"""Head pose and projection.

Axes: x to the image's right, y up, z towards the camera, as in MediaPipe's facial transformation matrix. The
rotation is R = Ry(yaw) Rx(pitch) Rz(-roll): positive yaw turns the face to the image's right, positive pitch turns it
down, positive roll turns it clockwise as seen in the image. ``speak.faces.landmarker`` reports the same signs.
"""

from dataclasses import dataclass

import numpy as np

CAMERA_DISTANCE = 10.0  # head units: about 1.1 m


def rotation(pose_deg: np.ndarray) -> np.ndarray:
    """Builds R from yaw, pitch, roll in degrees, (3,) -> (3, 3) float32."""
    angles = np.radians(pose_deg) * [1.0, 1.0, -1.0]
    (cy, cp, cr), (sy, sp, sr) = np.cos(angles), np.sin(angles)
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    nod = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    tilt = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return (turn @ nod @ tilt).astype(np.float32)


@dataclass(frozen=True)
class Camera:
    """Weak perspective: ``scale`` pixels per head unit at the head's depth, ``centre`` the head's place in pixels."""

    scale: float
    centre: tuple[float, float]

    def project(self, points: np.ndarray) -> np.ndarray:
        """Projects (..., 3) head units to (..., 3): pixel x, pixel y, depth."""
        near = self.scale * CAMERA_DISTANCE / (CAMERA_DISTANCE - points[..., 2])
        x = self.centre[0] + near * points[..., 0]
        y = self.centre[1] - near * points[..., 1]
        return np.stack([x, y, points[..., 2]], -1).astype(np.float32)


def camera_for(width: int, height: int, face_scale: float) -> Camera:
    """Frames a head whose height is ``face_scale`` of the frame's; small heads leave room for the shoulders."""
    middle = 0.40 + 0.11 * np.clip((face_scale - 0.35) / 0.35, 0, 1)
    return Camera(face_scale * height / 2.0, (width / 2.0, middle * height))
