"""EAMM: the six numbers of head pose that it hears beside the sound, from landmarks instead of 3DDFA_V2.

The original fits a morphable model to the 256x256 picture: yaw, pitch and roll in degrees, the scale of the model, and
where it lies in a box of 120x120 around the face. Here the axes of the head are taken from the mesh: across from eye
corner to eye corner, up from chin to forehead. The numbers mean the same and lie in the same ranges; pitch has another
zero, since the morphable model's upright axis is not the line from chin to forehead.
"""

import numpy as np

from benchmarks.methods.one_euro import one_euro
from benchmarks.methods.plane_similarity import moved

OUTER_EYES, CHIN, FOREHEAD, EARS = (33, 263), 152, 10, (234, 454)
BOX = 120.0
"""Pixels of the fitted box."""
BOX_SIZE, BOX_LOWERED = 1.58, 0.14
"""The box in units of the face's mean width and height, and how far its middle lies below the face's."""
HEAD_WIDTH = 1.5e5
"""From ear to ear in the morphable model's units, micrometres."""
STILL_REPEATS = 100
CUTOFF_HZ, BETA = 0.004, 0.7
NUMBERS = 6


def head_poses(landmarks: np.ndarray, to_picture: np.ndarray) -> np.ndarray:
    """Measure head poses.

    Args:
        landmarks: (T, 478, 3) pixels of the canvas, finite; z in the same scale, negative towards the viewer.
        to_picture: (2, 3) from the canvas's pixels to those of the 256x256 picture.

    Returns:
        (T, 6): yaw, pitch, roll in degrees, scale, x, y (from the left and the bottom of the box).
    """
    zoom = np.sqrt(np.abs(np.linalg.det(to_picture[:, :2])))
    plane = moved(np.asarray(landmarks, np.float64)[..., :2], to_picture)
    points = np.concatenate([plane, zoom * landmarks[..., 2:]], axis=2)
    low, high = points[..., :2].min(axis=1), points[..., :2].max(axis=1)
    face = (high - low).mean(axis=1)
    side = BOX_SIZE * face
    middle = (low + high) / 2 + np.stack([np.zeros_like(face), BOX_LOWERED * face], axis=1)
    ears = points[:, EARS]
    scale = np.linalg.norm(ears[:, 1] - ears[:, 0], axis=1) / HEAD_WIDTH * BOX / side
    place = (ears.mean(axis=1)[:, :2] - middle) / side[:, None] * [1, -1] * BOX + BOX / 2
    return np.column_stack([_angles(points), scale, place])


def _angles(points: np.ndarray) -> np.ndarray:
    """(T, 478, 3) to yaw, pitch, roll (T, 3) of R = R_z(roll) R_y(-yaw) R_x(pitch); y up, z towards the viewer."""
    upright = points * [1, -1, -1]
    across = _unit(upright[:, OUTER_EYES[1]] - upright[:, OUTER_EYES[0]])
    up = upright[:, FOREHEAD] - upright[:, CHIN]
    up = _unit(up - (up * across).sum(axis=1, keepdims=True) * across)
    out = np.cross(across, up)
    yaw = np.arcsin(across[:, 2].clip(-1, 1))
    pitch = np.arctan2(up[:, 2], out[:, 2])
    roll = np.arctan2(across[:, 1], across[:, 0])
    return np.degrees(np.column_stack([yaw, pitch, roll]))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def pose_track(poses: np.ndarray, count: int) -> np.ndarray:
    """One pose for each window of the sound.

    A single pose is held; several are smoothed by a one-euro filter. A track too short runs forwards, backwards,
    forwards, ...; one too long is cut.

    Args:
        poses: (T, 6).
        count: windows.

    Returns:
        (count, 6) float32.
    """
    track = np.repeat(poses, STILL_REPEATS, axis=0) if len(poses) == 1 else one_euro(poses, CUTOFF_HZ, BETA)
    if len(track) < count:
        there_and_back = np.concatenate([track, track[::-1]])
        track = np.tile(there_and_back, (-(-count // len(there_and_back)), 1))
    return track[:count].astype(np.float32)
