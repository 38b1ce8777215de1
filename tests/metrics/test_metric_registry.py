"""The registry is complete, and a perfect clip gets perfect numbers from all of it."""

import dataclasses

import numpy as np
import pytest
from clip_pairs import CONFIG, pair

from speak.metrics import METRICS, Measurement, MetricConfig

PERFECT = {"ssim": 1.0, "psnr": None, "f_lmd": 0.0, "m_lmd": 0.0, "sync_conf": None}
PERFECT |= {"f_lmd_missfill": 0.0, "m_lmd_missfill": 0.0, "pose_error": 0.0, "sync_conf_other": None}
PERFECT |= {"ssim_uniform": 1.0, "ssim_luma": 1.0, "psnr_luma": None}
PERFECT |= dict.fromkeys(("f_lmd_aligned", "m_lmd_aligned", "f_lmd_normalised", "m_lmd_normalised"), 0.0)


def test_keys_ids_and_columns():
    assert all(key == metric.name for key, metric in METRICS.items())
    assert len({metric.id for metric in METRICS.values()}) == len(METRICS)
    assert all(metric.id.rsplit("-v", 1)[1].isdigit() for metric in METRICS.values())


@pytest.mark.parametrize("name", METRICS)
def test_a_perfect_clip(name):
    frames = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    result = METRICS[name].compute(pair(frames, frames), CONFIG)
    assert result.value == (pytest.approx(PERFECT[name], abs=1e-6) if PERFECT[name] is not None else None)
    assert (result.reason is None) == (result.value is not None)


@pytest.mark.parametrize("arguments", [(None, None), (1.0, "why"), (float("nan"),), (float("inf"),)])
def test_a_measurement_is_a_number_or_a_reason(arguments):
    with pytest.raises(ValueError):
        Measurement(*arguments)


def test_thresholds_out_of_range_are_refused():
    with pytest.raises(ValueError, match="min_found_share"):
        MetricConfig(min_found_share=1.5, sync_min_windows=1)
    with pytest.raises(ValueError, match="sync_min_windows"):
        dataclasses.replace(CONFIG, sync_min_windows=0)
