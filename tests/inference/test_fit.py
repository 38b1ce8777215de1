"""Driving clips brought to the sound's length: no jump, both ends shown, no copies."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from speak.inference.fit import FITS, Played, ping_pong, stretched

sizes = st.integers(1, 50)


def test_to_and_fro_by_hand():
    assert ping_pong(4, 9).tolist() == [0, 1, 2, 3, 2, 1, 0, 1, 2]
    assert ping_pong(1, 3).tolist() == [0, 0, 0]
    assert ping_pong(10, 3).tolist() == [0, 1, 2]


def test_stretched_by_hand():
    assert stretched(3, 5).tolist() == [0, 0, 1, 2, 2]
    assert stretched(9, 3).tolist() == [0, 4, 8]
    assert stretched(5, 1).tolist() == [0]


@given(sizes, sizes)
def test_every_fit_stays_inside_and_to_and_fro_never_jumps(length, count):
    for fit in FITS.values():
        index = fit(length, count)
        assert len(index) == count and index.min() >= 0 and index.max() < length
    assert (np.abs(np.diff(ping_pong(length, count))) <= 1).all()
    assert (np.diff(stretched(length, count)) >= 0).all()


def test_played_is_the_indexed_array():
    frames = np.arange(24).reshape(4, 3, 2)
    index = ping_pong(4, 9)
    played = Played(frames, index)
    assert played.shape == (9, 3, 2) and len(played) == 9
    assert (np.asarray(played) == frames[index]).all()
    assert (played[2:5] == frames[index][2:5]).all() and (played[6] == frames[0]).all()
