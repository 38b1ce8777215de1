"""The main face of a video: through gaps, not through cuts, the hinted one where there is a hint."""

import dataclasses

import numpy as np
import pytest
from green_faces import GreenFinder, scene

from speak.faces.follow import FollowConfig, follow_face
from speak.faces.search import SearchConfig

SEARCH = SearchConfig(every_s=0.2, view_px=320, region_scale=3.0, tile_levels=1, tiles_every_s=1.0)
FOLLOW = FollowConfig(min_iou=0.25, max_gap_s=0.5)
LEFT, RIGHT = (30, 60, 110, 140), (200, 60, 270, 130)


def follow(scenes, hint=None, rule=FOLLOW, cut_at=0):
    """``cut_at``: number of the look with which a new shot begins; 0 for a single shot."""
    frames = [
        (0.2 * i, scene(320, 240, boxes), 0.2 * cut_at if cut_at and i >= cut_at else -np.inf)
        for i, boxes in enumerate(scenes)
    ]
    return follow_face(frames, GreenFinder(), lambda _: hint, SEARCH, rule)


def looks_of(followed) -> list[int]:
    return [round(time_s / 0.2) for time_s in followed.run.times]


def test_no_face_is_no_run():
    followed = follow([[]] * 3)
    assert followed.run is None
    assert len(followed.looks) == 3


def test_a_short_gap_is_bridged_and_a_long_one_is_not():
    assert looks_of(follow([[LEFT]] * 3 + [[]] * 1 + [[LEFT]] * 3)) == [0, 1, 2, 4, 5, 6]
    assert looks_of(follow([[LEFT]] * 3 + [[]] * 3 + [[LEFT]] * 4)) == [6, 7, 8, 9]


def test_a_jump_ends_the_run_and_the_longest_is_taken():
    assert looks_of(follow([[LEFT]] * 3 + [[RIGHT]] * 6)) == [3, 4, 5, 6, 7, 8]


def test_a_cut_ends_the_run_though_the_face_stays_where_it_was():
    assert looks_of(follow([[LEFT]] * 9)) == list(range(9))
    assert looks_of(follow([[LEFT]] * 9, cut_at=5)) == [0, 1, 2, 3, 4]
    assert looks_of(follow([[LEFT]] * 9, cut_at=4)) == [4, 5, 6, 7, 8]


def test_of_two_people_the_larger_is_taken_unless_the_hint_says_otherwise():
    both = [[LEFT, RIGHT]] * 5
    assert follow(both).run.boxes[0][0] == pytest.approx(LEFT[0], abs=2)
    assert follow(both, hint=(190, 50, 280, 140)).run.boxes[0][0] == pytest.approx(RIGHT[0], abs=2)
    assert follow([[LEFT]] * 5, hint=(190, 50, 280, 140)).run is None


def test_people_are_not_mixed_up_when_their_order_changes():
    scenes = [[LEFT, RIGHT], [(205, 60, 300, 155), (35, 60, 105, 130)], [LEFT, RIGHT]]
    run = follow(scenes).run
    assert max(box[0] for box in run.boxes) - min(box[0] for box in run.boxes) < 20


def test_walking_away_ends_the_run_and_swaying_does_not():
    walk = [[(30 + 12 * i, 60, 110 + 12 * i, 140)] for i in range(12)]
    strict = dataclasses.replace(FOLLOW, min_iou=0.5)
    assert looks_of(follow(walk, rule=strict)) == [0, 1, 2, 3, 4, 5, 6]  # 72 px: the face has 80 of 152
    sway = walk[:6] + walk[5::-1]
    assert len(follow(sway).run.times) == 12
