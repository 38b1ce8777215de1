"""Simulated participants: what they are told they do; planning."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from fake_ratings import MODEL, QUALITY, SCENE, simulated, write_ratings

from benchmarks.study.power import power_lines, powers, read_config
from benchmarks.study.ratings import read_ratings


def test_everything_is_marked_and_is_a_valid_table(tmp_path):
    ratings = simulated()
    assert set(ratings.source) == {"simulated"}
    assert len(read_ratings(write_ratings(tmp_path / "r.parquet", ratings))) == 20 * 33 * 3
    assert set(ratings.kind) == {"rated", "gold", "trap", "repeat"}


def test_the_same_seed_gives_the_same_answers():
    pd.testing.assert_frame_equal(simulated(3), simulated(3))
    assert (simulated(3).score.to_numpy() != simulated(4).score.to_numpy()).any()


def test_methods_are_shown_equally_often_and_nobody_sees_a_video_twice():
    rated = simulated(checks=False).drop_duplicates(["participant", "position"])
    assert rated.groupby(["dataset", "method"]).size().eq(50).all()
    assert not rated.duplicated(["participant", "dataset", "method", "clip_id"]).any()
    assert rated.groupby(["dataset", "method", "clip_id"]).size().eq(5).all()


def test_means_follow_the_quality():
    calm = dataclasses.replace(MODEL, slip_share=0.0, stretch_sd=0.0)
    scene = dataclasses.replace(SCENE, participants=400)
    means = simulated(1, scene, calm, checks=False).groupby("method")["score"].mean()
    for name, value in QUALITY.items():
        if name != "ground_truth":  # its scores end at 5
            assert means[name] == pytest.approx(value, abs=0.25)
    assert list(means.sort_values().index) == sorted(QUALITY, key=QUALITY.get)


def test_each_part_of_the_model_does_what_its_name_says():
    still = dataclasses.replace(MODEL, bias_sd=0, stretch_sd=0, person_sd=0, clip_sd=0, noise_sd=0, slip_share=0)
    scene = dataclasses.replace(SCENE, quality=dict.fromkeys(QUALITY, 3.0), gold_quality=3.0)
    assert set(simulated(1, scene, still, checks=False).score) == {3}

    def spread(key, **parts):
        rated = simulated(1, scene, dataclasses.replace(still, **parts), checks=False)
        return rated.groupby(key)["score"].mean().std()

    assert spread("participant", bias_sd=0.8) > 0.5 > 0.2 > spread("participant", noise_sd=0.8)
    assert spread(["dataset", "person"], person_sd=0.8) > 0.2 and spread(["method", "clip_id"], clip_sd=1.0) > 0.5
    slips = simulated(1, scene, dataclasses.replace(still, slip_share=0.5), checks=False)
    assert np.mean(slips.score != 3) == pytest.approx(0.4, abs=0.04)


def test_power_grows_with_participants_and_difference():
    config = dataclasses.replace(read_config(), trials=25, participants=(8, 40), differences=(0.0, 1.0))
    found = {(item.participants, item.difference): item for item in powers(config)}
    assert found[40, 0.0].separated <= 0.2 and found[40, 1.0].separated >= 0.9
    assert found[8, 1.0].separated < found[40, 1.0].separated
    assert found[8, 1.0].half_width > found[40, 1.0].half_width
    lines = power_lines(list(found.values()))
    assert len(lines) == 3 and lines[1].split()[0] == "8" and "%" in lines[1]


def test_a_plan_that_has_no_interval_is_refused():
    with pytest.raises(ValueError, match="one alone has no interval"):
        dataclasses.replace(read_config(), participants=(1, 20))
