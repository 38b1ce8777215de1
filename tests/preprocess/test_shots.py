"""A clip never spans a cut, and always reaches to the cuts around it."""

import dataclasses

import numpy as np
import pytest
from green_faces import GreenFinder
from made_videos import CONFIG, SOUND_RATE, face, item_of, texture, write_timed

from speak.data.clip import Clip
from speak.media.video import read_clip
from speak.preprocess import process

WIDE = dataclasses.replace(CONFIG, crop=dataclasses.replace(CONFIG.crop, enlarge=0.4))


def film(path, lengths_s: list[float], fps: float) -> list[float]:
    """Shots of one face in one place in front of other backgrounds; returns the times of the cuts."""
    counts = [round(length * fps) for length in lengths_s]
    frames = [face(texture(shot)) for shot, count in enumerate(counts) for _ in range(count)]
    times = np.arange(len(frames)) / fps
    noise = np.random.default_rng(0).normal(0, 0.1, round(len(frames) / fps * SOUND_RATE))
    write_timed(path, frames, times, noise, b_frames=2)
    return [float(times[number]) for number in np.cumsum(counts)[:-1]]


@pytest.mark.parametrize("fps", [25.0, 30_000 / 1001, 60.0])
@pytest.mark.parametrize(("lengths_s", "longest"), [((1.0, 1.7, 1.2), 1), ((1.63, 0.9, 0.8), 0), ((0.7, 0.77, 1.9), 2)])
def test_two_cuts(lengths_s, longest, fps, tmp_path):
    first, second = film(tmp_path / "a.mp4", lengths_s, fps)
    clip = process(item_of("a.mp4"), tmp_path, WIDE, GreenFinder())
    assert isinstance(clip, Clip), clip
    bounds = [0.0, first, second, sum(lengths_s)]
    assert clip.source_start_s == pytest.approx(bounds[longest], abs=0.001)
    assert bounds[longest + 1] - clip.source_end_s < 1 / 30 + 0.02  # whole frames of 30 a second, and rounded lengths
    backgrounds = read_clip(clip.video)[:, -8:].astype(float)
    assert np.abs(backgrounds - backgrounds[0]).mean(axis=(1, 2, 3)).max() < 5  # one background, from end to end


def test_shots_that_are_all_too_short_give_no_clip(tmp_path):
    film(tmp_path / "a.mp4", [0.9] * 4, 25.0)
    config = dataclasses.replace(WIDE, min_duration_s=1.0)
    rejected = process(item_of("a.mp4"), tmp_path, config, GreenFinder())
    assert rejected.reason.startswith("the longest run of one face lasts 0.88 s")
    assert rejected.stage == "face"
