"""What a person does during a clip: speech on the lips, an expression, blinks, gaze and head movement.

All tracks are sums of smooth random curves and the speech's own visemes, sampled at the frames' times.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.ndimage import gaussian_filter1d

from speak.corpus.expression import expression
from speak.corpus.features import INDEX

POSE_STD_DEG = np.array([8.0, 5.0, 3.0])  # yaw, pitch, roll
POSE_LIMIT_DEG = np.array([30.0, 20.0, 12.0])
POSE_SMOOTH_S = 0.55
SHIFT_STD = np.array([0.05, 0.03, 0.03])  # head units: right, up, towards the camera
BLINK_CLOSE_S, BLINK_OPEN_S = 0.07, 0.13


class Speaks(Protocol):
    """Anything with mouth shapes over time, such as ``voice.Speech``."""

    def visemes(self, times_s: np.ndarray) -> np.ndarray:
        """Returns (T, 4) jaw, wide, press, tuck."""


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a person moves in a clip.

    Attributes:
        motion: factor on head movement; 0 holds the head still.
        articulation: factor on the opening of the mouth.
        liveliness: factor on the wavering of the expression.
        view_deg: yaw and pitch of the head towards the camera around which it moves.
    """

    motion: float
    articulation: float
    liveliness: float
    view_deg: tuple[float, float]


@dataclass(frozen=True)
class Performance:
    """Tracks of T frames, float32.

    Attributes:
        controls: (T, C) in the order of ``CONTROLS``.
        pose_deg: (T, 3) yaw, pitch, roll.
        shift: (T, 3) right, up, towards the camera, in head units.
        visemes: (T, 4) what the speech asked for: jaw, wide, press, tuck.
    """

    controls: np.ndarray
    pose_deg: np.ndarray
    shift: np.ndarray
    visemes: np.ndarray


def style_for(person_seed: int, motion: float, view_deg: tuple[float, float] = (0.0, 0.0)) -> Style:
    """Gives a person's own way of moving."""
    rng = np.random.default_rng([person_seed, 0x57E])
    return Style(
        motion=motion,
        articulation=float(rng.uniform(0.90, 1.12)),
        liveliness=float(rng.uniform(0.6, 1.1)),
        view_deg=view_deg,
    )


def perform(
    speech: Speaks, emotion: str, level: int | None, fps: float, num_frames: int, seed: int, style: Style
) -> Performance:
    """Acts a clip.

    Args:
        speech: what is said; its visemes drive the lips exactly at the frames' times ``t = n / fps``.
        emotion: one of ``EMOTIONS``; ``level`` 1 to 3 or None.
        fps: frames per second.
        num_frames: T.
        seed: of everything random here.
        style: how the person moves.

    Returns:
        The tracks.
    """
    rng = np.random.default_rng([seed, 0xAC7])
    visemes = np.asarray(speech.visemes(np.arange(num_frames) / fps), np.float64)
    controls = np.tile(expression(emotion, level).astype(np.float64), (num_frames, 1))
    waver = 1 + 0.10 * style.liveliness * smooth_noise(rng, num_frames, 1, 0.6 * fps)
    controls *= waver
    for name, amount in (("brow_in", 0.08), ("brow_out", 0.08), ("corner", 0.05), ("lid", 0.06)):
        controls[:, INDEX[name]] += amount * style.liveliness * smooth_noise(rng, num_frames, 1, 0.35 * fps)[:, 0]
    _speak(controls, visemes, style)
    controls[:, INDEX["blink"]] = blinks(rng, num_frames, fps)
    gaze = smooth_noise(rng, num_frames, 2, 0.5 * fps)
    controls[:, INDEX["gaze_x"]], controls[:, INDEX["gaze_y"]] = np.clip(0.30 * gaze.T, -0.9, 0.9)
    pose = smooth_noise(rng, num_frames, 3, POSE_SMOOTH_S * fps) * POSE_STD_DEG * style.motion
    nod = gaussian_filter1d(visemes[:, 0], 0.12 * fps, mode="nearest") * style.motion
    pose[:, 1] += 2.5 * (nod - nod.mean())
    pose[:, :2] += style.view_deg
    limit = POSE_LIMIT_DEG + np.abs([*style.view_deg, 0.0])
    pose = np.clip(pose, -limit, limit)
    _meet_eyes(controls, pose)
    shift = smooth_noise(rng, num_frames, 3, 0.7 * fps) * SHIFT_STD * style.motion
    return Performance(*(np.asarray(track, np.float32) for track in (controls, pose, shift, visemes)))


def _speak(controls: np.ndarray, visemes: np.ndarray, style: Style) -> None:
    """Adds speech to the expression: opening and width add up, pressing and tucking override."""
    jaw, wide, press, tuck = (INDEX[name] for name in ("jaw", "wide", "press", "tuck"))
    controls[:, jaw] = np.clip(controls[:, jaw] + style.articulation * visemes[:, 0], 0.0, 1.15)
    controls[:, wide] = np.clip(controls[:, wide] + visemes[:, 1], -1.0, 1.2)
    controls[:, press] = np.clip(np.maximum(controls[:, press], visemes[:, 2]), 0.0, 1.0)
    controls[:, tuck] = np.clip(np.maximum(controls[:, tuck], visemes[:, 3]), 0.0, 1.0)


def _meet_eyes(controls: np.ndarray, pose: np.ndarray) -> None:
    """Turns the eyes back towards the camera by a part of the head's turn."""
    x, y = INDEX["gaze_x"], INDEX["gaze_y"]
    controls[:, x] = np.clip(controls[:, x] - pose[:, 0] / 30.0, -1.1, 1.1)
    controls[:, y] = np.clip(controls[:, y] + pose[:, 1] / 28.0, -0.9, 0.9)


def smooth_noise(rng: np.random.Generator, num: int, tracks: int, smooth: float) -> np.ndarray:
    """Draws smooth random curves of zero mean and unit deviation over long times, (num, tracks).

    ``smooth`` is the deviation of the Gaussian kernel in samples.
    """
    margin = int(4 * smooth) + 1
    white = rng.standard_normal((num + 2 * margin, tracks))
    curve = gaussian_filter1d(white, smooth, axis=0, mode="constant")[margin : margin + num]
    return curve * np.sqrt(2.0 * np.sqrt(np.pi) * smooth)  # the kernel's squares sum to 1 / (2 sqrt(pi) smooth)


def blinks(rng: np.random.Generator, num: int, fps: float) -> np.ndarray:
    """Draws blinks every 1.5 to 4 s: 0 open, 1 shut, (num,)."""
    times = np.arange(num) / fps
    shut = np.zeros(num)
    at = rng.uniform(0.3, 3.0)
    while at < num / fps + 1.0:
        distance = times - at
        side = np.where(distance < 0, -distance / BLINK_CLOSE_S, distance / BLINK_OPEN_S)
        shut = np.maximum(shut, np.clip(1.35 - side, 0.0, 1.0))
        at += rng.uniform(1.5, 4.0)
    return shut
