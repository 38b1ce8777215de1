"""Each rule of exclusion on participants made for it; every answer is accounted for."""

import dataclasses

import pandas as pd
import pytest
from fake_ratings import ALL_QUESTIONS, MODEL, answer, answers, simulated, terms_for

from benchmarks.study.exclusions import account_of, broken_rules, counted
from benchmarks.study.ratings import COLUMNS

VIDEOS = [("speak", f"a{number}") for number in range(10)]


def attentive(participant="x", **changes):
    """Ten videos, scores 1 to 5 in turn, and the three checks passed."""
    rows = [answer(participant, *video, 1 + n % 5, position=n) for n, video in enumerate(VIDEOS)]
    rows += [answer(participant, "ground_truth", "g1", 4, kind="gold", position=20)]
    rows += [answer(participant, "speak", "a0", 2, kind="repeat", position=22)]
    trap = {"kind": "trap", "position": 21, "dataset": None, "person": None}
    rows += [answer(participant, "trap", "trap", 2, **trap) | {"method": None, "clip_id": None}]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for kind, column, value in changes.values():
        frame.loc[frame.kind == kind, column] = value
    return frame


def rules_broken(rows, videos=10):
    return [(item.rule, item.reason) for item in broken_rules(rows, terms_for(rows, videos))[0]]


def test_an_attentive_participant_breaks_none():
    assert rules_broken(attentive()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("gold", "score", 2), ("gold", "a real video rated too low: 2, at least 3 wanted")),
        (("trap", "score", 4), ("trap", "the trap answered otherwise than asked: 0, at least 1 wanted")),
        (("repeat", "score", 3), ("repeat", "the repeated video rated otherwise: 2, at most 1.5 wanted")),
        (("rated", "score", 2), ("same", "nearly always the same score: 1, at most 0.9 wanted")),
        (("rated", "seconds", 1.5), ("pace", "too fast, in seconds for a video: 1.5, at least 3 wanted")),
    ],
)
def test_each_rule_finds_what_it_is_for(change, words):
    assert rules_broken(attentive(one=change)) == [words]


@pytest.mark.parametrize(
    "change", [("gold", "score", 3), ("repeat", "score", 1), ("rated", "seconds", 3.0)], ids=lambda change: change[0]
)
def test_a_limit_itself_is_allowed(change):
    assert rules_broken(attentive(one=change)) == []


def test_a_session_broken_off_early_is_excluded_and_its_missing_checks_are_counted():
    rows = attentive()
    half = rows[(rows.kind == "rated") & (rows.position < 5)]
    broken, unchecked = broken_rules(half, terms_for(half, 10))
    assert [(item.rule, item.found) for item in broken] == [("answered", 0.5)]
    assert {rule for rule, number in unchecked.items() if number} == {"gold", "trap", "repeat"}


def test_the_pace_is_that_of_videos_not_of_answers():
    """Three answers at one video are one time."""
    slow = [answer("x", *video, 1 + n % 5, position=n, seconds=9.0) for n, video in enumerate(VIDEOS[:3])]
    fast = [answer("x", "atvg", "b1", 3, position=9, seconds=1.0, question=question) for question in ALL_QUESTIONS]
    assert rules_broken(pd.DataFrame(slow + fast, columns=list(COLUMNS)), videos=4) == []


def test_every_answer_is_accounted_for():
    rows = pd.concat([attentive("x"), attentive("y", one=("trap", "score", 5), two=("gold", "score", 1))])
    broken, unchecked = broken_rules(rows, terms_for(rows, 10))
    found = account_of(rows, broken, unchecked)
    assert (found.participants, found.excluded, found.answers, found.counted, found.lost) == (2, 1, 26, 10, 10)
    assert found.others == {"gold": 2, "repeat": 2, "trap": 2} and found.broken == {"gold": 1, "trap": 1}
    assert set(counted(rows, broken).participant) == {"x"}
    with pytest.raises(ValueError, match="not accounted for"):
        dataclasses.replace(found, lost=9)


def test_careless_participants_are_found_and_attentive_ones_stay():
    model = dataclasses.replace(MODEL, careless_share=0.3, slip_share=0.0)
    ratings = simulated(5, model=model)
    careless = set(ratings[ratings.seconds == model.careless_pace_s].participant)
    assert careless and {item.participant for item in broken_rules(ratings, terms_for(ratings))[0]} == careless


def test_videos_that_nobody_was_given_leave_no_trace():
    rows = answers({("speak", "a1"): {"x": 4}})
    assert counted(rows, []).equals(rows)
