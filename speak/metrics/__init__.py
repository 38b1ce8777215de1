"""The metrics, one a file. ``METRICS`` (in ``registry``) is the only place that knows them all."""

from speak.metrics.measurement import ClipPair, Judges, Measurement, Metric, MetricConfig, Missing, SetMetric
from speak.metrics.registry import METRICS, SET_METRICS

__all__ = [
    "METRICS",
    "SET_METRICS",
    "ClipPair",
    "Judges",
    "Measurement",
    "Metric",
    "MetricConfig",
    "Missing",
    "SetMetric",
]
