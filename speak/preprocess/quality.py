"""How good a finished clip is: measured on the clip itself, as it will be read, and held against limits.

What cannot be measured is None, and ``unmeasured`` says why.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from speak.faces.track import FaceTrack
from speak.inference.offset_search import sync_confidence
from speak.media.loudness import level_dbfs, speech_share
from speak.media.sharpness import brightness, sharpness
from speak.preprocess.config import PreprocessConfig, QualityConfig

SyncEmbed = Callable[[np.ndarray, np.ndarray, np.ndarray, float], tuple[np.ndarray, np.ndarray]]
"""``embed(frames (T, H, W, 3) uint8, audio (S,) float32 16 kHz, landmarks (T, 478, 3), fps)``: embeddings of video and
sound, see ``speak.inference.sync.SyncScorer.embed``."""


@dataclass(frozen=True, kw_only=True)
class Quality:
    """Figures of one clip; the columns of the same names in the Clip record.

    Attributes:
        face_share: share of the frames with a face, in [0, 1].
        sharpness: median over the frames of the variance of the Laplacian of the grey picture, grey levels squared.
        brightness: mean luma, in [0, 255].
        audio_dbfs: root mean square of the sound in dB of full scale.
        speech_share: share of the sound that rises and falls as speech does, see ``speak.media.loudness``.
        sync_offset: frames of 1/25 s by which the picture is late, negative where the sound is.
        sync_conf: confidence of that offset, on the scale of the network that measured it.
        unmeasured: why figures are None; None when all are there.
    """

    face_share: float
    sharpness: float
    brightness: float
    audio_dbfs: float | None
    speech_share: float | None
    sync_offset: int | None
    sync_conf: float | None
    unmeasured: str | None


class Viewer:
    """Looks at frames on their way to somebody else.

    Args:
        keep: whether to hold all frames in memory (a sync network wants them at once).
    """

    def __init__(self, *, keep: bool):
        self._keep = keep
        self.frames: list[np.ndarray] = []
        self.sharpness: list[float] = []
        self.brightness: list[float] = []

    def through(self, frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield the same (H, W, 3) uint8 RGB frames."""
        for frame in frames:
            self.sharpness.append(sharpness(frame))
            self.brightness.append(brightness(frame))
            if self._keep:
                self.frames.append(frame)
            yield frame


def measure(
    viewer: Viewer, track: FaceTrack, audio: np.ndarray, config: PreprocessConfig, sync: SyncEmbed | None
) -> Quality:
    """Figures of a clip.

    Args:
        viewer: has seen the clip's frames, and kept them when there is a ``sync``.
        track: landmarks of these frames.
        audio: (S,) float32 in [-1, 1], the clip's sound.
        config: rates, and the least number of sync windows.
        sync: the sync network; None when there is none.
    """
    level, reasons = level_dbfs(audio), []
    if level is None:
        reasons.append("audio: digitally silent")
    found = _sync(viewer, track, audio, config, sync) if level is not None else "digitally silent"
    if isinstance(found, str):
        reasons.append(f"sync: {found}")
        found = (None, None)
    return Quality(
        face_share=float(track.found.mean()),
        sharpness=float(np.median(viewer.sharpness)),
        brightness=float(np.mean(viewer.brightness)),
        audio_dbfs=level,
        speech_share=speech_share(audio, config.sample_rate),
        sync_offset=found[1],
        sync_conf=found[0],
        unmeasured="; ".join(reasons) or None,
    )


def complaint(quality: Quality, config: PreprocessConfig) -> str | None:
    """The first limit that the clip does not keep, with value and limit; None for a good clip."""
    if quality.face_share < config.min_found_share:
        return f"landmarks found in {quality.face_share:.1%} of the frames, {config.min_found_share:.1%} needed"
    for name, value, low, high, digits in _limits(quality, config.quality):
        if value is None and (low is not None or high is not None):
            return f"{name} cannot be measured ({quality.unmeasured})"
        if low is not None and value < low:
            return f"{name} is {value:.{digits}f}, at least {low:.{digits}f} needed"
        if high is not None and value > high:
            return f"{name} is {value:.{digits}f}, at most {high:.{digits}f} allowed"
    return None


def _limits(quality: Quality, config: QualityConfig) -> list[tuple]:
    """Name, value, least, greatest and digits after the point of each figure with limits."""
    offset = None if quality.sync_offset is None else abs(quality.sync_offset)
    return [
        ("sharpness", quality.sharpness, config.min_sharpness, None, 1),
        ("brightness", quality.brightness, config.min_brightness, config.max_brightness, 1),
        ("the sound's level in dBFS", quality.audio_dbfs, config.min_audio_dbfs, None, 1),
        ("the share of speech", quality.speech_share, config.min_speech_share, None, 2),
        ("sync confidence", quality.sync_conf, config.min_sync_conf, None, 2),
        ("the sync offset in frames", offset, None, config.max_sync_offset, 0),
    ]


def _sync(
    viewer: Viewer, track: FaceTrack, audio: np.ndarray, config: PreprocessConfig, sync: SyncEmbed | None
) -> tuple[float, int] | str:
    """Confidence and offset, or why there are none."""
    if sync is None:
        return "no sync network"
    video, sound = sync(np.stack(viewer.frames), audio, track.landmarks, config.codec.fps)
    windows = int(np.isfinite(video).all(axis=1).sum())
    if windows < config.quality.min_sync_windows:
        return f"{windows} windows with a face, {config.quality.min_sync_windows} needed"
    confidence, _, offset = sync_confidence(video, sound)
    return confidence, offset
