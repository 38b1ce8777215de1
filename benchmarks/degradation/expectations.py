"""What each metric must make of each degradation: ``worse``, ``still``, or nothing claimed (no entry).

Written down from what a metric is meant to measure, not from what it was seen to do. A registered metric without a row
claims nothing at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What a metric must do.

    Attributes:
        move: ``worse`` or ``still``.
        monotone: whether a stronger level must be at least as bad; False where the metric need only get worse.
        reason: where it is not obvious.
    """

    move: Literal["worse", "still"]
    monotone: bool = True
    reason: str = ""


def worse(reason: str = "", *, monotone: bool = True) -> Expectation:
    """The metric must show it."""
    return Expectation(move="worse", monotone=monotone, reason=reason)


def still(reason: str = "") -> Expectation:
    """The metric must not be moved by it."""
    return Expectation(move="still", reason=reason)


MOVED = {
    "grey": still("the face is where it was"),
    "shift": still("where the face lies in the picture is taken out"),
    "jitter": still("where the face lies in the picture is taken out"),
}
DEAF = {"late_sound": still("hears nothing"), "early_sound": still("hears nothing")}
HELD = {"frozen_mouth": worse(), "frozen_head": worse()}
SWAPPED = {"swapped_emotion": worse(), "swapped_person": worse()}

PIXELS = {
    "blur": worse(),
    "noise": worse(),
    "compression": worse(),
    "grey": worse(),
    "shift": worse("compares pixel by pixel"),
    "jitter": worse("compares pixel by pixel"),
    **DEAF,
    **HELD,
    **SWAPPED,
}
LUMA = {**PIXELS, "grey": still("luma is kept")}

ALIGNED_POINTS = {**MOVED, **DEAF, **HELD, **SWAPPED}
POINTS = {**ALIGNED_POINTS, "shift": worse("not aligned"), "jitter": worse("not aligned")}
HEAD = {**ALIGNED_POINTS, "frozen_mouth": still("the head turns as before")}

SYNC = {**MOVED, **HELD, "swapped_emotion": worse("the sound stays"), "swapped_person": worse("the sound stays")}
"""Moved sound is not in it: the offset search forgives it, but what is moved out of the clip is lost to it."""
OFFSET = {**MOVED, "late_sound": worse(), "early_sound": worse()}
OUT_OF_STEP = worse("lags up to 0.1 s are forgiven, and syllables come back", monotone=False)

EXPECTATIONS: Mapping[str, Mapping[str, Expectation]] = {
    "ssim": PIXELS,
    "psnr": PIXELS,
    "f_lmd": POINTS,
    "m_lmd": POINTS,
    "sync_conf": SYNC,
    "sync_conf_other": {"swapped_person": worse("the control's sound is that clip's own")},
    "pose_error": HEAD,
    "f_lmd_missfill": POINTS,
    "m_lmd_missfill": POINTS,
    "ssim_uniform": PIXELS,
    "ssim_luma": LUMA,
    "psnr_luma": LUMA,
    "f_lmd_aligned": ALIGNED_POINTS,
    "m_lmd_aligned": ALIGNED_POINTS,
    "f_lmd_normalised": POINTS,
    "m_lmd_normalised": POINTS,
    "psnr_of_mean": PIXELS,
    "psnr_wrap8": LUMA,
    "f_lmd_ibug68": POINTS,
    "m_lmd_ibug20": POINTS,
    "head_pose_error": HEAD,
    "expression_error": ALIGNED_POINTS,
    "landmark_jitter": {**MOVED, **DEAF, **HELD},
    "velocity_error": {**POINTS, "shift": still("moves every frame alike")},
    "blink_rate_error": {**MOVED, **DEAF, "frozen_mouth": still("eyes are left alone"), "frozen_head": worse()},
    "sharpness": {
        "blur": worse(),
        "noise": worse("twice as much detail is as wrong as half"),
        "compression": worse(),
        "grey": still("luma is kept"),
        "shift": still("whole pixels"),
        **DEAF,
        "frozen_head": still("one frame is as sharp as the next"),
    },
    "sync_dist": SYNC,
    "sync_offset": OFFSET,
    "sync_gap": SYNC,
    "mouth_sound_corr": {**SYNC, "late_sound": OUT_OF_STEP, "early_sound": OUT_OF_STEP},
    "identity_similarity": {
        "shift": MOVED["shift"],
        "jitter": MOVED["jitter"],
        **DEAF,
        "frozen_mouth": still("the same person"),
        "frozen_head": still("the same person"),
        "swapped_emotion": still("the same person"),
        "swapped_person": worse(),
    },
    "emotion_accuracy": {**MOVED, **DEAF, "swapped_emotion": worse()},
    "sync_conf_official": SYNC,
    "sync_dist_official": SYNC,
    "sync_offset_official": OFFSET,
    "lpips": PIXELS,
}
