"""Sample pictures of a training: frames as people can look at them, in rows."""

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from torch import Tensor

from speak.faces.head_points import GROUPS
from speak.models.small_frame import FrameBasis

CANVAS = 256
"""Side of the canvas that small frames are decoded to, pixels."""
COLOURS = {"head": (150, 158, 168), "upper": (31, 95, 153), "mouth": (190, 60, 60)}
WHITE, RADIUS, GAP = 255, 2, 4


def pictures(frames: Tensor, basis: FrameBasis | None) -> list[np.ndarray]:
    """Frames (N, *frame) as pictures (H, W, 3) uint8: small frames as dots, paper parts' as they are.

    Args:
        frames: on any device.
        basis: of small frames; None where frames are pictures (3, H, W) in [-1, 1].
    """
    if basis is not None:
        return [dots(points) for points in basis.decode(frames)[..., :2].float().cpu().numpy()]
    levels = ((frames.float() + 1) * 127.5).clamp(0, 255).round().to(torch.uint8)
    return list(levels.permute(0, 2, 3, 1).cpu().numpy())


def dots(points: np.ndarray) -> np.ndarray:
    """(K, 2) pixels of ``head_points.USED`` on a white canvas, each group in its colour; what lies outside is cut."""
    canvas = np.full((CANVAS, CANVAS, 3), WHITE, np.uint8)
    for group, colour in COLOURS.items():
        for x, y in np.rint(points[GROUPS[group]].clip(-CANVAS, 2 * CANVAS)).astype(int):
            cv2.circle(canvas, (int(x), int(y)), RADIUS, colour, cv2.FILLED)
    return canvas


def grid(rows: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    """Pictures of one size as one: (H, W, 3) uint8, with white gaps."""
    height, width = (side + GAP for side in rows[0][0].shape[:2])
    sheet = np.full((len(rows) * height + GAP, len(rows[0]) * width + GAP, 3), WHITE, np.uint8)
    for top, row in enumerate(rows):
        for left, picture in enumerate(row):
            y, x = GAP + top * height, GAP + left * width
            sheet[y : y + height - GAP, x : x + width - GAP] = picture
    return sheet
