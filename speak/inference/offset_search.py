"""The offset search of Chung and Zisserman 2016: by how much is the picture late, and how sure is that?

A sync network embeds short windows of video and of audio on a 25 fps timeline. For every offset o the
distances between the video at t and the audio at t + o are averaged over t; in a synchronous clip one offset
stands out:

    confidence = median over offsets of the mean distance - its minimum.

As in the published search, 15 offsets each way are tried, the audio is padded with zeros at both ends, and
the reported offset is the picture's delay in frames: positive when the matching sound comes before the
picture.
"""

import numpy as np

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
