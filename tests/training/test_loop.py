import csv
import dataclasses
import itertools
import math

import cv2
import numpy as np
import pytest
import torch
from line import Line, LineBatch

from speak.errors import UserError
from speak.training import checkpoint, loop
from speak.training.devices import choose, mixed, moved


class Killed(Exception):
    pass


def equal(one: dict, other: dict) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def test_learns_logs_and_repeats_bit_for_bit(tmp_path, loop_config):
    config = dataclasses.replace(loop_config, steps=300, learning_rate=0.02, log_every=10, checkpoint_every=100)
    first = loop.run(Line(config), config, tmp_path / "a")
    again = loop.run(Line(config), config, tmp_path / "b")
    assert first["log"][-1]["loss"] < 0.2 * first["log"][0]["loss"]
    assert (tmp_path / "a" / "checkpoint.pt").read_bytes() == (tmp_path / "b" / "checkpoint.pt").read_bytes()
    rows = list(csv.DictReader((tmp_path / "a" / "log.csv").read_text().splitlines()))
    assert [int(row["step"]) for row in rows] == list(range(10, 301, 10))
    assert math.isclose(float(rows[-1]["loss"]), first["log"][-1]["loss"]) and equal(first["ema"], again["ema"])


@pytest.mark.parametrize("prefetch", [0, 3])
def test_resumed_equals_undisturbed(tmp_path, loop_config, prefetch):
    undisturbed = loop.run(Line(loop_config), loop_config, tmp_path / "whole")
    loop_config = dataclasses.replace(loop_config, prefetch=prefetch)

    def kill(done, log):
        assert [row["step"] for row in log] == list(range(1, done + 1))
        if done == 5:
            raise Killed

    with pytest.raises(Killed):
        loop.run(Line(loop_config), loop_config, tmp_path / "parts", kill)
    assert checkpoint.load(tmp_path / "parts" / "checkpoint.pt", kind="line")["step"] == 3
    torch.manual_seed(99)
    task = Line(loop_config)
    resumed = loop.run(task, loop_config, tmp_path / "parts")
    assert task.calls == 3
    assert equal(undisturbed["model"], resumed["model"]) and equal(undisturbed["ema"], resumed["ema"])
    assert undisturbed["log"] == resumed["log"]
    assert (tmp_path / "whole" / "log.csv").read_text() == (tmp_path / "parts" / "log.csv").read_text()


def test_other_parameters_or_data_start_afresh(tmp_path, loop_config):
    loop.run(Line(loop_config), loop_config, tmp_path)
    for attribute in ("identity", "data"):
        task = Line(loop_config)
        setattr(task, attribute, "another")
        loop.run(task, loop_config, tmp_path)
        assert task.calls == loop_config.steps


def test_finished_run_is_not_repeated(tmp_path, loop_config):
    loop.run(Line(loop_config), loop_config, tmp_path)
    task = Line(loop_config)
    loop.run(task, loop_config, tmp_path)
    assert task.calls == 0


def test_nan_stops_and_keeps_the_last_good_checkpoint(tmp_path, loop_config):
    with pytest.raises(UserError, match=r"not a finite number at step 5; the last good checkpoint is .*checkpoint.pt"):
        loop.run(Line(loop_config, fault_at=5), loop_config, tmp_path)
    kept = checkpoint.load(tmp_path / "checkpoint.pt", kind="line")
    assert kept["step"] == 3 and all(torch.isfinite(value).all() for value in kept["model"].values())
    with pytest.raises(UserError, match="no checkpoint had been written"):
        loop.run(Line(loop_config, fault_at=1), loop_config, tmp_path / "new")


def test_rate_rises_then_falls(loop_config):
    config = dataclasses.replace(loop_config, steps=100, warmup_steps=10, learning_rate=1.0, final_rate=0.1)
    rates = [loop.rate(config, step) for step in range(101)]
    assert rates[0] == pytest.approx(0.1) and rates[9] == pytest.approx(1.0) and rates[10] == pytest.approx(1.0)
    assert rates[55] == pytest.approx(0.55) and rates[100] == pytest.approx(0.1)
    assert all(a >= b for a, b in itertools.pairwise(rates[10:]))


def test_average_follows_the_weights(tmp_path, loop_config):
    config = dataclasses.replace(loop_config, ema_decay=None)
    last = loop.run(Line(config), config, tmp_path / "none")
    assert last["ema"] is None and checkpoint.weights(last) is last["model"]
    config = dataclasses.replace(loop_config, ema_decay=0.0)
    assert equal((kept := loop.run(Line(config), config, tmp_path / "zero"))["ema"], kept["model"])


def test_drawing_ahead_changes_nothing(tmp_path, loop_config):
    plain, ahead, far = (
        loop.run(Line(config), config, tmp_path / str(config.prefetch))
        for config in (dataclasses.replace(loop_config, prefetch=count) for count in (0, 1, 9))
    )
    for other in (ahead, far):
        assert equal(plain["model"], other["model"]) and equal(plain["ema"], other["ema"])
        assert plain["log"] == other["log"]


def test_sample_pictures_repeat_and_disturb_nothing(tmp_path, loop_config):
    plain = loop.run(Line(loop_config), loop_config, tmp_path / "plain")
    config = dataclasses.replace(loop_config, sample_every=4)
    runs = [loop.run(Line(config), config, tmp_path / name) for name in "ab"]
    assert equal(plain["model"], runs[0]["model"]) and not (tmp_path / "plain" / "samples").exists()
    pictures = [sorted((tmp_path / name / "samples").iterdir()) for name in "ab"]
    assert [path.name for path in pictures[0]] == ["4.png", "6.png"]
    assert [path.read_bytes() for path in pictures[0]] == [path.read_bytes() for path in pictures[1]]
    last = Line(config)
    last.model.load_state_dict(runs[0]["model"])
    last.model.eval()
    with torch.no_grad():
        assert np.array_equal(cv2.imread(str(pictures[0][1])), last.sample())
    other = Line(config)
    other.data = "others"
    loop.run(other, dataclasses.replace(config, steps=2, sample_every=None), tmp_path / "a")
    assert not (tmp_path / "a" / "samples").exists()


def test_batches_travel_whole():
    numbers = torch.arange(3.0)
    batch = (LineBatch(numbers, 2 * numbers), {"n": 3, "list": [numbers]})
    there = moved(batch, torch.device("meta"))
    assert there[0].x.device.type == there[0].y.device.type == there[1]["list"][0].device.type == "meta"
    assert there[1]["n"] == 3 and batch[0].x.device.type == "cpu"
    back = moved(batch, torch.device("cpu"))
    assert torch.equal(back[0].y, 2 * numbers)


def test_device_and_precision(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    assert choose("cpu").type == "cpu" and choose("auto") == torch.device("cuda", 0)
    monkeypatch.setenv("LOCAL_RANK", "3")
    assert choose("auto") == torch.device("cuda", 3)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose("auto").type == "cpu"
    with mixed(torch.device("cpu"), "bf16"):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


@pytest.mark.parametrize("change", [{"prefetch": -1}, {"workers": 0}])
def test_impossible_settings_are_refused(loop_config, change):
    with pytest.raises(ValueError, match="prefetch must be 0 or more and workers 1 or more"):
        dataclasses.replace(loop_config, **change)
