"""Figures: sizes by hand, equal bytes for equal input, methods without a video."""

import io

import numpy as np
from fake_scores import CONFIG, scores
from PIL import Image

from benchmarks.figures import FigureClip, contact_sheet, equal_spacing, figure4, interval_plot
from benchmarks.tables import build_table


def clip(dataset, length=30):
    rng = np.random.default_rng(2)
    frames = rng.integers(0, 256, (length, 32, 32, 3), dtype=np.uint8)
    return FigureClip(
        dataset=dataset,
        clip_id=f"{dataset}/x",
        identity=frames[0],
        reference=frames,
        methods={"Still": frames, "a method of a very long name": None},
        audio=rng.normal(size=16000).astype(np.float32),
    )


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)))


def test_equal_spacing():
    assert equal_spacing(30, 3) == [5, 15, 25]
    assert equal_spacing(2, 4) == [0, 0, 1, 1]


def test_figure4_shows_the_frames_and_repeats_bit_for_bit():
    clips = [clip("mead"), clip("hdtf", 7)]
    png = figure4(clips, columns=3, size=32)
    assert png == figure4(clips, columns=3, size=32)
    grid = pixels(png)
    assert grid.shape == (56 + 4 * 36, 150 + 2 * (3 * 32 + 8) + 24 + 4, 3)
    first_reference = grid[56 + 36 : 56 + 36 + 32, 150:182]
    assert (first_reference == clips[0].reference[5]).all()


def test_silence_and_one_frame_do_not_break_it():
    quiet = clip("mead", 1)
    silent = FigureClip(**{**quiet.__dict__, "audio": np.zeros(0, np.float32)})
    assert pixels(figure4([silent], columns=2, size=16)).ndim == 3


def test_contact_sheet():
    people = [(f"P{i}", np.full((20, 20, 3), 30 * i, np.uint8)) for i in range(5)]
    png = contact_sheet(people, columns=3, size=24)
    assert png == contact_sheet(people, columns=3, size=24)
    assert pixels(png).shape == (2 * (48 + 4) + 4, 3 * 28 + 4, 3)


def test_interval_plot_repeats_bit_for_bit_even_without_scores():
    values = {"speak": {"a1": 1.0, "b1": 2.0, "c1": 1.5}, "still": {"a1": 1.0, "b1": 1.0, "c1": 1.0}}
    for rows in (scores(values), scores({})):
        table = build_table(1, rows, CONFIG, stamp=None, expected={})
        assert interval_plot(table) == interval_plot(table)
