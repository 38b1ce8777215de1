"""A study's videos: opaque names, one codec, one loudness, so that nothing but the method tells them apart."""

import hashlib
import hmac
from pathlib import Path

import numpy as np

from benchmarks.study.config import MediaConfig
from benchmarks.study.design import Item
from benchmarks.study.loudness import at_loudness, loudness
from benchmarks.study.plan import Video
from speak.errors import UserError
from speak.files import sha256_of
from speak.media.audio import read_audio
from speak.media.errors import MediaError
from speak.media.timeline import at_rate
from speak.media.video import read_frames, span, write_media

NAME_LENGTH = 24
"""Hex digits: 96 bits, so that names neither meet nor can be guessed."""


def opaque_name(key: bytes, *parts: str) -> str:
    """A name that says nothing about its parts to who does not know the key (HMAC-SHA-256)."""
    return hmac.new(key, "\0".join(parts).encode(), hashlib.sha256).hexdigest()[:NAME_LENGTH]


def decoded(path: Path, config: MediaConfig) -> tuple[np.ndarray, np.ndarray]:
    """A generated video at the study's rates: (T, H, W, 3) uint8 RGB, and (S,) float32 sound of that length.

    Raises:
        UserError: the file cannot be used.
    """
    try:
        _, end_s = span(path)
        fps = config.codec.fps
        frames = np.stack(list(at_rate(read_frames(path), fps, 0.0, end_s)))
        audio = read_audio(path, config.sample_rate, end_s=len(frames) / fps)
    except MediaError as error:
        raise UserError(f"{path}: {error}; a study's videos need picture and sound, generate it anew") from error
    return frames, audio


def store(
    folder: Path,
    name: str,
    pictures: np.ndarray,
    audio: np.ndarray,
    config: MediaConfig,
    shown: Video | None,
    person: str | None,
) -> Item:
    """Write one video of a study, and describe it.

    Args:
        pictures: (T, H, W, 3) uint8 RGB.
        audio: (S,) float32 in [-1, 1].
        shown: what it shows; None for the study's own videos.
    """
    path, rate = folder / f"{name}.mp4", config.sample_rate
    equal = at_loudness(audio, rate, config.loudness_lufs)
    codec = config.codec
    write_media(path, pictures, fps=codec.fps, crf=codec.crf, preset=codec.preset, audio=equal, sample_rate=rate)
    return Item(
        name=name,
        dataset=shown and shown.dataset,
        method=shown and shown.method,
        clip_id=shown and shown.clip_id,
        person=person,
        duration_s=len(pictures) / codec.fps,
        loudness_lufs=loudness(equal, rate),
        sha256=sha256_of(path),
    )
