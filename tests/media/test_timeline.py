"""Constant rate by timestamps, against a definition written out by brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speak.media.timeline import TIMESTAMP_ROUNDING_S, at_rate, num_ticks, resample_rows


def shown_at(times: list[float], moment: float) -> int:
    """The last frame that has begun, or the first frame before that."""
    return max((i for i, time_s in enumerate(times) if time_s <= moment + TIMESTAMP_ROUNDING_S), default=0)


@given(
    steps=st.lists(st.floats(0.001, 0.3), min_size=1, max_size=40),
    fps=st.sampled_from([15.0, 25.0, 29.97, 30.0]),
    start_s=st.floats(0, 1),
    length_s=st.floats(0, 3),
)
def test_each_tick_shows_the_frame_of_its_time(steps, fps, start_s, length_s):
    times = list(np.cumsum(steps))
    ticks = list(at_rate(list(zip(times, range(len(times)), strict=True)), fps, start_s, start_s + length_s))
    count = num_ticks(fps, start_s, start_s + length_s)
    assert ticks == [shown_at(times, start_s + k / fps) for k in range(count)]


def test_25_to_30_repeats_every_fifth():
    frames = [(i / 25, i) for i in range(25)]
    assert list(at_rate(frames, 30, 0, 1))[:13] == [0, 0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10]


@pytest.mark.parametrize("rounding", [3, 6])
def test_the_same_rate_is_the_identity_even_with_rounded_times(rounding):
    frames = [(round(i / 30, rounding), i) for i in range(300)]
    assert list(at_rate(frames, 30, 0, 10)) == list(range(300))


def test_missing_slots_repeat_and_fast_rates_are_thinned():
    assert list(at_rate([(0, "a"), (0.1, "b"), (0.4, "c")], 10, 0, 0.6)) == ["a", "b", "b", "b", "c", "c"]
    assert list(at_rate([(i / 60, i) for i in range(60)], 30, 0, 1)) == list(range(0, 60, 2))


def test_nothing_gives_nothing_and_no_frame_is_pulled_too_many():
    assert list(at_rate([], 30, 0, 1)) == []
    pulled = []

    def source():
        for i in range(100):
            pulled.append(i)
            yield i / 10, i

    assert list(at_rate(source(), 10, 0, 1)) == list(range(10))
    assert max(pulled) <= 11


def test_rows_follow_a_line_and_hold_the_end():
    line = np.stack([np.arange(11.0), 5 - np.arange(11.0)], 1).astype(np.float32)
    down = resample_rows(line, 30, 25, 9)
    np.testing.assert_allclose(down[:, 0], np.minimum(np.arange(9) * 1.2, 10), rtol=1e-6)
    assert down.dtype == np.float32
    np.testing.assert_array_equal(resample_rows(line, 30, 30, 11), line)
    np.testing.assert_array_equal(resample_rows(line, 30, 30, 13)[-2:], line[[-1, -1]])


def test_missing_rows_stay_missing_and_do_not_spread_over_exact_ones():
    track = np.array([0.0, np.nan, 2.0, 3.0])
    np.testing.assert_array_equal(np.isnan(resample_rows(track, 25, 50, 7)), [0, 1, 1, 1, 0, 0, 0])
    with pytest.raises(ValueError, match="empty"):
        resample_rows(np.zeros((0, 3)), 25, 30, 4)
