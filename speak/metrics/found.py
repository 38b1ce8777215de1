"""Means over the frames in which faces were found, and when too few of them were.

A face may not be found. Only places (frames, or runs of neighbouring frames) whose reference shows a face are asked
for; of those, ``found_share`` is the share in which the generated frames show one too.
"""

import numpy as np

from speak.metrics.measurement import Measurement, MetricConfig


def has_face(landmarks: np.ndarray) -> np.ndarray:
    """(T, 478, 3) landmarks to (T,) bool."""
    return np.isfinite(landmarks[:, :, :2]).all(axis=(1, 2))


def runs(found: np.ndarray, length: int) -> np.ndarray:
    """Whether a face is found in a frame and the next ``length - 1``: (T,) to (T - length + 1,) bool."""
    return np.lib.stride_tricks.sliding_window_view(found, length).all(axis=1) if len(found) >= length else found[:0]


def too_few(found: np.ndarray, wanted: np.ndarray, config: MetricConfig, place: str = "frames") -> Measurement | None:
    """The null measurement of a clip of which too little was found, else None.

    Args:
        found: (N,) bool, places at which both faces were found.
        wanted: (N,) bool, places at which the reference shows a face.
        config: says how large a share is needed.
        place: what a place is called in the reason, in the plural.
    """
    if not wanted.any():
        return Measurement(None, "no face in the reference")
    share = float(found[wanted].mean())
    if share >= config.min_found_share:
        return None
    counts = f"{int(found[wanted].sum())} of {int(wanted.sum())} {place}"
    return Measurement(None, f"face found in {counts}, {100 * config.min_found_share:g} % needed", share)


def mean_over_found(errors: np.ndarray, wanted: np.ndarray, config: MetricConfig, place: str = "frames") -> Measurement:
    """Mean of (N,) errors, NaN where either face is missing; null where ``too_few`` says so."""
    found = np.isfinite(errors) & wanted
    null = too_few(found, wanted, config, place)
    return null or Measurement(float(errors[found].mean()), None, float(found[wanted].mean()))
