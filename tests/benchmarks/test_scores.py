"""Score records: every metric gives a row, files are whole, sorted and equal for equal scores."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.scores import (
    SCHEMA,
    Provenance,
    Subject,
    measure,
    read_scores,
    scores_of,
    unmeasured,
    write_scores,
)
from speak.errors import UserError
from speak.faces.track import FaceTrack
from speak.metrics import METRICS, ClipPair, MetricConfig

SUBJECT = Subject(method="still", seed=0, dataset="mead", clip_id="mead/M003/1", person="M003")
ORIGIN = Provenance(checkpoint=None, params="p", split="s", recipe="r", code="c")
CONFIG = MetricConfig(min_found_share=0.5, sync_min_windows=5)


def clip_pair(length=4, generated_length=4, size=24):
    rng = np.random.default_rng(0)

    def face(count):
        sizes = {"landmarks": (478, 3), "head_pose": (3,), "blendshapes": (52,)}
        return FaceTrack(**{name: rng.uniform(0, 1, (count, *rest)) for name, rest in sizes.items()})

    return ClipPair(
        reference_frames=rng.integers(0, 256, (length, 24, 24, 3), dtype=np.uint8),
        generated_frames=rng.integers(0, 256, (generated_length, size, size, 3), dtype=np.uint8),
        reference_face=face(length),
        generated_face=face(generated_length),
        fps=30.0,
        audio=np.zeros(2000, np.float32),
    )


def scored(pair=None, subject=SUBJECT):
    return scores_of(subject, measure(pair or clip_pair(), CONFIG), ORIGIN)


def test_one_row_per_metric_with_a_value_or_a_reason():
    found = scored()
    assert [score.metric for score in found] == [metric.id for metric in METRICS.values()]
    assert all((score.value is None) != (score.reason is None) for score in found)
    reasons = {score.metric: score.reason for score in found}
    assert reasons[METRICS["ssim"].id] is None and reasons[METRICS["f_lmd"].id] is None
    assert reasons[METRICS["sync_conf"].id] == "no sync network"
    assert reasons[METRICS["sync_conf_other"].id] == "no clip of another person to take the sound from"
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
    found = scored(pair)
    assert {(score.value, score.reason) for score in found} == {(None, reason)}
    assert len(found) == len(METRICS)


def test_files_are_sorted_and_equal_for_equal_scores(tmp_path):
    found = scored()
    nobody = Subject(method="a", seed=0, dataset="hdtf", clip_id="x", person="y")
    other = scores_of(nobody, unmeasured("no video"), ORIGIN)
    write_scores(tmp_path / "one.parquet", found + other)
    write_scores(tmp_path / "two.parquet", (other + found)[::-1])
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    table = read_scores([tmp_path / "one.parquet"])
    assert list(table.columns) == SCHEMA.names and len(table) == 2 * len(METRICS)
    nulls = sum(score.value is None for score in found)
    assert table["method"].iloc[0] == "a" and table["value"].isna().sum() == len(METRICS) + nulls


def test_two_scores_of_one_thing_are_refused(tmp_path):
    found = scored()
    with pytest.raises(ValueError, match="two scores"):
        write_scores(tmp_path / "x.parquet", found + found[:1])
    assert not list(tmp_path.iterdir())
    again = scored(subject=replace(SUBJECT, seed=1))
    write_scores(tmp_path / "x.parquet", found + again)
    assert read_scores([tmp_path / "x.parquet"]).seed.tolist() == [0] * len(found) + [1] * len(again)


def test_no_files_give_an_empty_frame_and_bad_files_one_line(tmp_path):
    assert list(read_scores([]).columns) == SCHEMA.names
    (tmp_path / "bad.parquet").write_text("not parquet")
    for name in ("bad.parquet", "absent.parquet"):
        with pytest.raises(UserError, match=name):
            read_scores([tmp_path / name])
