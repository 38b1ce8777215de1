import csv
import dataclasses
import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn

from speak.errors import UserError
from speak.training import checkpoint, loop
from speak.training.task import Task


class Line(Task):
    """Fits y = 2 x with one weight; may go wrong at a step."""

    kind = "line"
    identity = "line-1"
    data = "numbers"

    def __init__(self, config, fault_at: int | None = None):
        self.config, self.fault_at, self.calls = config, fault_at, 0
        torch.manual_seed(config.seed)
        self.model = nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Dropout(0.1), nn.Linear(4, 1))

    def draw(self, rng: np.random.Generator):
        return torch.from_numpy(rng.normal(size=(16, 1)).astype(np.float32))

    def loss(self, x: torch.Tensor, rng: np.random.Generator):
        self.calls += 1
        loss = (self.model(x) - 2 * x).square().mean()
        return (loss * torch.nan if self.calls == self.fault_at else loss), {"mean_x": float(x.mean())}


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


def test_resumed_equals_undisturbed(tmp_path, loop_config):
    undisturbed = loop.run(Line(loop_config), loop_config, tmp_path / "whole")

    def kill(done, note):
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
