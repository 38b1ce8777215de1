"""Which clips are spoiled, and by whose clips they are replaced."""

from dataclasses import replace

from test_degradation_verdicts import CONFIG

from benchmarks.degradation.trials import trials
from benchmarks.protocol import ProtocolConfig

PROTOCOL = ProtocolConfig(datasets=("mead", "hdtf"), ablations=(), clips_per_dataset=None)


def clip(name, person, emotion=None, sentence=None, num_frames=9, dataset="mead"):
    fields = {"clip_id": f"{dataset}/{name}", "dataset": dataset, "person": person, "emotion": emotion}
    return {**fields, "sentence": sentence, "num_frames": num_frames}


ROWS = [
    clip("a1", "A", "happy", "one"),
    clip("a2", "A", "happy", "two"),
    clip("a3", "A", "sad", "three"),
    clip("a4", "A", "fear", "one"),
    clip("b1", "B", "happy", None),
    clip("b2", "B", "sad", None, num_frames=8),
    clip("c1", "C", dataset="hdtf"),
    clip("train", "D", "sad", "one"),
]
TEST = {row["clip_id"] for row in ROWS} - {"mead/train"}


def chosen(count, rows=ROWS):
    return {
        trial.pairing.clip_id: trial for trial in trials(rows, TEST, PROTOCOL, replace(CONFIG, clips_per_dataset=count))
    }


def test_clips_are_long_enough_of_the_test_side_and_spread_over_persons():
    assert chosen(9).keys() == TEST - {"mead/b2"}
    assert {trial.pairing.person for trial in chosen(2).values()} == {"A", "B", "C"}


def test_the_stranger_is_the_next_person_of_the_dataset():
    found = {clip_id: trial.stranger for clip_id, trial in chosen(9).items()}
    assert found["mead/a1"] == found["mead/a4"] == "mead/b1" and found["mead/b1"] == "mead/a1"
    assert found["hdtf/c1"] is None


def test_the_other_emotion_prefers_the_same_sentence():
    found = {clip_id: trial.emotion for clip_id, trial in chosen(9).items()}
    assert found["mead/a1"] == "mead/a4" and found["mead/a4"] == "mead/a1"
    assert found["mead/a2"] == "mead/a3" and found["mead/a3"] == "mead/a1"
    assert found["mead/b1"] is None and found["hdtf/c1"] is None


def test_the_order_of_the_rows_does_not_matter():
    assert chosen(2) == chosen(2, ROWS[::-1])
