import pytest

from speak.errors import UserError
from speak.sources.item import ordered


def test_a_box_scales_with_the_height_obtained(make):
    item = make(box=(342.0, 0.0, 933.0, 591.0), box_height=720)
    assert item.box_in(1280, 720) == (342, 0, 933, 591)
    assert item.box_in(640, 360) == (171, 0, 466.5, 295.5)


def test_fractions_are_of_width_and_of_height(make):
    item = make(boxes=((0.04, 0.25, 0.5, 0.5, 1.0),), box=(0.25, 0.5, 0.5, 1.0), box_unit="fraction")
    assert item.boxes_in(1280, 720) == [(0.04, (320, 360, 640, 720))]
    assert item.box_in(400, 100) == (100, 50, 200, 100)


def test_a_box_without_height_is_meant_as_it_is(make):
    assert make(box=(1.0, 2.0, 3.0, 4.0)).box_in(99, 77) == (1, 2, 3, 4)
    assert make().box_in(99, 77) is None
    assert make().boxes_in(99, 77) is None


def test_two_files_under_one_id_are_refused(make):
    items = [make(item_id="x/2"), make(), make(video="1.avi")]
    with pytest.raises(UserError, match=r"x/1: claimed by 2 files \(1.mp4, 1.avi\)"):
        ordered(items)
    assert [item.item_id for item in ordered(items[:2])] == ["x/1", "x/2"]
