"""Score records: every metric gives a row, files are whole, sorted and equal for equal scores."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.scores import (
    SCHEMA,
    Provenance,
    Subject,
    read_scores,
    score_clip,
    unscored_clip,
    write_scores,
)
from speak.errors import UserError
from speak.metrics import METRICS, ClipPair, MetricConfig

SUBJECT = Subject(method="still", seed=0, dataset="mead", clip_id="mead/M003/1", person="M003")
ORIGIN = Provenance(checkpoint=None, params="p", split="s", recipe="r", code="c")
CONFIG = MetricConfig(min_found_share=0.5, sync_min_windows=5)


def clip_pair(length=4, generated_length=4, size=24):
    rng = np.random.default_rng(0)
    landmarks = rng.uniform(0, size, (length, 478, 3)).astype(np.float32)
    return ClipPair(
        reference_frames=rng.integers(0, 256, (length, 24, 24, 3), dtype=np.uint8),
        generated_frames=rng.integers(0, 256, (generated_length, size, size, 3), dtype=np.uint8),
        reference_landmarks=landmarks,
        generated_landmarks=rng.uniform(0, size, (generated_length, 478, 3)).astype(np.float32),
        audio=np.zeros(2000, np.float32),
    )


def test_one_row_per_metric_with_a_value_or_a_reason():
    found = score_clip(SUBJECT, clip_pair(), CONFIG, ORIGIN)
    assert [score.metric for score in found] == [metric.id for metric in METRICS.values()]
    assert all((score.value is None) != (score.reason is None) for score in found)
    assert {score.reason for score in found} == {None, "no sync network"}
    assert found[0].params == "p" and found[0].clip_id == SUBJECT.clip_id


@pytest.mark.parametrize(
    "pair, reason",
    [
        (clip_pair(generated_length=3), "3 frames generated, 4 in the reference"),
        (clip_pair(size=20), "frames of 20×20 pixels generated, 24×24 in the reference"),
        (clip_pair(0, 0), "no frames"),
    ],
)
def test_a_clip_that_does_not_fit_is_null_everywhere(pair, reason):
    found = score_clip(SUBJECT, pair, CONFIG, ORIGIN)
    assert {(score.value, score.reason) for score in found} == {(None, reason)}
    assert len(found) == len(METRICS)


def test_files_are_sorted_and_equal_for_equal_scores(tmp_path):
    found = score_clip(SUBJECT, clip_pair(), CONFIG, ORIGIN)
    other = unscored_clip(Subject(method="a", seed=0, dataset="hdtf", clip_id="x", person="y"), "no video", ORIGIN)
    write_scores(tmp_path / "one.parquet", found + other)
    write_scores(tmp_path / "two.parquet", (other + found)[::-1])
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    table = read_scores([tmp_path / "one.parquet"])
    assert list(table.columns) == SCHEMA.names and len(table) == 2 * len(METRICS)
    assert table["method"].iloc[0] == "a" and table["value"].isna().sum() == len(METRICS) + 1


def test_two_scores_of_one_thing_are_refused(tmp_path):
    found = score_clip(SUBJECT, clip_pair(), CONFIG, ORIGIN)
    with pytest.raises(ValueError, match="two scores"):
        write_scores(tmp_path / "x.parquet", found + found[:1])
    assert not list(tmp_path.iterdir())
    again = score_clip(replace(SUBJECT, seed=1), clip_pair(), CONFIG, ORIGIN)
    write_scores(tmp_path / "x.parquet", found + again)
    assert read_scores([tmp_path / "x.parquet"]).seed.tolist() == [0] * len(found) + [1] * len(again)


def test_no_files_give_an_empty_frame_and_bad_files_one_line(tmp_path):
    assert list(read_scores([]).columns) == SCHEMA.names
    (tmp_path / "bad.parquet").write_text("not parquet")
    for name in ("bad.parquet", "absent.parquet"):
        with pytest.raises(UserError, match=name):
            read_scores([tmp_path / name])
