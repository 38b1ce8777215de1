"""Identity similarity: does the generated face belong to the same person?"""

import numpy as np

from speak.metrics.found import has_face, mean_over_found
from speak.metrics.measurement import ClipPair, Measurement, Metric, MetricConfig, Missing


def identity_similarity(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Mean cosine between the codes of each generated frame and of its reference frame.

    Frame against frame: expression, pose and light are then the same for both, and the clip itself has exactly 1.
    """
    judge = pair.judges.identity
    if isinstance(judge, Missing):
        return Measurement(None, judge.reason)
    reference = judge(pair.reference_frames, pair.reference_landmarks)
    similarity = cosines(reference, judge(pair.generated_frames, pair.generated_landmarks))
    return mean_over_found(similarity, has_face(pair.reference_landmarks), config)


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Cosine of each row of (T, D) with the same row of another: (T,); NaN where either is."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return (one * other).sum(axis=1) / lengths


IDENTITY_SIMILARITY = Metric(
    name="identity_similarity",
    id="identity_similarity-fisher-cosine-v1",
    title="Identity",
    unit="",
    higher_is_better=True,
    decimals=3,
    summary="Mean cosine between the identity codes of each generated frame and its reference frame. The judge is "
    "fitted on this run's training persons; two strangers have a cosine around 0. How far it can be trusted stands "
    "under Judges.",
    inputs="frames, landmarks, judge of identity",
    source="this project (Fisher 1936 for the discriminants)",
    null_when="there is no judge, or too few frames show a face",
    compute=identity_similarity,
)
