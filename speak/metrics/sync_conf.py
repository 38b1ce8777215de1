"""Sync confidence (Chung and Zisserman 2016): does the mouth move with the sound, and better so than when
shifted?

A sync network embeds short windows of video and of audio on a 25 fps timeline. For every offset o the
distances between the video at t and the audio at t + o are averaged over t; in a synchronous clip one offset
stands out:

    confidence = median over offsets of the mean distance - its minimum.

As in the published search, 15 offsets each way are tried, the audio is padded with zeros at both ends, and
the reported offset is the picture's delay in frames: positive when the matching sound comes before the
picture. The network behind a number is part of the metric's id: values of two networks are never comparable.
"""

import numpy as np

from speak.metrics.measurement import ClipPair, Measurement, MetricConfig

MAX_OFFSET = 15
"""Frames at 25 fps each way, as in the official search (``vshift``)."""


def sync_confidence(
    video_embeddings: np.ndarray, audio_embeddings: np.ndarray, max_offset: int = MAX_OFFSET
) -> tuple[float, float, int]:
    """Offset search.

    Args:
        video_embeddings: (N, D); rows of NaN (no face) are left out of the means.
        audio_embeddings: (N, D), finite.
        max_offset: frames searched each way.

    Returns:
        Confidence, least mean distance, and the offset in frames (positive: the sound comes before the
        picture).
    """
    if video_embeddings.shape != audio_embeddings.shape or not np.isfinite(audio_embeddings).all():
        raise ValueError("video and audio embeddings of one shape wanted, the audio's finite")
    found = np.isfinite(video_embeddings).all(axis=1)
    if not found.any():
        raise ValueError("no finite video embedding")
    padded = np.pad(audio_embeddings.astype(np.float64), ((max_offset, max_offset), (0, 0)))
    length = len(video_embeddings)
    means = np.array(
        [
            np.linalg.norm(video_embeddings - padded[start : start + length], axis=1)[found].mean()
            for start in range(2 * max_offset + 1)
        ]
    )
    best = int(means.argmin())
    return float(np.median(means) - means[best]), float(means[best]), max_offset - best


def clip_sync_conf(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Confidence of the generated clip with the driving speech; null when the clip is too short."""
    return _with_sound(pair, pair.audio, config)


def clip_sync_conf_other(pair: ClipPair, config: MetricConfig) -> Measurement:
    """The control: confidence of the generated clip with speech that does not belong to it."""
    if pair.other_audio is None:
        return Measurement(None, "no clip of another person to take the sound from")
    return _with_sound(pair, pair.other_audio, config)


def _with_sound(pair: ClipPair, sound: np.ndarray, config: MetricConfig) -> Measurement:
    if pair.embed is None:
        return Measurement(None, "no sync network")
    video, audio = pair.embed(pair.generated_frames, sound, pair.generated_landmarks)
    found = np.isfinite(video).all(axis=1)
    share = float(found.mean()) if len(found) else None
    if found.sum() < config.sync_min_windows:
        reason = f"{int(found.sum())} sync windows with a face, at least {config.sync_min_windows} needed"
        return Measurement(None, reason, share)
    return Measurement(sync_confidence(video, audio)[0], None, share)
