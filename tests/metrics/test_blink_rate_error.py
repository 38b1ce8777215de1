"""Blinks are counted once each, whatever the signal does around a threshold; short clips are null."""

import numpy as np
import pytest
from clip_pairs import CONFIG, face, landmarks, pair

from speak.metrics.blink_rate_error import EYE_BLINKS, blink_rate_error, blinks


@pytest.mark.parametrize(
    ("closure", "count"),
    [
        ([0.1, 0.1, 0.1], 0),
        ([0.1, 0.6, 0.1], 1),
        ([0.1, 0.6, 0.4, 0.6, 0.4, 0.6, 0.1], 1),  # hovers above OPEN
        ([0.1, 0.4, 0.1, 0.45, 0.1], 0),  # never shut
        ([0.1, 0.6, 0.2, 0.6, 0.2], 2),
        ([0.7, 0.8, 0.1, 0.1], 0),  # shut before the clip begins
        ([0.7, 0.1, 0.7], 1),
        ([0.1, 0.9, 0.9, 0.9], 1),
        ([0.1], 0),
    ],
)
def test_counted_by_hand(closure, count):
    assert blinks(np.array(closure)) == count


def track(length, closings, missing=()):
    found = face(landmarks(length, missing=missing))
    for frame in closings:
        found.blendshapes[frame : frame + 4, EYE_BLINKS] = 0.7
    return found


def error(reference, generated, length, **parts):
    frames = np.zeros((length, 8, 8, 3), np.uint8)
    return blink_rate_error(pair(frames, frames, reference_face=reference, generated_face=generated, **parts), CONFIG)


def test_rates_are_per_second_and_the_difference_has_no_sign():
    once, thrice = track(90, [20]), track(90, [10, 40, 70])
    assert error(once, thrice, 90).value == pytest.approx(2 / 3)
    assert error(thrice, once, 90).value == pytest.approx(2 / 3)
    assert error(once, thrice, 90, fps=25.0).value == pytest.approx(2 / 3.6)
    assert error(once, track(90, [60]), 90).value == 0  # as often, at another moment


def test_a_short_clip_says_nothing():
    assert error(track(59, [20]), track(59, []), 59).reason == "2.0 s with a face, 2 s needed to count blinks"
    assert error(track(60, [20]), track(60, []), 60).value == pytest.approx(0.5)


def test_missing_faces_leave_both_counts():
    result = error(track(100, [20, 60]), track(100, [60], missing=range(15, 40)), 100)
    assert result.value == 0 and result.found_share == 0.75
