"""The registry: names, versioned ids, and what a measurement may be."""

import dataclasses

import pytest
from clip_pairs import CONFIG

from speak.metrics import METRICS, Measurement, MetricConfig


def test_keys_ids_and_columns():
    assert all(key == metric.name for key, metric in METRICS.items())
    assert len({metric.id for metric in METRICS.values()}) == len(METRICS)
    assert all(metric.id.rsplit("-v", 1)[1].isdigit() for metric in METRICS.values())
    assert len({metric.title for metric in METRICS.values()}) == len(METRICS)


@pytest.mark.parametrize("arguments", [(None, None), (1.0, "why"), (float("nan"),), (float("inf"),)])
def test_a_measurement_is_a_number_or_a_reason(arguments):
    with pytest.raises(ValueError):
        Measurement(*arguments)


def test_thresholds_out_of_range_are_refused():
    with pytest.raises(ValueError, match="min_found_share"):
        MetricConfig(min_found_share=1.5, sync_min_windows=1)
    with pytest.raises(ValueError, match="sync_min_windows"):
        dataclasses.replace(CONFIG, sync_min_windows=0)
