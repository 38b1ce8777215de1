"""Each way of spoiling a clip does what it says, by another library or by hand, and twice the same."""

import cv2
import numpy as np
import pytest
from drawn_clips import FPS, drawn_arrays
from PIL import Image
from scipy.ndimage import gaussian_filter

from benchmarks.degradation import pictures, sound, stillness
from benchmarks.degradation.material import Material
from benchmarks.degradation.registry import DEGRADATIONS
from speak.faces.mouth_blank import mouth_regions
from speak.media.writing import VideoCodec

CODEC = VideoCodec(fps=FPS, crf=10, preset="ultrafast")
FRAMES, LANDMARKS, AUDIO = drawn_arrays(3, 12)
STRANGER = drawn_arrays(4, 12)[0]


def material(frames=FRAMES, landmarks=LANDMARKS):
    parts = {"audio": AUDIO, "substitute": STRANGER, "codec": CODEC, "seed": 0}
    return Material(frames=frames, landmarks=landmarks, **parts)


def error(spoiled, frames=FRAMES):
    return float(np.abs(spoiled.astype(float) - frames).mean())


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_shape_and_type_stay_the_input_is_left_alone_and_twice_is_the_same(name):
    spoil, before = DEGRADATIONS[name].frames or DEGRADATIONS[name].audio, FRAMES.copy()
    old = FRAMES if DEGRADATIONS[name].frames else AUDIO
    level = 30.0 if name == "compression" else 1.0
    new = spoil(material(), level)
    assert new.shape == old.shape and new.dtype == old.dtype
    assert np.array_equal(new, spoil(material(), level)) and np.array_equal(FRAMES, before)
    assert not np.array_equal(new, old)


@pytest.mark.parametrize(
    ("name", "levels"), [("blur", (1, 3)), ("noise", (5, 20)), ("jitter", (1, 4)), ("shift", (1, 6))]
)
def test_a_stronger_level_is_further_away(name, levels):
    mild, strong = (error(DEGRADATIONS[name].frames(material(), level)) for level in levels)
    assert 0 < mild < strong


def test_compression_loses_more_at_a_worse_factor():
    assert error(pictures.compression(material(), 20)) < error(pictures.compression(material(), 45))


def test_blur_is_the_gaussian_filter():
    inside = (slice(None), slice(20, -20), slice(20, -20))
    expected = gaussian_filter(FRAMES.astype(float), (0, 2, 2, 0))[inside]
    assert np.abs(pictures.blur(material(), 2.0)[inside] - expected).max() < 1.5  # 8-bit kernels and rounding


def test_noise_has_the_spread_it_says():
    middle = np.full((4, 64, 64, 3), 128, np.uint8)
    differences = pictures.noise(material(middle), 8.0).astype(float) - 128
    assert differences.std() == pytest.approx(8, rel=0.03) and abs(differences.mean()) < 0.2


def test_shift_moves_to_the_right_and_repeats_the_edge():
    moved = pictures.shift(material(), 5.0)
    assert np.array_equal(moved[:, :, 5:], FRAMES[:, :, :-5])
    assert np.array_equal(moved[:, :, :5], np.repeat(FRAMES[:, :, :1], 5, axis=2))


def test_jitter_moves_each_frame_on_its_own():
    still = np.repeat(FRAMES[:1], 12, axis=0)
    moved = pictures.jitter(material(still), 2.0)
    assert len({frame.tobytes() for frame in moved}) == 12


def test_grey_is_pillows_luma():
    grey = pictures.grey(material(), 1.0)
    assert np.array_equal(grey[..., 0], grey[..., 1]) and np.array_equal(grey[..., 1], grey[..., 2])
    expected = np.stack([np.asarray(Image.fromarray(frame).convert("L")) for frame in FRAMES])
    assert np.abs(grey[..., 0].astype(int) - expected).max() <= 1


def test_sound_moves_by_whole_frames():
    late, early, moved = sound.late(material(), 3.0), sound.early(material(), 3.0), 1600  # 3 frames at 30 fps
    assert np.array_equal(late[moved:], AUDIO[:-moved]) and not late[:moved].any()
    assert np.array_equal(early[:-moved], AUDIO[moved:]) and not early[-moved:].any()
    assert not sound.late(material(), 100.0).any()


def test_a_frozen_head_is_the_first_frame_with_a_face():
    missing = LANDMARKS.copy()
    missing[:2] = np.nan
    frozen = stillness.frozen_head(material(landmarks=missing), 1.0)
    assert all(np.array_equal(frame, FRAMES[2]) for frame in frozen)


def test_a_frozen_mouth_keeps_the_first_mouth_and_everything_else():
    frozen, first = stillness.frozen_mouth(material(), 1.0), FRAMES[0]
    region = np.zeros(first.shape[:2], np.uint8)
    cv2.fillConvexPoly(region, np.rint(mouth_regions(LANDMARKS)[5]).astype(np.int32), 1)
    inside, outside = cv2.erode(region, np.ones((41, 41))) > 0, cv2.dilate(region, np.ones((61, 61))) == 0
    assert error(FRAMES[5][inside], first[inside]) > 1  # the mouth does move in this clip
    assert error(frozen[5][inside], first[inside]) < 0.5
    assert np.array_equal(frozen[5][outside], FRAMES[5][outside])


def test_a_frozen_mouth_goes_with_the_head():
    """A still picture whose head moves across the frame comes out as it was: its mouth was frozen already."""
    steps = np.array([0, 0, 0, 2, 4, 6, 8, 10, 12, 12, 12, 12])  # transforms are smoothed over three frames
    frames = np.stack([np.roll(FRAMES[0], step, axis=1) for step in steps])
    landmarks = np.repeat(LANDMARKS[:1], 12, axis=0)
    landmarks[..., 0] += steps[:, None]
    frozen = stillness.frozen_mouth(material(frames, landmarks), 1.0)
    assert error(frozen[4:8], frames[4:8]) < 0.01
    assert error(frozen[6], frames[0]) > 1
