"""Disentanglement of decoders made by hand: perfect, leaky, deaf; instruments against the truth; records."""

import dataclasses

import numpy as np
import pytest
from plain_faces import FELT, Leaky, Perfect, clips, draw

from benchmarks.disentanglement import read_disentanglement, write_disentanglement
from benchmarks.examination import DisentanglementConfig, check, examine, fit_instruments
from benchmarks.instruments import InstrumentConfig, chosen_frames, head_angles, mean_face
from benchmarks.probes import ProbeConfig
from benchmarks.statistics import StatisticsConfig
from benchmarks.swaps import FACTORS, SwapConfig, draw_pairs
from speak.errors import UserError

CONFIG = DisentanglementConfig(
    frames=6,
    probe=ProbeConfig(ridge=1e-3, shuffles=40, seed=0),
    instruments=InstrumentConfig(ridge=0.01, directions=8),
    swap=SwapConfig(pairs=30, seed=0),
)
STATISTICS = StatisticsConfig(resamples=200, level=0.95, seed=0, min_scored_share=0.0)


@pytest.fixture(scope="module")
def tested():
    return clips(6, seed=2)


@pytest.fixture(scope="module")
def instruments():
    return fit_instruments(clips(12, seed=1), CONFIG.instruments)


def examined(model, tested, instruments, draw=draw):
    return examine(model, tested, instruments, draw, CONFIG, STATISTICS, measured_on="landmarks")


def test_instruments_read_the_truth_of_unseen_persons(tested, instruments):
    found = check(instruments, tested)
    assert found["identity"] == 1.0 and found["emotion"] > 0.9 and found["pose"] > 0.95
    assert set(FELT) == set(instruments.emotion.places)


def test_head_angles_are_those_the_face_was_turned_by(tested):
    template = mean_face([clip.landmarks for clip in clips(12, seed=1)])
    guess = np.concatenate([head_angles(template, clip.landmarks) for clip in tested])
    truth = np.concatenate([clip.pose for clip in tested])
    for column in range(3):
        assert np.corrcoef(guess[:, column], truth[:, column])[0, 1] > 0.95


def test_a_perfect_decoder_moves_what_is_swapped_and_nothing_else(tested, instruments):
    found = examined(Perfect(), tested, instruments)
    for swapped in FACTORS:
        for measured in FACTORS:
            response = found.swaps[swapped][measured]
            assert response.value == pytest.approx(float(swapped == measured), abs=0.15), (swapped, measured)
            assert response.low <= response.value <= response.high
    for code in FACTORS:
        assert {factor: probe.readable for factor, probe in found.leakage[code].items()}[code]
    assert not found.leakage["pose"]["identity"].readable
    assert not found.leakage["emotion"]["pose"].readable
    assert (found.drawn, found.clips, found.persons) == (1.0, 24, 6)


def test_a_leaky_code_is_seen_by_both(tested, instruments):
    found = examined(Leaky(), tested, instruments)
    assert all(probe.readable for row in found.leakage.values() for probe in row.values())
    for measured in FACTORS:
        assert found.swaps["identity"][measured].value == pytest.approx(1, abs=0.02)
        assert found.swaps["pose"][measured].value == pytest.approx(0, abs=0.02)
        assert found.swaps["emotion"][measured].value == pytest.approx(0, abs=0.02)


def test_faces_that_are_not_found_are_counted(tested, instruments):
    def half(frames):
        points = draw(frames)
        points[::2] = np.nan
        return points

    found = examined(Perfect(), tested, instruments, half)
    assert found.drawn == 0.5 and found.swaps["pose"]["pose"].value == pytest.approx(1, abs=0.1)
    none = examined(Perfect(), tested, instruments, lambda frames: np.full_like(draw(frames), np.nan))
    assert none.drawn == 0 and none.swaps["pose"]["pose"].value is None and none.swaps["pose"]["pose"].reason


def test_without_emotion_labels_the_rest_is_still_measured(instruments):
    silent = [dataclasses.replace(clip, emotion=None) for clip in clips(4, seed=2)]
    found = examined(Perfect(), silent, instruments)
    assert found.leakage["emotion"]["emotion"].reason and found.swaps["emotion"]["emotion"].reason
    assert found.instruments["emotion"] is None and found.leakage["pose"]["pose"].value > 0.9
    untaught = fit_instruments(silent, CONFIG.instruments)
    assert untaught.emotion is None and "emotion" not in untaught.measure(silent[0].landmarks)


def test_the_record_survives_writing(tmp_path, tested, instruments):
    found = examined(Perfect(), tested, instruments)
    write_disentanglement(tmp_path / "d.json", found)
    assert read_disentanglement(tmp_path / "d.json") == found
    write_disentanglement(tmp_path / "e.json", examined(Perfect(), tested, instruments))
    assert (tmp_path / "d.json").read_bytes() == (tmp_path / "e.json").read_bytes()
    (tmp_path / "d.json").write_text("{}")
    with pytest.raises(UserError, match="missing"):
        read_disentanglement(tmp_path / "d.json")
    (tmp_path / "d.json").write_text("{")
    with pytest.raises(UserError, match="run its stage again"):
        read_disentanglement(tmp_path / "d.json")


def test_pairs_join_different_persons_and_use_every_source():
    pairs = draw_pairs(["a", "a", "b", "c"], SwapConfig(pairs=8, seed=3))
    assert len(pairs) == 8 and all("aabc"[one] != "aabc"[other] for one, other in pairs)
    assert sorted(source for source, _ in pairs) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert draw_pairs(["a", "a"], SwapConfig(pairs=8, seed=3)) == []


def test_chosen_frames():
    landmarks = np.zeros((10, 478, 3))
    landmarks[[0, 4]] = np.nan
    assert chosen_frames(landmarks, 4).tolist() == [1, 3, 7, 9]
    assert len(chosen_frames(landmarks[:2], 4)) == 4
    with pytest.raises(ValueError, match="no face"):
        chosen_frames(landmarks[:1], 4)
