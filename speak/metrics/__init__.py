"""The metrics, one a file. ``METRICS`` (in ``registry``) is the only place that knows them all."""

from speak.metrics.measurement import ClipPair, Measurement, Metric, MetricConfig, SyncEmbed
from speak.metrics.registry import METRICS

__all__ = ["METRICS", "ClipPair", "Measurement", "Metric", "MetricConfig", "SyncEmbed"]
