"""Mean opinions, intervals and differences by hand, and what a study leaves out."""

import io

import numpy as np
import pandas as pd
import pytest
from fake_ratings import CONFIG, answers, as_people, simulated, terms_for
from scipy import stats

from benchmarks.ranks import standings
from benchmarks.study.analysis import Difference, analyse, differences, opinion_rows, records_csv
from benchmarks.study.panel import ONE_PARTICIPANT, rating_panel, two_way_error

TABLE = {"x": (5, 4, 3), "y": (4, 4, 2), "z": (3, 2, 1)}
"""Participants × persons a, b, c: mean 28/9, mean squares 28/9, 28/9 and 1/9."""


def rated(table, method="speak"):
    """``TABLE`` as ratings of one clip of each person."""
    return {(method, f"{person}1"): {who: own[k] for who, own in table.items()} for k, person in enumerate("abc")}


def panel(*tables):
    return rating_panel(opinion_rows(pd.concat([answers(table) for table in tables])), ["speak", "atvg"], CONFIG)


def test_error_and_degrees_of_freedom_by_hand():
    """V = (28/9 + 28/9 - 1/9) / 9; Satterthwaite: V² / ((28/81)² / 2 + (28/81)² / 2 + (1/81)² / 4)."""
    table = np.array(list(TABLE.values()), dtype=float)
    error, freedom = two_way_error((table - table.mean()) / 9)
    assert error**2 == pytest.approx(55 / 81)
    assert freedom == pytest.approx(55**2 / (28**2 + 1 / 4))


def test_a_mean_is_over_all_ratings_and_its_interval_ends_where_the_scale_does():
    found = panel(rated(TABLE)).mean("speak")
    assert (found.mean, found.clips, found.persons) == (pytest.approx(28 / 9), 3, 3)
    assert (found.low, found.high) == (1.0, 5.0)


def test_an_interval_of_a_panel_is_the_error_times_students_t():
    """Eight participants like four of the table's, so that the interval stays on the scale."""
    rng = np.random.default_rng(0)
    scores = rng.integers(2, 5, (8, 3))
    found = panel(rated({f"p{who}": tuple(own.tolist()) for who, own in enumerate(scores)})).mean("speak")
    error, freedom = two_way_error((scores - scores.mean()) / scores.size)
    half = error * stats.t.ppf(0.975, freedom)
    assert (found.low, found.high) == (pytest.approx(scores.mean() - half), pytest.approx(scores.mean() + half))


def test_a_difference_is_paired():
    """Everybody finds one method a point worse: no doubt is left, whatever participants and clips are like."""
    better = {"x": (5, 4, 3), "y": (4, 4, 2)}
    worse = {who: tuple(score - 1 for score in scores) for who, scores in better.items()}
    found = panel(rated(better), rated(worse, "atvg")).difference("speak", "atvg")
    assert (found.mean, found.low, found.high) == (pytest.approx(1), pytest.approx(1), pytest.approx(1))
    assert found.p_value == pytest.approx(0, abs=1e-12)


def test_only_clips_with_ratings_of_every_method_count():
    short = {key: value for key, value in rated(TABLE, "atvg").items() if key[1] != "c1"}
    found = panel(rated(TABLE), short).mean("speak")
    assert (found.mean, found.clips) == (pytest.approx(22 / 6), 2)


def test_one_participant_or_one_person_has_a_mean_and_no_interval():
    alone = panel(rated({"x": TABLE["x"]})).mean("speak")
    assert (alone.mean, alone.low, alone.reason) == (4, None, ONE_PARTICIPANT)
    one = panel({("speak", "a1"): {"x": 4, "y": 3}, ("speak", "a2"): {"x": 5, "y": 3}}).mean("speak")
    assert (one.mean, one.low, one.reason) == (3.75, None, "one person")


def test_differences_are_corrected_by_dataset_and_question_and_never_with_references():
    opinions = opinion_rows(simulated(4, checks=False))
    found = differences(opinions, CONFIG)
    assert len(found) == 2 * 3 * 10 and not {"ground_truth"} & {
        name for item in found for name in (item.first, item.second)
    }
    for item in found:
        assert item.p_value <= item.corrected and item.separated == (item.corrected < 0.05)
        assert item.low <= item.mean <= item.high
    family = [item for item in found if (item.dataset, item.question) == ("mead", "lip_sync")]
    smallest = min(family, key=lambda item: item.p_value)
    assert smallest.corrected == pytest.approx(min(1, 10 * smallest.p_value))


def test_ranks_come_from_the_same_differences():
    rows = opinion_rows(simulated(4, checks=False))
    own = rows[(rows.dataset == "mead") & (rows.metric == "lip_sync_mos-v1")]
    names = ["atvg", "eamm", "pc_avs", "wav2lip", "speak"]
    places = standings(rating_panel(own, names, CONFIG), names, True)
    means = own.groupby("method")["value"].mean()
    assert {name: place.rank for name, place in places.items()} == means[names].rank(ascending=False).astype(
        int
    ).to_dict()


def test_only_rated_answers_of_participants_who_stay_are_counted():
    ratings = as_people(simulated(3))
    ratings.loc[(ratings.participant == "p003") & (ratings.kind == "trap"), "score"] = 5
    study = analyse(ratings, terms_for(ratings), CONFIG)
    assert (study.account.excluded, len(study.opinions)) == (1, 19 * 30 * 3)
    assert "p003" not in set(study.opinions.rater) and (study.mark, study.source) == ("", "people")
    assert study.summary.startswith("20 participants, 1 excluded; 1710 of 1980 answers count (90 of excluded")


def test_files_name_their_source_and_repeat():
    study = analyse(simulated(3), terms_for(simulated(3)), CONFIG)
    text = records_csv(study.source, Difference, study.differences)
    read = pd.read_csv(io.StringIO(text))
    assert set(read.source) == {"simulated"} and len(read) == len(study.differences)
    again = analyse(simulated(3), terms_for(simulated(3)), CONFIG)
    assert text == records_csv(again.source, Difference, again.differences)
    np.testing.assert_array_equal(read["mean"], [item.mean for item in study.differences])
