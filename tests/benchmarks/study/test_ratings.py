"""Reading a ratings table and a design: what is refused, each in one clear line."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_ratings import RULES, answers, simulated, terms_for, with_design, write_ratings

from benchmarks.study.ratings import read_ratings
from benchmarks.study.terms import check_belongs, read_terms
from speak.errors import UserError

TWO = answers({("speak", "a1"): {"x": 4, "y": 3}, ("atvg", "b1"): {"x": 2, "y": 1}})


def refused(path, *parts, **options):
    with pytest.raises(UserError) as caught:
        read_ratings(path, **options)
    line = str(caught.value)
    assert "\n" not in line and str(path) in line
    for part in parts:
        assert part in line


def test_what_a_study_writes_is_read_back_in_order(tmp_path):
    ratings = simulated()
    read = read_ratings(write_ratings(tmp_path / "r.parquet", ratings.sample(frac=1, random_state=0)))
    pd.testing.assert_frame_equal(read.fillna("none"), ratings.fillna("none"), check_dtype=False)


def test_no_file_no_parquet_and_no_rows(tmp_path):
    refused(tmp_path / "none.parquet", "no such file", "speak-bench study export")
    (tmp_path / "text.parquet").write_text("score\n5\n")
    refused(tmp_path / "text.parquet", "not a readable Parquet file")
    assert read_ratings(write_ratings(tmp_path / "empty.parquet", TWO.iloc[:0])).empty


def test_columns_and_types(tmp_path):
    path = tmp_path / "r.parquet"
    pq.write_table(pa.Table.from_pandas(TWO.drop(columns="seconds")), path)
    refused(path, "lacks column seconds")
    pq.write_table(pa.Table.from_pandas(TWO.assign(name="Ann")), path)
    refused(path, "has an unknown column name")
    pq.write_table(pa.Table.from_pandas(TWO.assign(score="good")), path)
    refused(path, "score: not int64")
    pq.write_table(pa.Table.from_pandas(TWO.assign(score=[4.5, 1, 1, 1])), path)
    refused(path, "score: not int64")


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("score", 6, "score 6 in 1 rows; it may be 1, 2, 3, 4, 5"),
        ("score", 0, "score 0"),
        ("question", "beauty", "question beauty in 1 rows"),
        ("kind", "warm-up", "kind warm-up in 1 rows"),
        ("source", "robots\x1b[2J", "source robots\\x1b[2J in"),
        ("participant", None, "participant: 1 rows have none"),
        ("method", None, "method: 1 rows have none, e.g. one of kind rated"),
        ("seconds", float("inf"), "seconds: not finite everywhere"),
        ("source", "simulated", "ratings of people and of the simulation are never mixed"),
        ("study", "other", "study: other, s in one file"),
        ("person", "z", "clip a1 is of 2 persons"),
    ],
)
def test_values(tmp_path, column, value, words):
    ratings = TWO.astype({column: object})
    ratings.loc[0, column] = value
    refused(write_ratings(tmp_path / "r.parquet", ratings), words)


def test_nobody_answers_twice(tmp_path):
    twice = pd.concat([TWO, TWO.iloc[:1]])
    refused(write_ratings(tmp_path / "r.parquet", twice), "1 answers given twice", "participant x", "question lip_sync")
    elsewhere = pd.concat([TWO, TWO.iloc[:1].assign(position=999)])
    refused(write_ratings(tmp_path / "r.parquet", elsewhere), "method speak, clip_id a1")


def test_unknown_methods_are_named_with_those_that_are_known(tmp_path):
    path = write_ratings(tmp_path / "r.parquet", TWO)
    refused(path, "method speak: not a method of this run; these are atvg, still", methods=("still", "atvg"))
    assert len(read_ratings(path, methods=("speak", "atvg"))) == 4


def test_a_trap_is_no_video_of_a_method(tmp_path):
    trap = TWO.iloc[:1].assign(kind="trap", position=999, dataset=None, method=None, clip_id=None, person=None)
    path = write_ratings(tmp_path / "r.parquet", pd.concat([TWO, trap]))
    assert len(read_ratings(path, methods=("speak", "atvg"))) == 5


def test_terms_are_read_from_a_design(tmp_path):
    ratings = with_design(tmp_path, simulated())
    assert read_terms(tmp_path) == terms_for(ratings)


def test_designs_that_are_none_or_were_changed(tmp_path):
    with pytest.raises(UserError, match="no such study"):
        read_terms(tmp_path)
    with_design(tmp_path, TWO)
    path = tmp_path / "design.json"
    content = json.loads(path.read_text())
    path.write_text("{")
    with pytest.raises(UserError, match="not valid JSON"):
        read_terms(tmp_path)
    path.write_text(json.dumps(content | {"rules": RULES.__dict__ | {"max_yawns": 3}}))
    with pytest.raises(UserError, match=r"rules\.max_yawns: unknown key"):
        read_terms(tmp_path)
    path.write_text(json.dumps(content | {"rules": RULES.__dict__ | {"min_gold_score": 1.0}}))
    with pytest.raises(UserError, match="was changed after it was made"):
        read_terms(tmp_path)


def test_ratings_of_another_study_or_video_are_refused(tmp_path):
    terms = terms_for(TWO)
    check_belongs(TWO, terms, tmp_path)
    with pytest.raises(UserError, match="ratings of study other, but the design is of study s"):
        check_belongs(TWO.assign(study="other"), terms, tmp_path)
    with pytest.raises(UserError, match="mead, speak, c9: not a video of the design"):
        check_belongs(pd.concat([TWO, answers({("speak", "c9"): {"x": 4}})]), terms, tmp_path)
