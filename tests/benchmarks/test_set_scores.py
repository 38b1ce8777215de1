"""Set scores: what goes into a set, null rows, files."""

import numpy as np
import pytest

from benchmarks.scores import Provenance
from benchmarks.set_scores import Features, SetConfig, read_set_scores, score_sets, write_set_scores
from speak.errors import UserError
from speak.metrics import SET_METRICS, Missing

ORIGIN = Provenance(checkpoint="c", params="p", split="s", recipe="r", code="k")


def features(dataset, seed, count=5):
    rng = np.random.default_rng(seed)
    return Features(dataset=dataset, reference=rng.normal(size=(count, 3)), generated=rng.normal(size=(count, 3)) + 1)


def test_a_dataset_is_scored_from_all_its_clips():
    clips = [features("mead", 0), features("hdtf", 1), features("mead", 2, count=7)]
    rows = score_sets("still", 3, ["mead", "hdtf", "mead"], clips, ORIGIN)
    assert [(row.dataset, row.n) for row in rows] == [("hdtf", 5), ("hdtf", 5), ("mead", 12), ("mead", 12)]
    both = [np.concatenate([getattr(clips[i], side) for i in (0, 2)]) for side in ("reference", "generated")]
    assert [row.value for row in rows[2:]] == [metric.compute(*both) for metric in SET_METRICS.values()]
    assert {(row.method, row.seed, row.checkpoint, row.code) for row in rows} == {("still", 3, "c", "k")}


def test_no_network_and_too_few_frames_are_null():
    missing = score_sets("still", 0, ["mead"], Missing("not here"), ORIGIN)
    assert [(row.value, row.reason, row.n) for row in missing] == [(None, "not here", 0)] * len(SET_METRICS)
    few = score_sets("still", 0, ["mead"], [features("mead", 0, count=1)], ORIGIN)
    assert few[0].value is None and few[0].reason == "1 frames, at least 2 needed"


def test_files(tmp_path):
    rows = score_sets("still", 0, ["mead"], [features("mead", 0)], ORIGIN)
    for name in ("one.parquet", "two.parquet"):
        write_set_scores(tmp_path / name, rows)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert read_set_scores([tmp_path / "one.parquet"]).value.tolist() == [row.value for row in rows]
    assert read_set_scores([]).empty
    with pytest.raises(UserError, match="not a readable file of set scores"):
        read_set_scores([tmp_path / "none.parquet"])


def test_each_no_frame_is_refused():
    with pytest.raises(ValueError, match="every"):
        SetConfig(every=0)
