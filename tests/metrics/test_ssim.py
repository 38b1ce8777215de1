"""SSIM against scikit-image, and what any similarity must do."""

import cv2
import numpy as np
import pytest
from skimage.color import rgb2ycbcr
from skimage.metrics import structural_similarity

from speak.metrics.ssim import ssim, ssim_luma, ssim_uniform


def pictures():
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (64, 80, 3), dtype=np.uint8)
    smooth = cv2.GaussianBlur(rng.integers(0, 256, (256, 256, 3), dtype=np.uint8), (0, 0), 6)
    flat = np.full((40, 40, 3), 250, np.uint8)
    yield noise, rng.integers(0, 256, noise.shape, dtype=np.uint8)
    yield smooth, cv2.GaussianBlur(smooth, (0, 0), 3)
    yield smooth, np.clip(smooth + rng.normal(0, 5, smooth.shape), 0, 255).astype(np.uint8)
    yield flat, flat - rng.integers(0, 3, flat.shape, dtype=np.uint8)
    yield np.zeros((11, 11, 3), np.uint8), np.full((11, 11, 3), 255, np.uint8)


def scikit_image(first, second):
    definition = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return structural_similarity(first, second, data_range=255, channel_axis=2, **definition)


def scikit_luma(first, second):
    first, second = (
        (rgb2ycbcr(picture)[..., 0] - 16) * 255 / 219 for picture in (first, second)
    )  # theirs is 16 to 235
    definition = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return structural_similarity(first, second, data_range=255, **definition)


def scikit_uniform(first, second):
    return structural_similarity(first, second, win_size=7, data_range=255, channel_axis=2, use_sample_covariance=True)


READINGS = [(ssim, scikit_image), (ssim_luma, scikit_luma), (ssim_uniform, scikit_uniform)]


@pytest.mark.parametrize("ours, theirs", READINGS)
@pytest.mark.parametrize("first, second", list(pictures()))
def test_equals_scikit_image(first, second, ours, theirs):
    assert abs(ours(first, second) - theirs(first, second)) < 2e-6


def test_equals_scikit_image_on_real_frames(realdata):
    av = pytest.importorskip("av")
    path = min((realdata / "mead_crops256").rglob("*.mp4"))
    with av.open(str(path)) as container:
        frames = [
            frame.to_ndarray(format="rgb24") for frame, _ in zip(container.decode(video=0), range(3), strict=False)
        ]
    for ours, theirs in READINGS:
        assert abs(ours(frames[0], frames[2]) - theirs(frames[0], frames[2])) < 2e-6


def test_perfect_and_symmetric():
    (_, _), (smooth, blurred), *_ = pictures()
    assert ssim(smooth, smooth) == 1
    assert ssim(smooth, blurred) == pytest.approx(ssim(blurred, smooth), abs=1e-10)


def test_falls_with_blur_and_noise():
    rng = np.random.default_rng(1)
    picture = cv2.GaussianBlur(rng.integers(0, 256, (96, 96, 3), dtype=np.uint8), (0, 0), 2)
    noise = rng.normal(0, 1, picture.shape)
    blurred = [ssim(picture, cv2.GaussianBlur(picture, (0, 0), sigma)) for sigma in (0.5, 1, 2, 4)]
    noisy = [ssim(picture, np.clip(picture + s * noise, 0, 255).astype(np.uint8)) for s in (2, 5, 10, 20)]
    assert blurred == sorted(blurred, reverse=True) and blurred[0] < 1
    assert noisy == sorted(noisy, reverse=True) and noisy[0] < 1


def test_luma_does_not_see_a_change_of_colour_alone():
    rng = np.random.default_rng(4)
    picture = rng.integers(60, 180, (32, 32, 3), dtype=np.uint8)
    other = picture + np.array([2, 0, 0], np.uint8) - np.array([0, 1, 0], np.uint8)  # 2 x 0.299 - 0.587 = 0.011
    assert 1 - ssim_luma(picture, other) < 1e-6 < 1 - ssim(picture, other)


def test_the_smallest_picture_is_one_window():
    first, second = np.random.default_rng(5).integers(0, 256, (2, 7, 7, 3), dtype=np.uint8)
    x, y = first.astype(float).reshape(49, 3), second.astype(float).reshape(49, 3)
    mean_x, mean_y, c1, c2 = x.mean(0), y.mean(0), 2.55**2, 7.65**2
    covariance = ((x - mean_x) * (y - mean_y)).sum(0) / 48
    wanted = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    wanted /= (mean_x**2 + mean_y**2 + c1) * (x.var(0, ddof=1) + y.var(0, ddof=1) + c2)
    assert abs(ssim_uniform(first, second) - wanted.mean()) < 2e-6
    for refused in (ssim, ssim_luma):
        with pytest.raises(ValueError, match="at least 11"):
            refused(first, second)


def test_pictures_of_two_sizes_are_refused():
    with pytest.raises(ValueError, match="one size"):
        ssim(np.zeros((20, 20, 3), np.uint8), np.zeros((20, 21, 3), np.uint8))
