"""Head-pose error: by how many degrees is the generated head turned away from the reference's?"""

import numpy as np

from speak.faces.rigid import STEADY, similarity
from speak.metrics.measurement import ClipPair, Measurement, MetricConfig


def pose_error(pair: ClipPair, config: MetricConfig) -> Measurement:
    """Mean angle of the rotation that takes the reference's steady points to the generated ones, in degrees.

    The rotation is the least-squares one (Umeyama 1991) over landmarks that neither speech nor expression moves, so
    place and size do not count. Frames are those in which both faces were found.
    """
    reference, generated = pair.reference_landmarks, pair.generated_landmarks
    wanted = np.isfinite(reference).all(axis=(1, 2))
    found = wanted & np.isfinite(generated).all(axis=(1, 2))
    if not wanted.any():
        return Measurement(None, "no face in the reference")
    share = float(found.sum() / wanted.sum())
    if share < config.min_found_share:
        reason = f"face found in {found.sum()} of {wanted.sum()} frames, {100 * config.min_found_share:g} % needed"
        return Measurement(None, reason, share)
    return Measurement(float(angles(reference[found], generated[found]).mean()), None, share)


def angles(reference: np.ndarray, generated: np.ndarray) -> np.ndarray:
    """(T, 478, 3) landmarks of two heads to the angle between them in each frame: (T,) degrees, 0 to 180."""
    steady = list(STEADY)
    pairs = zip(reference[:, steady].astype(np.float64), generated[:, steady].astype(np.float64), strict=True)
    matrices = np.concatenate([similarity(one, other[None])[0] for one, other in pairs])
    rotations = matrices / np.cbrt(np.linalg.det(matrices))[:, None, None]
    cosines = (np.trace(rotations, axis1=1, axis2=2) - 1) / 2
    return np.degrees(np.arccos(np.clip(cosines, -1, 1)))
