"""The ``mouth`` method at work: one picture and a sound give frames whose mouth follows the sound.

The identity frame is bent, never redrawn: lips and chin go where the network says, and where the lips are open the
predicted picture is laid between them. When landmarks of a driving clip are given the head follows its rigid motion.
"""

from pathlib import Path

import cv2
import numpy as np
import torch

from speak.config import build
from speak.errors import UserError
from speak.faces import mouth_shape, mouth_view
from speak.inference import head_motion
from speak.inference.warp import Ring, Warper
from speak.media.mel import log_mel
from speak.models.mouth import MouthNet
from speak.training import checkpoint
from speak.training.mouth import MouthConfig, sound_windows

MOUTH_RADII = (0.62, 0.42, 0.95)
"""The part of the face that moves in speech: cheek to cheek, nose to below the chin, in face units."""
HEAD_CENTRE, HEAD_RADII = (0.0, 0.4), (2.8, 2.8, 3.0)
"""The part of the picture that moves with the head: hair and neck included, the rest of the background not."""
SUBPIXEL = 4
"""Binary digits of sub-pixel precision of the lips' polygon."""
MARGIN = 4
"""Pixels around the lips that their soft edge may touch."""


class MouthTalker:
    """Makes frames with a mouth checkpoint.

    Args:
        path: checkpoint written by ``speak.training.mouth.train_mouth``.
        expected: fingerprint it must carry, see ``mouth_fingerprint``; None accepts any.
    """

    def __init__(self, path: Path, expected: str | None = None):
        content = checkpoint.load(path, kind="mouth", expected=expected)
        self.config = build(MouthConfig, content["config"], f"{path}:config")
        self.fingerprint: str = content["fingerprint"]
        self.model = MouthNet(self.config.network).eval()
        self.model.load_state_dict(checkpoint.weights(content))

    def generate(
        self,
        identity_frame: np.ndarray,
        identity_landmarks: np.ndarray,
        audio: np.ndarray,
        num_frames: int,
        fps: float,
        pose_landmarks: np.ndarray | None = None,
    ) -> np.ndarray:
        """Let a face speak.

        Args:
            identity_frame: (H, W, 3) uint8 RGB.
            identity_landmarks: (478, 3) pixels of this frame.
            audio: (S,) float32, 16 kHz.
            num_frames: frames to make.
            fps: their rate.
            pose_landmarks: (num_frames, 478, 3) pixels of a clip whose head motion is followed (NaN rows are
                interpolated); None, or no face in any frame, keeps the head still.

        Returns:
            (num_frames, H, W, 3) uint8 RGB.

        Raises:
            UserError: no face was found in the identity frame.
        """
        if not np.isfinite(identity_landmarks).all():
            raise UserError("no face was found in the identity frame; give another picture")
        to_face = mouth_view.face_transforms(identity_landmarks[None])
        points = mouth_shape.mouth_points(identity_landmarks[None], to_face)
        moves, pictures = self.predict(points, audio, num_frames, fps)
        if pose_landmarks is None or not np.isfinite(pose_landmarks).any():
            warper = Warper(identity_frame, to_face[0], Ring(points[0, [0, 10]].mean(axis=0), MOUTH_RADII))
            placed = [(points[0], move, points[0] + move, to_face[0]) for move in moves]
        else:
            warper = Warper(identity_frame, to_face[0], Ring(np.array(HEAD_CENTRE), HEAD_RADII))
            placed = list(head_motion.placements(identity_landmarks, to_face[0], moves, pose_landmarks))
        frames = []
        for (start, move, lips, axes), picture in zip(placed, pictures, strict=True):
            frames.append(fill_mouth(warper.warp(start, move), lips, picture, axes))
        return np.stack(frames)

    def predict(
        self, points: np.ndarray, audio: np.ndarray, num_frames: int, fps: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Displacements (T, 53, 2) in face units and inner pictures (T, h, w, 3) uint8 for (1, 53, 2) points."""
        network = self.config.network
        sound = sound_windows(log_mel(audio, network.bands), np.arange(num_frames), fps, network.window)
        traits = torch.from_numpy(mouth_shape.traits(points).astype(np.float32)).expand(num_frames, -1)
        with torch.inference_mode():
            shape, picture = self.model(torch.from_numpy(sound), traits)
            return self.model.displacement(shape).double().numpy(), self.model.picture(picture).numpy()


def fill_mouth(frame: np.ndarray, points: np.ndarray, picture: np.ndarray, to_face: np.ndarray) -> np.ndarray:
    """Lay ``picture`` between the inner lips: (H, W, 3) uint8, (53, 2) points in face units; returns a new frame."""
    (box,) = mouth_shape.inner_boxes(points[None])
    ring = points[mouth_shape.INNER_SLICE]
    if box[3] - box[1] < 1e-3 or box[2] - box[0] < 1e-3:
        return frame
    back = cv2.invertAffineTransform(to_face)
    outline = ring @ back[:, :2].T + back[:, 2]
    low = np.maximum(np.floor(outline.min(axis=0)).astype(int) - MARGIN, 0)
    high = np.maximum(np.ceil(outline.max(axis=0)).astype(int) + MARGIN, 0)
    part = frame[low[1] : high[1], low[0] : high[0]]
    if part.size == 0:
        return frame
    opening = np.clip((box[3] - box[1]) / mouth_shape.MIN_HEIGHT, 0, 1)
    share = _mask(outline - low, part.shape[:2])[..., None] * opening
    to_box = mouth_shape.box_transform(to_face, box, picture.shape[1::-1])
    to_box[:, 2] += to_box[:, :2] @ low
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    inside = cv2.warpAffine(picture, to_box, part.shape[1::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
    filled = frame.copy()
    filled[low[1] : high[1], low[0] : high[0]] = part * (1 - share) + inside * share + 0.5
    return filled


def _mask(outline: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(H, W) float32 in [0, 1]: inside of a polygon with soft edges."""
    mask = np.zeros(shape, np.uint8)
    fixed = np.rint(outline * (1 << SUBPIXEL)).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 255, lineType=cv2.LINE_AA, shift=SUBPIXEL)
    return cv2.GaussianBlur(mask, (0, 0), 0.8).astype(np.float32) / 255
