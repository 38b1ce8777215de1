"""Clip pairs for the metric tests."""

import numpy as np

from speak.metrics import ClipPair, MetricConfig

CONFIG = MetricConfig(min_found_share=0.5, sync_min_windows=10)


def landmarks(num_frames, shift=(0.0, 0.0), missing=()):
    """The same random face in every frame, moved by ``shift`` pixels; NaN in the ``missing`` frames."""
    face = np.random.default_rng(7).uniform(60, 200, (478, 3)).astype(np.float32)
    track = np.repeat(face[None], num_frames, axis=0)
    track[..., :2] += np.asarray(shift, np.float32)
    track[list(missing)] = np.nan
    return track


def pair(reference_frames, generated_frames, **parts):
    """A pair with equal landmarks and silence, unless ``parts`` says otherwise."""
    length = len(reference_frames)
    defaults = {
        "reference_landmarks": landmarks(length),
        "generated_landmarks": landmarks(len(generated_frames)),
        "audio": np.zeros(length * 16000 // 30, np.float32),
    }
    return ClipPair(reference_frames=reference_frames, generated_frames=generated_frames, **(defaults | parts))
