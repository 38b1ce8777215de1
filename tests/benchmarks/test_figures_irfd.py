"""Figures 5 and 6: the right pictures in the right places, equal bytes, gaps where there is no picture."""

import io

import numpy as np
from PIL import Image

from benchmarks.figures import FigureClip
from benchmarks.figures_irfd import COLUMNS, SwapRow, figure5, figure6

SIZE = 24


def flat(value):
    return np.full((SIZE, SIZE, 3), value, np.uint8)


def row(**parts):
    defaults = {
        "source": flat(10),
        "target": flat(20),
        "rebuilt": flat(30),
        "swapped": {"identity": flat(40), "emotion": flat(50), "pose": flat(60)},
        "source_name": "mead/M003",
        "target_name": "hdtf/a name far too long for the place",
    }
    return SwapRow(**(defaults | parts))


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)))


def test_figure5_puts_every_picture_in_its_column():
    grid = pixels(figure5([row(), row(source=flat(11))], size=SIZE))
    assert grid.shape == (28 + 2 * (SIZE + 22) + 4, len(COLUMNS) * (SIZE + 4) + 4, 3)
    for index, line in ((0, [10, 20, 30, 40, 50, 60]), (1, [11, 20, 30, 40, 50, 60])):
        top = 28 + index * (SIZE + 22)
        for column, value in enumerate(line):
            left = 4 + column * (SIZE + 4)
            assert (grid[top : top + SIZE, left : left + SIZE] == value).all(), (index, column)


def test_figure5_says_what_was_not_drawn_and_repeats():
    rows = [row(rebuilt=None, swapped={"identity": None, "pose": flat(60)})]
    assert figure5(rows, size=SIZE) == figure5(rows, size=SIZE)
    assert figure5(rows, size=SIZE) != figure5([row()], size=SIZE)


def test_figure6_has_a_row_for_each_ablation_in_order():
    frames = np.stack([flat(value) for value in range(30)])
    clip = FigureClip(
        dataset="mead",
        clip_id="mead/x",
        identity=frames[0],
        reference=frames,
        methods={"SPEAK": frames + 100, "w/o L_pose": None},
        audio=np.zeros(16000, np.float32),
    )
    png = figure6(clip, columns=3, size=SIZE)
    assert png == figure6(clip, columns=3, size=SIZE)
    grid = pixels(png)
    assert grid.shape[0] == 56 + 4 * (SIZE + 4)
    speak = grid[56 + 2 * (SIZE + 4) :][:SIZE, 150 : 150 + SIZE]
    assert (speak == 105).all()
