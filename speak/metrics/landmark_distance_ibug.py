"""Landmark distances over the points of iBUG's scheme of 68, which most published numbers are taken over.

The points come from the mesh by the table in ``speak.faces.points68``. F-LMD takes all 68, M-LMD the 20 of the lips.
Otherwise as ``speak.metrics.landmark_distance``: pixels of the frame, neither aligned nor normalised, found frames
only. Fewer points on the cheeks and more on eyes, brows and mouth than in the mesh: F-LMD weighs expression more.
"""

from dataclasses import replace

from speak.faces.points68 import MOUTH, POINTS
from speak.metrics.landmark_distance import F_LMD, M_LMD, found_only
from speak.metrics.measurement import ClipPair, Measurement, MetricConfig


def f_lmd_ibug68(pair: ClipPair, config: MetricConfig) -> Measurement:
    """All 68 points, found frames only."""
    return found_only(pair, config, POINTS)


def m_lmd_ibug20(pair: ClipPair, config: MetricConfig) -> Measurement:
    """The 20 points of the lips, found frames only."""
    return found_only(pair, config, MOUTH)


F_LMD_IBUG68 = replace(
    F_LMD,
    name="f_lmd_ibug68",
    id="f_lmd-px256-ibug68-v1",
    title="F-LMD, 68 points",
    summary="F-LMD over the 68 points of iBUG's scheme, each the nearest mesh point.",
    source="landmark distance of Chen et al. 2018; scheme of 300-W, Sagonas et al. 2013",
    compute=f_lmd_ibug68,
)
M_LMD_IBUG20 = replace(
    M_LMD,
    name="m_lmd_ibug20",
    id="m_lmd-px256-ibug20-v1",
    title="M-LMD, 20 points",
    summary="M-LMD over the 20 lip points of iBUG's scheme of 68, each the nearest mesh point.",
    source=F_LMD_IBUG68.source,
    compute=m_lmd_ibug20,
)
