"""Score rows made by hand for the tests of tables, claims and the report."""

import pandas as pd

from benchmarks.scores import SCHEMA
from benchmarks.statistics import StatisticsConfig

CONFIG = StatisticsConfig(resamples=400, level=0.95, seed=5, min_scored_share=0.0)
PSNR = "psnr-rgb8-meandb-v1"
SYNC = "sync_conf-corpus-25fps-v1"
HASHES = {"checkpoint": None, "params": "a", "split": "b", "recipe": "c", "code": "d"}


def row(method, clip, value, *, seed=0, metric=PSNR, dataset="mead", reason=None, found_share=None):
    """One score; the person is the clip id's first letter."""
    return {
        "method": method,
        "seed": seed,
        "dataset": dataset,
        "clip_id": clip,
        "person": clip[0],
        "metric": metric,
        "value": value,
        "reason": reason,
        "found_share": found_share,
        **HASHES,
    }


def frame(rows):
    """Rows as the frame that ``read_scores`` gives."""
    table = pd.DataFrame(list(rows), columns=SCHEMA.names)
    return table.astype({"seed": "int64", "value": "float64", "found_share": "float64"})


def scores(values, **parts):
    """``{"speak": {"a1": 3.0, ...}, ...}`` as a frame."""
    return frame(row(method, clip, value, **parts) for method, clips in values.items() for clip, value in clips.items())
