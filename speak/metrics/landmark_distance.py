"""Landmark distances: how far, in pixels of the 256×256 frame, the generated face's points lie from the
reference's.

F-LMD takes the face mesh's 468 skin points (the ten iris points are left out), M-LMD its 40 lip points.
Distances are Euclidean in the picture plane (x and y only), neither aligned nor normalised: mean over points,
then over frames. Two further readings of the definition:

- *Aligned*: each generated face is first laid on its reference by the least-squares similarity in three dimensions
  (rotation, scale, shift) over the points that neither speech nor expression moves (``speak.faces.rigid``). A method
  that is given no pose then competes with those that are: what remains is the shape of face and mouth, not where the
  head is. Fitting over the metric's own points would let an open mouth pass for a bigger face.
- *Normalised*: the plain distance, divided by the frame's distance between the reference's outer eye corners in the
  picture plane (the inter-ocular distance of 300-W, Sagonas et al. 2013). It has no unit, and the size of the face in
  the picture drops out.

A face may not be found. Only frames whose reference shows a face are asked for; of those, ``found_share`` is
the share in which the generated frame shows one too. ``f_lmd`` and ``m_lmd`` are means over the found frames.
Since a method that breaks faces would profit from that, the ``missfill`` variants also count every missing
frame, at the error which the ``still`` method (the identity frame repeated) makes there.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from speak.faces.rigid import apply, rigid_motions
from speak.metrics.found import has_face, mean_over_found
from speak.metrics.measurement import ClipPair, Measurement, Metric, MetricConfig

FACE = tuple(range(468))
"""All mesh points but the irises (468 to 477)."""

LIPS = (
    *(0, 13, 14, 17, 37, 39, 40, 61, 78, 80, 81, 82, 84, 87, 88, 91, 95, 146, 178, 181),
    *(185, 191, 267, 269, 270, 291, 308, 310, 311, 312, 314, 317, 318, 321, 324, 375, 402, 405, 409, 415),
)
"""Every point on MediaPipe's ``FaceLandmarksConnections.FACE_LANDMARKS_LIPS``: outer and inner contour of
both lips. Written out so that the versioned metric cannot change with the library; a test compares the
two."""


EYE_CORNERS = (33, 263)
"""Outer corners of the right and the left eye."""

Distances = Callable[[np.ndarray, np.ndarray, tuple[int, ...]], np.ndarray]
"""``landmark_distances`` or a reading of it."""


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


def aligned_distances(reference: np.ndarray, generated: np.ndarray, points: tuple[int, ...]) -> np.ndarray:
    """The same after each generated face is laid on its reference; pixels.

    Points that all coincide lie nowhere: such a face counts as missing.
    """
    moved = np.full(generated.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        for frame in np.flatnonzero(np.isfinite(reference).all(axis=(1, 2)) & np.isfinite(generated).all(axis=(1, 2))):
            moved[frame] = apply(*rigid_motions(generated[frame], reference[frame, None]), generated[frame])
    return landmark_distances(reference, moved, points)


def normalised_distances(reference: np.ndarray, generated: np.ndarray, points: tuple[int, ...]) -> np.ndarray:
    """The same in inter-ocular distances of the reference."""
    right, left = (reference[:, corner, :2].astype(np.float64) for corner in EYE_CORNERS)
    with np.errstate(invalid="ignore", divide="ignore"):
        return landmark_distances(reference, generated, points) / np.linalg.norm(left - right, axis=-1)


def f_lmd(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Whole face, found frames only."""
    return found_only(pair, config, FACE)


def m_lmd(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Lips, found frames only."""
    return found_only(pair, config, LIPS)


def f_lmd_missfill(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """Whole face, each miss at the still method's error."""
    return _filled(pair, FACE)


def m_lmd_missfill(pair: ClipPair, _config: MetricConfig) -> Measurement:
    """Lips, each miss at the still method's error."""
    return _filled(pair, LIPS)


def f_lmd_aligned(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Whole face, aligned, found frames only."""
    return found_only(pair, config, FACE, aligned_distances)


def m_lmd_aligned(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Lips, aligned by the rest of the face, found frames only."""
    return found_only(pair, config, LIPS, aligned_distances)


def f_lmd_normalised(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Whole face, in inter-ocular distances, found frames only."""
    return found_only(pair, config, FACE, normalised_distances)


def m_lmd_normalised(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Lips, in inter-ocular distances, found frames only."""
    return found_only(pair, config, LIPS, normalised_distances)


def found_only(
    pair: ClipPair, config: MetricConfig, points: tuple[int, ...], measure: Distances = landmark_distances
) -> Measurement:
    """Mean distance of the points over found frames."""
    errors = measure(pair.reference_landmarks, pair.generated_landmarks, points)
    return mean_over_found(errors, has_face(pair.reference_landmarks), config)


def _filled(pair: ClipPair, points: tuple[int, ...]) -> Measurement:
    wanted = has_face(pair.reference_landmarks)
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


F_LMD = Metric(
    name="f_lmd",
    id="f_lmd-px256-v1",
    title="F-LMD",
    unit="px",
    higher_is_better=False,
    decimals=2,
    summary="Mean distance of the 468 face-mesh points from the reference's, in pixels of the "
    "256×256 frame, over frames in which both faces are found.",
    inputs="landmarks",
    source="landmark distance of Chen et al. 2018, on MediaPipe's mesh",
    null_when="the reference shows no face, or too few of its faces are found in the generated frames",
    compute=f_lmd,
)
M_LMD = replace(
    F_LMD,
    name="m_lmd",
    id="m_lmd-px256-v1",
    title="M-LMD",
    summary="F-LMD over the mesh's 40 lip points alone.",
    compute=m_lmd,
)
F_LMD_MISSFILL = replace(
    F_LMD,
    name="f_lmd_missfill",
    id="f_lmd-px256-missfill-v1",
    title="F-LMD, misses filled",
    summary="F-LMD in which a frame without a detectable face counts at the still method's error for that frame.",
    inputs="landmarks, the still method's landmarks",
    null_when="the reference shows no face, or a face is missed and the still method's is not known",
    compute=f_lmd_missfill,
)
M_LMD_MISSFILL = replace(
    F_LMD_MISSFILL,
    name="m_lmd_missfill",
    id="m_lmd-px256-missfill-v1",
    title="M-LMD, misses filled",
    summary="M-LMD in which a frame without a detectable face counts at the still method's error for that frame.",
    compute=m_lmd_missfill,
)
F_LMD_ALIGNED = replace(
    F_LMD,
    name="f_lmd_aligned",
    id="f_lmd-px256-aligned3d-v1",
    title="F-LMD, aligned",
    summary="F-LMD after each generated face is laid on its reference by the best rotation, scale and shift in "
    "three dimensions of the points that neither speech nor expression moves.",
    source="landmark distance of Chen et al. 2018; Umeyama 1991 for the alignment",
    compute=f_lmd_aligned,
)
M_LMD_ALIGNED = replace(
    F_LMD_ALIGNED,
    name="m_lmd_aligned",
    id="m_lmd-px256-aligned3d-v1",
    title="M-LMD, aligned",
    summary="M-LMD after the alignment of F-LMD, aligned, in which the mouth has no part.",
    compute=m_lmd_aligned,
)
F_LMD_NORMALISED = replace(
    F_LMD,
    name="f_lmd_normalised",
    id="f_lmd-interocular-v1",
    title="F-LMD, normalised",
    unit="",
    decimals=4,
    summary="F-LMD divided, frame by frame, by the distance between the reference's outer eye corners.",
    source="landmark distance of Chen et al. 2018; inter-ocular distance of 300-W, Sagonas et al. 2013",
    compute=f_lmd_normalised,
)
M_LMD_NORMALISED = replace(
    F_LMD_NORMALISED,
    name="m_lmd_normalised",
    id="m_lmd-interocular-v1",
    title="M-LMD, normalised",
    summary="M-LMD divided, frame by frame, by the distance between the reference's outer eye corners.",
    compute=m_lmd_normalised,
)
