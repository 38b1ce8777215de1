"""Sharpness against scipy's Laplacian; blur and noise are both off, and more of them more so."""

import cv2
import numpy as np
import pytest
from clip_pairs import CONFIG, pair
from scipy.ndimage import laplace

from speak.metrics.luma import grey, luma
from speak.metrics.sharpness import sharpness, sharpness_error

RNG = np.random.default_rng(0)
PICTURE = cv2.GaussianBlur(RNG.integers(0, 256, (64, 80, 3), dtype=np.uint8), (0, 0), 1.5)


def error(reference, generated):
    return sharpness_error(pair(reference[None], generated[None]), CONFIG)


def test_equals_scipy():
    wanted = laplace(grey(PICTURE).astype(np.float64), mode="mirror").var()
    assert sharpness(PICTURE) == pytest.approx(wanted, rel=1e-9)
    assert np.abs(grey(PICTURE) - luma(PICTURE)).max() < 0.51


def test_half_and_double_are_one():
    flat = np.full((32, 32, 3), 100, np.uint8)
    once, more = flat.copy(), flat.copy()
    once[16, 16] += 10
    more[16, 16] += 20  # four times the variance
    assert error(once, more).value == pytest.approx(2)
    assert error(more, once).value == pytest.approx(2)
    assert sharpness_error(pair(np.stack([once, once]), np.stack([once, more])), CONFIG).value == pytest.approx(1)


def test_blur_and_noise_are_off_and_more_so():
    noise = RNG.normal(0, 1, PICTURE.shape)
    blurred = [error(PICTURE, cv2.GaussianBlur(PICTURE, (0, 0), sigma)).value for sigma in (0.6, 1, 2, 4)]
    noisy = [error(PICTURE, np.clip(PICTURE + s * noise, 0, 255).astype(np.uint8)).value for s in (3, 6, 12, 24)]
    for errors in (blurred, noisy):
        assert errors[0] > 0 and errors == sorted(errors)


def test_a_flat_frame_has_no_sharpness():
    frames = np.stack([PICTURE, np.full_like(PICTURE, 9)])
    assert sharpness_error(pair(frames, frames), CONFIG).reason == "flat frames: 1 of 2"
