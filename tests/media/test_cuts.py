"""Hard cuts are found to the frame; flashes, inserted frames, fast movement and fades are none."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from speak.media.cuts import CutConfig, Shots, likeness

RULE = CutConfig(max_likeness=0.6, times_neighbours=3.0, window_s=0.2)
FPS = 25.0


def picture(seed: int, side: int = 48) -> np.ndarray:
    """(27, side) float32: a smooth random picture with a little noise."""
    coarse = np.random.default_rng(seed).uniform(20, 230, (5, 8)).astype(np.float32)
    return cv2.resize(coarse, (side, 27), interpolation=cv2.INTER_CUBIC).clip(0, 255)


def noisy(pictures: list[np.ndarray]) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [np.clip(each + rng.normal(0, 2, each.shape), 0, 255).astype(np.float32) for each in pictures]


def cuts_of(pictures: list[np.ndarray], fps: float = FPS) -> list[int]:
    """Numbers of the frames with which new shots begin."""
    shots = Shots([(number / fps, thumb, None) for number, thumb in enumerate(noisy(pictures))], RULE)
    assert list(shots) == []  # no picture was asked for
    return [round(time_s * fps) for time_s in shots.cuts]


@given(
    lengths=st.lists(st.integers(8, 30), min_size=1, max_size=5),
    fps=st.sampled_from([15.0, 25.0, 60.0]),
    seed=st.integers(0, 99),
)
@settings(max_examples=25)
def test_cuts_between_different_pictures_are_found_to_the_frame(lengths, fps, seed):
    lengths = [max(length, int(fps * 0.3)) for length in lengths]
    pictures = [picture(100 * seed + shot) for shot, length in enumerate(lengths) for _ in range(length)]
    assert cuts_of(pictures, fps) == list(np.cumsum(lengths))[:-1]


def test_a_flash_and_an_inserted_frame_are_no_cuts():
    still = picture(1)
    for flash in (np.full_like(still, 255), np.clip(still * 1.6, 0, 255), picture(2)):
        for length in (1, 2, 4):
            assert cuts_of([still] * 20 + [flash] * length + [still] * 20) == []


def test_movement_and_fades_are_no_cuts():
    wide = picture(3, side=1500)
    for step in (2, 8, 24):  # up to half the picture from frame to frame
        assert cuts_of([wide[:, step * i : step * i + 48] for i in range(50)]) == []
    start, end = picture(4), picture(5)
    assert cuts_of([start + (end - start) * min(max(i - 10, 0), 12) / 12 for i in range(35)]) == []
    assert cuts_of([start * min(i / 12, 1) for i in range(30)]) == []  # from black


def test_a_cut_from_black_and_a_change_of_size_are_cuts():
    assert cuts_of([np.zeros_like(picture(1))] * 15 + [picture(1)] * 15) == [15]
    assert cuts_of([picture(1)] * 15 + [picture(1, side=27)] * 15) == [15]


def test_pictures_come_with_the_beginning_of_their_shot_and_none_is_lost():
    thumbs = noisy([picture(1)] * 12 + [picture(2)] * 12)
    frames = [(i / FPS, thumb, np.array([i]) if i % 5 == 0 else None) for i, thumb in enumerate(thumbs)]
    seen = [(round(t * FPS), int(p[0]), began) for t, p, began in Shots(frames, RULE)]
    assert seen == [(i, i, -np.inf if i < 12 else 12 / FPS) for i in (0, 5, 10, 15, 20)]


@pytest.mark.parametrize("seed", range(5))
def test_likeness_is_the_contrast_and_structure_term_of_ssim(seed):
    """scikit-image's SSIM over one window as large as the picture, means made equal, its C2 set to ours."""
    one, other = picture(seed)[:27, :27], picture(seed + 10)[:27, :27]
    one, other = one - one.mean(), other - other.mean()
    theirs = structural_similarity(
        one, other, win_size=27, data_range=5.0, K1=0.01, K2=1.0, use_sample_covariance=False, full=True
    )[1][13, 13]
    assert likeness(one, other) == pytest.approx(theirs, abs=1e-4)
