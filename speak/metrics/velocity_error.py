"""Velocity error: do the landmarks move, from frame to frame, as the reference's do?

    mean over points and frames of |(x'(t + 1) - x'(t)) - (x(t + 1) - x(t))|

on the mesh's 468 skin points in the picture plane, head motion included. A face in the wrong place that moves rightly
is perfect; one that stands still is off by the reference's own speed.
"""

import numpy as np

from speak.metrics.found import has_face, mean_over_found, runs
from speak.metrics.landmark_distance import FACE, landmark_distances
from speak.metrics.measurement import ClipPair, Measurement, Metric, MetricConfig


def velocity_error(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Mean over the steps between neighbouring frames that all show a face."""
    wanted = runs(has_face(pair.reference_landmarks), 2)
    if not wanted.any():
        return Measurement(None, "no two frames in a row with a face in the reference")
    tracks = (pair.reference_landmarks, pair.generated_landmarks)
    first, second = (np.diff(track.astype(np.float64), axis=0) for track in tracks)
    return mean_over_found(landmark_distances(first, second, FACE), wanted, config, "steps")


VELOCITY_ERROR = Metric(
    name="velocity_error",
    id="velocity_error-px256-v1",
    title="Velocity error",
    unit="px/frame",
    higher_is_better=False,
    decimals=3,
    summary="Mean distance between the generated and the reference's frame-to-frame displacement of the 468 skin "
    "points, in pixels of the 256×256 frame.",
    inputs="landmarks",
    source="this project; landmark velocity difference as in Zhou et al. 2020 (MakeItTalk)",
    null_when="no two frames in a row show a face in the reference, or too few of these steps do in the generated "
    "frames",
    compute=velocity_error,
)
