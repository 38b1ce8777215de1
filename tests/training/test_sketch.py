import dataclasses

import cv2
import numpy as np
import torch
from small_configs import irfd_config, speak_config

from speak.faces.head_points import GROUPS, USED
from speak.training import sketch
from speak.training.irfd import train_irfd
from speak.training.speak import train_speak


def test_dots_lie_where_the_points_are():
    points = np.full((len(USED), 2), -300.0)
    points[GROUPS["mouth"].start] = (200.4, 30.2)
    picture = sketch.dots(points)
    rows, columns = np.nonzero((picture != 255).any(axis=2))
    assert (rows.mean(), columns.mean()) == (30, 200) and tuple(picture[30, 200]) == sketch.COLOURS["mouth"]


def test_picture_frames_are_shown_as_they_are():
    frame = torch.linspace(-1, 1, 3 * 4 * 6).reshape(1, 3, 4, 6)
    (picture,) = sketch.pictures(frame, None)
    assert picture.shape == (4, 6, 3) and picture[0, 0, 0] == 0 and picture[-1, -1, 2] == 255
    assert np.allclose(picture[2, 3], (frame[0, :, 2, 3] + 1) * 127.5, atol=0.5)


def test_grid_keeps_the_order():
    parts = [[np.full((5, 7, 3), 10 * row + column, np.uint8) for column in range(3)] for row in range(2)]
    sheet = sketch.grid(parts)
    assert sheet.shape == (2 * 9 + 4, 3 * 11 + 4, 3) and sheet[4, 4, 0] == 0 and sheet[17, 32, 0] == 12
    assert (sheet[:4] == 255).all() and (sheet[9:13] == 255).all()


def sampled(config):
    return dataclasses.replace(config, loop=dataclasses.replace(config.loop, sample_every=2))


def test_trainings_leave_the_same_pictures_again_and_learn_the_same(drawn, tmp_path):
    folder, ids = drawn
    plain = train_irfd([folder], ids, irfd_config(), tmp_path / "plain")
    figures = [train_irfd([folder], ids, sampled(irfd_config()), tmp_path / name) for name in "ab"]
    assert figures == [plain, plain]
    start = tmp_path / "a" / "checkpoint.pt"
    train_speak([folder], ids, sampled(speak_config()), tmp_path / "speak", start)
    grids = {}
    for name in ("a", "b", "speak"):
        files = sorted((tmp_path / name / "samples").iterdir())
        assert [file.name for file in files] == ["2.png", "4.png"]
        grids[name] = [file.read_bytes() for file in files]
    assert grids["a"] == grids["b"] and grids["a"][0] != grids["a"][1]
    shapes = [cv2.imdecode(np.frombuffer(grids[name][0], np.uint8), cv2.IMREAD_COLOR).shape for name in ("a", "speak")]
    assert shapes == [(4 * 260 + 4, 6 * 260 + 4, 3), (4 * 260 + 4, 6 * 260 + 4, 3)]
