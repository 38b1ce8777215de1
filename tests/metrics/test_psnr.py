"""PSNR against scikit-image, a hand-made case, and the infinite one."""

import itertools

import numpy as np
import pytest
from clip_pairs import CONFIG, pair
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio

from speak.metrics.psnr import (
    clip_psnr,
    clip_psnr_luma,
    clip_psnr_of_mean,
    clip_psnr_wrap8,
    psnr,
    psnr_luma,
    psnr_wrap8,
)


def test_equals_scikit_image():
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 256, (2, 50, 60, 3), dtype=np.uint8)
    assert psnr(first, second) == pytest.approx(peak_signal_noise_ratio(first, second, data_range=255), abs=1e-9)


def test_by_hand_without_wrap_around():
    black, white = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)
    assert psnr(black, white) == 0
    assert psnr(white, black) == 0
    assert psnr(np.full_like(black, 10), np.full_like(black, 11)) == pytest.approx(20 * np.log10(255))


def test_on_luma_equals_scikit_image():
    rng = np.random.default_rng(2)
    for first, second in rng.integers(0, 256, (3, 2, 50, 60, 3), dtype=np.uint8):
        luma = [(rgb2ycbcr(picture)[..., 0] - 16) * 255 / 219 for picture in (first, second)]  # theirs is 16 to 235
        assert psnr_luma(first, second) == pytest.approx(peak_signal_noise_ratio(*luma, data_range=255), abs=1e-9)


def test_on_luma_by_hand():
    grey, green = np.full((2, 8, 8, 3), 100, np.uint8)
    green[..., 1] += 10  # 5.87 on the scale of luma
    assert psnr_luma(grey, green) == pytest.approx(20 * np.log10(255 / 5.87))
    frames = np.stack([grey, green])
    assert clip_psnr_luma(pair(frames, frames[::-1]), CONFIG).value == pytest.approx(20 * np.log10(255 / 5.87))
    assert clip_psnr_luma(pair(frames, frames[[0, 0]]), CONFIG).reason == "identical frames: 1 of 2"


def test_falls_with_noise():
    rng = np.random.default_rng(1)
    picture, noise = rng.integers(60, 200, (40, 40, 3)), rng.normal(0, 1, (40, 40, 3))
    values = [psnr(picture.astype(np.uint8), (picture + s * noise).round().astype(np.uint8)) for s in (1, 4, 12)]
    assert values == sorted(values, reverse=True)


def test_clip_is_the_mean_of_decibels():
    frames = np.full((2, 16, 16, 3), 100, np.uint8)
    generated = frames.copy()
    generated[0] += 1
    generated[1] += 10
    wanted = (20 * np.log10(255) + 20 * np.log10(25.5)) / 2
    assert clip_psnr(pair(frames, generated), CONFIG).value == pytest.approx(wanted)


def test_identical_frames_have_no_value():
    frames = np.full((3, 16, 16, 3), 100, np.uint8)
    result = clip_psnr(pair(frames, frames), CONFIG)
    assert (result.value, result.reason) == (None, "identical frames")
    other = frames.copy()
    other[1:] += 1
    assert clip_psnr(pair(frames, other), CONFIG).reason == "identical frames: 1 of 3"


def test_of_the_mean_error_is_that_of_all_frames_as_one_picture():
    rng = np.random.default_rng(4)
    frames = rng.integers(60, 180, (5, 20, 30, 3), dtype=np.uint8)
    generated = frames + rng.integers(0, 30, (5, 1, 1, 1), dtype=np.uint8)
    generated[2] = frames[2]  # has no dB of its own, but a place here
    wanted = peak_signal_noise_ratio(frames.reshape(100, 30, 3), generated.reshape(100, 30, 3), data_range=255)
    assert clip_psnr_of_mean(pair(frames, generated), CONFIG).value == pytest.approx(wanted, abs=1e-9)
    assert clip_psnr_of_mean(pair(frames, frames), CONFIG).reason == "identical frames"
    generated = frames + np.array([1, 9, 3, 2, 20], np.uint8)[:, None, None, None]
    mean_of_db = clip_psnr(pair(frames, generated), CONFIG).value
    assert clip_psnr_of_mean(pair(frames, generated), CONFIG).value < mean_of_db


def test_wrapped_8_bits_by_hand():
    grey = np.full((8, 8, 3), 100, np.uint8)
    assert psnr_wrap8(grey, grey + 3) == pytest.approx(10 * np.log10(255**2 / 9))  # small errors wrap nowhere
    assert psnr_wrap8(grey, grey + 20) == pytest.approx(10 * np.log10(255**2 / (400 - 256)))
    assert psnr_wrap8(grey + 20, grey) == psnr_wrap8(grey, grey + 20)
    assert psnr_wrap8(grey, grey + 16) == np.inf  # 256 is 0: the artefact takes it for a perfect picture
    frames = np.stack([grey, grey])
    assert "identical" in clip_psnr_wrap8(pair(frames, frames), CONFIG).reason


def test_wrapped_8_bits_give_unrelated_pictures_28_db():
    rng = np.random.default_rng(5)
    first, second = rng.integers(0, 256, (2, 3, 200, 200, 3), dtype=np.uint8)
    assert clip_psnr_wrap8(pair(first, second), CONFIG).value == pytest.approx(28, abs=0.5)
    assert clip_psnr(pair(first, second), CONFIG).value < 8  # what they are worth


def test_equals_scikit_image_on_real_frames(realdata):
    av = pytest.importorskip("av")
    with av.open(str(min((realdata / "mead_crops256").rglob("*.mp4")))) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in itertools.islice(container.decode(video=0), 3)]
    wanted = peak_signal_noise_ratio(frames[0], frames[2], data_range=255)
    assert psnr(frames[0], frames[2]) == pytest.approx(wanted, abs=1e-9)
