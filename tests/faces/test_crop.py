"""The fixed box holds all faces; the cut takes edges from the frame and scales without shifting."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from speak.faces.box import holds, inside, iou, union
from speak.faces.crop import CropConfig, crop_resize, fixed_box

CONFIG = CropConfig(enlarge=0.25, lift=0.1, min_face_px=10)
COORDINATE = st.floats(-100, 400)
BOX = st.tuples(COORDINATE, COORDINATE, st.floats(4, 200), st.floats(4, 200)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(st.lists(BOX, min_size=1, max_size=5), st.integers(40, 800), st.integers(40, 800))
def test_the_box_is_square_and_holds_every_face(faces, width, height):
    left, top, right, bottom = fixed_box(faces, CONFIG, width, height)
    assert right - left == bottom - top
    assert left % 2 == top % 2 == right % 2 == bottom % 2 == 0
    joined = union(faces)
    assert left <= joined[0] + 1
    assert top <= joined[1] + 1
    assert right >= joined[2] - 1
    assert bottom >= joined[3] - 1


@given(st.lists(BOX, min_size=1, max_size=5), st.integers(200, 800), st.integers(200, 800))
def test_faces_in_the_frame_give_a_box_in_the_frame(faces, width, height):
    inner = [tuple(np.clip(box, 0, [width, height] * 2)) for box in faces]
    left, top, right, bottom = fixed_box(inner, CONFIG, width, height)
    length = right - left
    if length <= min(width, height):
        assert min(left, top) >= 0
        assert right <= width
        assert bottom <= height


def test_the_box_by_hand():
    faces = [(100, 100, 180, 190), (120, 90, 200, 180)]
    assert fixed_box(faces, CONFIG, 640, 480) == (74, 50, 224, 200)  # 75 is odd
    assert fixed_box(faces, CONFIG, 210, 480) == (60, 50, 210, 200)  # moved into the frame
    assert fixed_box([(20, 10, 120, 110)], CONFIG, 128, 128) == (0, 0, 128, 128)  # cropped already
    assert fixed_box([(-30, 10, 70, 110)], CONFIG, 640, 480) == (
        -30,
        0,
        120,
        150,
    )  # the face leaves the frame


@given(BOX, BOX)
def test_overlap_is_symmetric_and_one_with_itself(one, other):
    assert iou(one, other) == iou(other, one)
    assert 0 <= iou(one, other) <= 1
    assert abs(iou(one, one) - 1) < 1e-9
    assert holds(one, one)


def test_overlap_by_hand():
    assert iou((0, 0, 10, 10), (5, 0, 15, 10)) == 1 / 3
    assert inside((-3.2, 4.6, 20, 30), 16, 12) == (0, 4, 16, 12)
    assert inside((30, 0, 40, 5), 16, 12) == (0, 0, 0, 0)


def test_edges_repeat_outside_the_frame():
    frame = np.random.default_rng(0).integers(0, 255, (20, 30, 3)).astype(np.uint8)
    padded = np.pad(frame, ((10, 10), (10, 10), (0, 0)), mode="edge")
    for left, top in ((-10, -10), (5, -3), (18, 12), (3, 2)):
        cut = crop_resize(frame, (left, top, left + 16, top + 16), 16)
        np.testing.assert_array_equal(cut, padded[top + 10 : top + 26, left + 10 : left + 26])
    outside = crop_resize(frame, (100, 100, 108, 108), 8)
    assert (outside == frame[-1, -1]).all()


def test_shrinking_averages_and_enlarging_keeps_the_middle():
    frame = np.random.default_rng(0).integers(0, 255, (40, 40, 3)).astype(np.uint8)
    blocks = frame.reshape(10, 4, 10, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(crop_resize(frame, (0, 0, 40, 40), 10), blocks, atol=0.51)
    ramp = np.tile(np.arange(0, 200, 5, dtype=np.uint8)[None, :, None], (40, 1, 3))
    large = crop_resize(ramp, (0, 0, 40, 40), 160)[80, :, 0].astype(float)
    expected = 5 * ((np.arange(160) + 0.5) / 4 - 0.5)
    np.testing.assert_allclose(large[8:-8], expected[8:-8], atol=1)
