"""Faces are found where they are, also small ones, without asking more often than needed."""

import numpy as np
import pytest
from green_faces import GreenFinder, scene
from hypothesis import given
from hypothesis import strategies as st

from speak.faces.search import SearchConfig, find_faces, tile_regions

CONFIG = SearchConfig(every_s=0.2, view_px=320, region_scale=3.0, tile_levels=3, tiles_every_s=1.0)


def find(frame, known=(), hint=None, tiles=True):
    finder = GreenFinder()
    found = find_faces(frame, finder, CONFIG, known=known, hint=hint, tiles=tiles)
    return found, finder.asked


def test_a_large_face_takes_one_look():
    found, asked = find(scene(640, 360, [(200, 100, 330, 250)]))
    np.testing.assert_allclose(found, [(200, 100, 330, 250)], atol=3)
    assert asked == 1


def test_a_small_face_is_found_by_tiles_only():
    frame = scene(1280, 720, [(1100, 600, 1160, 660)])
    assert find(frame, tiles=False)[0] == []
    np.testing.assert_allclose(find(frame)[0], [(1100, 600, 1160, 660)], atol=4)


def test_a_hint_or_a_known_place_saves_the_tiles():
    frame = scene(1280, 720, [(1100, 600, 1160, 660)])
    found, asked = find(frame, hint=(1090, 590, 1170, 670))
    np.testing.assert_allclose(found, [(1100, 600, 1160, 660)], atol=3)
    assert asked == 1
    found, asked = find(frame, known=[(1080, 600, 1140, 660)], tiles=False)
    np.testing.assert_allclose(found, [(1100, 600, 1160, 660)], atol=3)
    assert asked == 2


def test_a_small_known_face_is_found_beside_a_large_one_once():
    frame = scene(1280, 720, [(100, 100, 400, 450), (1000, 300, 1060, 360)])
    found, _ = find(frame, known=[(110, 100, 400, 450), (1000, 300, 1060, 360)])
    np.testing.assert_allclose(found, [(100, 100, 400, 450), (1000, 300, 1060, 360)], atol=5)


def test_a_hint_outside_the_frame_falls_back_to_the_frame():
    found, _ = find(scene(320, 240, [(100, 60, 200, 160)]), hint=(-900, -900, -800, -800))
    np.testing.assert_allclose(found, [(100, 60, 200, 160)], atol=3)


@given(
    width=st.integers(64, 2000),
    height=st.integers(64, 2000),
    x=st.floats(0, 1),
    y=st.floats(0, 1),
    level=st.integers(1, 3),
)
def test_tiles_hold_every_small_square_whole(width, height, x, y, level):
    side = min(width, height) / level / 2
    left, top = x * (width - side), y * (height - side)
    assert any(
        a <= left + 1e-6 and b <= top + 1e-6 and left + side <= c + 1e-6 and top + side <= d + 1e-6
        for a, b, c, d in tile_regions(width, height, level)
    )
    for a, b, c, d in tile_regions(width, height, level):
        assert min(a, b) >= -1e-6
        assert c <= width + 1e-6
        assert d <= height + 1e-6


def test_no_levels_no_tiles():
    assert list(tile_regions(640, 360, 0)) == []
    assert list(tile_regions(300, 300, 1)) == [pytest.approx((0, 0, 300, 300))]
