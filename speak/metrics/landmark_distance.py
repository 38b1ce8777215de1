"""Landmark distances: how far, in pixels of the 256×256 frame, the generated face's points lie from the
reference's.

F-LMD takes the face mesh's 468 skin points (the ten iris points are left out), M-LMD its 40 lip points.
Distances are Euclidean in the picture plane (x and y only), neither aligned nor normalised: mean over points,
then over frames.

A face may not be found. Only frames whose reference shows a face are asked for; of those, ``found_share`` is
the share in which the generated frame shows one too. ``f_lmd`` and ``m_lmd`` are means over the found frames.
Since a method that breaks faces would profit from that, the ``missfill`` variants also count every missing
frame, at the error which the ``still`` method (the identity frame repeated) makes there.
"""

import numpy as np

from speak.metrics.measurement import ClipPair, Measurement, MetricConfig

FACE = tuple(range(468))
"""All mesh points but the irises (468 to 477)."""

LIPS = (
    *(0, 13, 14, 17, 37, 39, 40, 61, 78, 80, 81, 82, 84, 87, 88, 91, 95, 146, 178, 181),
    *(185, 191, 267, 269, 270, 291, 308, 310, 311, 312, 314, 317, 318, 321, 324, 375, 402, 405, 409, 415),
)
"""Every point on MediaPipe's ``FaceLandmarksConnections.FACE_LANDMARKS_LIPS``: outer and inner contour of
both lips. Written out so that the versioned metric cannot change with the library; a test compares the
two."""


def landmark_distances(reference: np.ndarray, generated: np.ndarray, points: tuple[int, ...]) -> np.ndarray:
    """Mean point distance of each frame.

    Args:
        reference: (T, 478, 3) pixels, NaN rows where no face was found.
        generated: the same shape.
        points: indices into the mesh.

    Returns:
        (T,) float64 pixels; NaN where either face is missing.
    """
    if reference.shape != generated.shape:
        raise ValueError(f"landmarks of one length wanted, got {reference.shape} and {generated.shape}")
    index = list(points)
    difference = reference[:, index, :2].astype(np.float64) - generated[:, index, :2]
    return np.sqrt((difference**2).sum(axis=-1)).mean(axis=-1)


def f_lmd(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Whole face, found frames only."""
    return _found_only(pair, config, FACE)


def m_lmd(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Lips, found frames only."""
    return _found_only(pair, config, LIPS)


def f_lmd_missfill(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """Whole face, each miss at the still method's error."""
    return _filled(pair, FACE)


def m_lmd_missfill(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """Lips, each miss at the still method's error."""
    return _filled(pair, LIPS)


def _wanted(landmarks: np.ndarray) -> np.ndarray:
    return np.isfinite(landmarks[:, :, :2]).all(axis=(1, 2))


def _found_only(pair: ClipPair, config: MetricConfig, points: tuple[int, ...]) -> Measurement:
    wanted = _wanted(pair.reference_landmarks)
    if not wanted.any():
        return Measurement(None, "no face in the reference")
    distances = landmark_distances(pair.reference_landmarks, pair.generated_landmarks, points)[wanted]
    found = np.isfinite(distances)
    share = float(found.mean())
    if share < config.min_found_share:
        reason = f"face found in {int(found.sum())} of {len(found)} frames, {100 * config.min_found_share:g} % needed"
        return Measurement(None, reason, share)
    return Measurement(float(distances[found].mean()), None, share)


def _filled(pair: ClipPair, points: tuple[int, ...]) -> Measurement:
    wanted = _wanted(pair.reference_landmarks)
    if not wanted.any():
        return Measurement(None, "no face in the reference")
    distances = landmark_distances(pair.reference_landmarks, pair.generated_landmarks, points)[wanted]
    missing = np.isnan(distances)
    share = float(1 - missing.mean())
    if not missing.any():
        return Measurement(float(distances.mean()), None, share)
    if pair.still_landmarks is None:
        return Measurement(None, "the still method's landmarks were not supplied", share)
    fill = landmark_distances(pair.reference_landmarks, pair.still_landmarks, points)[wanted]
    distances[missing] = fill[missing]
    if np.isnan(distances).any():
        return Measurement(None, "no face in the still method's frames", share)
    return Measurement(float(distances.mean()), None, share)
