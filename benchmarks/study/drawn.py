"""The study's own pictures and sounds: the words of the trap, and the check of screen and sound."""

import cv2
import numpy as np

SIZE = 256
INK, GROUND = (255, 255, 255), (40, 44, 52)
DIMMED = 0.25
BEEP_HZ, BEEP_S, PAUSE_S, LEVEL = 880, 0.25, 0.35, 0.3


def with_instruction(pictures: np.ndarray, answer: int) -> np.ndarray:
    """Write over the later half of a video that all questions are to be answered with ``answer``.

    Args:
        pictures: (T, H, W, 3) uint8 RGB.
    """
    out = pictures.copy()
    for picture in out[len(out) // 2 :]:
        picture[:] = (picture * DIMMED).astype(np.uint8)
        for line, height in (
            ("This is a check.", 0.35),
            (f"Please choose {answer}", 0.5),
            ("for all questions.", 0.65),
        ):
            _centred(picture, line, height, scale=picture.shape[1] / 330, thickness=2)
    return out


def screen_check(digit: int, beeps: int, fps: float, sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    """A digit to be seen and beeps to be counted: (T, 256, 256, 3) uint8 RGB and (S,) float32."""
    beat_s = BEEP_S + PAUSE_S
    times = np.arange(round((beeps * beat_s + PAUSE_S) * sample_rate)) / sample_rate - PAUSE_S
    on = (times >= 0) & (times % beat_s < BEEP_S)
    audio = (LEVEL * on * np.sin(2 * np.pi * BEEP_HZ * times)).astype(np.float32)
    picture = np.full((SIZE, SIZE, 3), GROUND, np.uint8)
    _centred(picture, str(digit), 0.5, scale=5, thickness=12)
    return np.repeat(picture[None], round(len(audio) / sample_rate * fps), axis=0), audio


def _centred(picture: np.ndarray, text: str, height: float, *, scale: float, thickness: int) -> None:
    (width, tall), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
    place = ((picture.shape[1] - width) // 2, round(picture.shape[0] * height) + tall // 2)
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, INK, thickness, cv2.LINE_AA)
