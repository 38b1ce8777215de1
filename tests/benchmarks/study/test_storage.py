"""Ratings are kept once and for good; the same on SQLite and on PostgreSQL."""

import itertools
import threading

import pytest
from databases import postgresql
from made_study import GOOD, free_port, tiny_study
from sqlalchemy.exc import IntegrityError

from benchmarks.study.export import ratings_table, write_ratings
from benchmarks.study.questions import QUESTIONS
from benchmarks.study.ratings import SCHEMA, read_ratings
from benchmarks.study.storage import AlreadyRated, Store
from speak.errors import UserError

COMMON = {"session": "s1", "answered_at": "2026-01-02T03:04:05.678+00:00", "seconds": 4.5}
PEOPLE = ["p01", "p02"]
fresh = itertools.count()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request, tmp_path_factory):
    if request.param == "postgresql":
        with postgresql() as found:
            yield found
    else:
        yield f"sqlite:///{tmp_path_factory.mktemp('data')}/ratings.sqlite"


@pytest.fixture
def store(url):
    made = Store(url, f"study{next(fresh)}")
    made.begin("a" * 64, PEOPLE)
    yield made
    made.close()


def test_answers_are_stored_together_and_read_back(store):
    store.add("p01", 1, GOOD | {"lip_sync": 2}, **COMMON)
    assert store.progress("p01").answered == 1 and store.progress("p02").answered == 0
    assert store.scores("p01", 1) == GOOD | {"lip_sync": 2}
    rows = store.ratings()
    assert {row["question"] for row in rows} == set(QUESTIONS)
    assert all(row[name] == value for row in rows for name, value in COMMON.items())


def test_a_second_answer_changes_nothing(store):
    store.add("p01", 1, GOOD, **COMMON)
    with pytest.raises(AlreadyRated):
        store.add("p01", 1, dict.fromkeys(QUESTIONS, 1), **COMMON)
    assert store.scores("p01", 1) == GOOD and len(store.ratings()) == len(QUESTIONS)


def test_of_many_at_the_same_time_one_is_stored(store):
    outcomes, gate = [], threading.Barrier(8)

    def answer(score):
        gate.wait()
        try:
            store.add("p01", 1, dict.fromkeys(QUESTIONS, score), **COMMON)
            outcomes.append(score)
        except AlreadyRated:
            outcomes.append(None)

    threads = [threading.Thread(target=answer, args=(1 + i % 5,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (won,) = [score for score in outcomes if score is not None]
    assert len(outcomes) == 8 and store.scores("p01", 1) == dict.fromkeys(QUESTIONS, won)
    assert len(store.ratings()) == len(QUESTIONS)


@pytest.mark.parametrize("wrong", [0, 6, None])
def test_the_database_itself_refuses_other_scores_and_stores_none_of_the_answers(store, wrong):
    with pytest.raises(IntegrityError):
        store.add("p01", 1, GOOD | {"video_realness": wrong}, **COMMON)
    assert store.ratings() == []


def test_progress_is_kept(url, store):
    assert store.progress("p01").consented_at is None
    store.note("p01", session="abc", consented_at="2026-01-01", opened_position=3)
    other = Store(url, store.study)
    other.begin("a" * 64, PEOPLE)
    assert other.progress("p01") == store.progress("p01")
    assert (other.progress("p01").session, other.progress("p01").opened_position) == ("abc", 3)
    assert other.progress("p02").session is None
    other.close()


def test_two_studies_in_one_database_never_mix(url, store):
    other = Store(url, f"study{next(fresh)}")
    other.begin("b" * 64, PEOPLE)
    store.add("p01", 1, GOOD, **COMMON)
    assert other.ratings() == [] and other.progress("p01").answered == 0
    other.add("p01", 1, GOOD, **COMMON)
    other.withdraw("p01", "2026-01-01")
    assert len(store.ratings()) == len(QUESTIONS) and store.progress("p01").withdrawn_at is None
    other.close()


def test_a_design_that_was_changed_is_refused(url, store):
    with pytest.raises(UserError, match="design was changed after ratings began"):
        Store(url, store.study).begin("c" * 64, PEOPLE)


def test_who_withdraws_leaves_nothing(store):
    store.add("p01", 1, GOOD, **COMMON)
    store.add("p02", 1, GOOD, **COMMON)
    assert store.withdraw("p01", "2026-01-01") == len(QUESTIONS)
    assert {row["participant"] for row in store.ratings()} == {"p02"}
    assert store.progress("p01").withdrawn_at == "2026-01-01"


def test_hostile_texts_are_only_texts(store):
    evil = "'; DROP TABLE ratings; --\u202e<script>"
    store.add("p01", 1, {evil: 3}, **(COMMON | {"session": evil}))
    (row,) = store.ratings()
    assert row["question"] == row["session"] == evil


def test_the_export_is_a_ratings_table(url, tmp_path):
    design = tiny_study(tmp_path / "study")
    kept = Store(url, design.study)
    kept.begin("a" * 64, list(design.sequences))
    for position in range(1, 11):
        kept.add("p02", position, GOOD, **COMMON)
    table = ratings_table(design, kept)
    write_ratings(tmp_path / "ratings.parquet", table)
    write_ratings(tmp_path / "ratings.csv", table)
    read = read_ratings(tmp_path / "ratings.parquet", design.methods)
    assert list(read.columns) == SCHEMA.names and len(read) == 30 == len(table)
    assert read["kind"].value_counts().to_dict() == {"rated": 18, "training": 3, "gold": 3, "trap": 3, "repeat": 3}
    assert set(read["source"]) == {"people"} and set(read["study"]) == {design.study}
    assert len((tmp_path / "ratings.csv").read_text().splitlines()) == 31
    with pytest.raises(UserError, match=r"ends in \.parquet or \.csv"):
        write_ratings(tmp_path / "ratings.txt", table)
    kept.close()


@pytest.mark.parametrize("url", ["nonsense", "oracle9://x", "postgresql+psycopg://u@127.0.0.1:{port}/x"])
def test_a_database_that_cannot_be_used_is_one_line(url):
    with pytest.raises(UserError, match="database") as caught:
        Store(url.format(port=free_port()), "s").begin("a" * 64, PEOPLE)
    assert "\n" not in str(caught.value)
