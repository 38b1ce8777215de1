"""Two processes joined by gloo: what they compute together must be what one would compute of both their data."""

import dataclasses
import multiprocessing
from pathlib import Path

import numpy as np
import pytest
import torch
from line import BATCH, Line
from torch import distributed

from speak.errors import UserError
from speak.training import loop, processes


def member(rank: int, folder: Path, config: loop.LoopConfig) -> None:
    """One of two processes: a gradient, then a training; what it found goes into a file."""
    store = f"file://{folder / 'store'}"
    distributed.init_process_group("gloo", init_method=store, rank=rank, world_size=2)
    task = Line(config)
    task.model.eval()
    batch = task.draw(np.random.default_rng(rank))
    judge = processes.joined(task)
    loss, _ = judge(batch, np.random.default_rng(10 + rank))
    loss.backward()
    found = {"gradient": [parameter.grad for parameter in task.model.parameters()], "x": batch.x}
    found["mean"] = processes.mean({"rank": float(rank)}, torch.device("cpu"))
    try:
        processes.share(7)
    except UserError as error:
        found["refusal"] = str(error)
    found["end"] = loop.run(Line(config), config, folder)
    torch.save(found, folder / f"{rank}.pt")
    distributed.destroy_process_group()


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair")
    config = loop.LoopConfig(
        steps=4, learning_rate=2e-3, warmup_steps=2, final_rate=0.1, clip_norm=5.0, ema_decay=0.9, checkpoint_every=2,
        log_every=1, sample_every=None, seed=0, prefetch=2, device="cpu", precision="full", workers=2,
    )  # fmt: skip
    context = multiprocessing.get_context("spawn")
    members = [context.Process(target=member, args=(rank, folder, config)) for rank in (0, 1)]
    for process in members:
        process.start()
    for process in members:
        process.join()
    assert [process.exitcode for process in members] == [0, 0]
    return config, [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in (0, 1)]


def test_gradient_is_that_of_the_joined_batch(pair):
    config, found = pair
    assert [len(one["x"]) for one in found] == [BATCH // 2] * 2 and not torch.equal(found[0]["x"], found[1]["x"])
    x = torch.cat([one["x"] for one in found])
    noise = [0.01 * float(np.random.default_rng(10 + rank).normal()) for rank in (0, 1)]
    wanted = 2 * x + torch.tensor(noise).repeat_interleave(BATCH // 2)[:, None]
    model = Line(config).model.eval()
    (model(x) - wanted).square().mean().backward()
    for gradients in zip((p.grad for p in model.parameters()), *(one["gradient"] for one in found), strict=True):
        assert torch.allclose(gradients[0], gradients[1], atol=1e-6) and torch.equal(gradients[1], gradients[2])


def test_both_end_with_the_same_weights_and_log(pair):
    _, (one, other) = pair
    for part in ("model", "ema"):
        assert all(torch.equal(one["end"][part][name], other["end"][part][name]) for name in one["end"][part])
    assert [row["step"] for row in one["end"]["log"]] == [1, 2, 3, 4] and other["end"]["log"] == one["end"]["log"]


def test_figures_are_averaged_and_uneven_shares_refused(pair):
    for one in pair[1]:
        assert one["mean"] == {"rank": 0.5} and "batch of 7 cannot be shared equally by 2 workers" in one["refusal"]
    assert processes.share(7) == 7 and processes.rank() == 0 and processes.count() == 1


def test_a_finished_training_of_two_is_read_by_one(pair, tmp_path):
    config, (one, _) = pair
    alone = dataclasses.replace(config, workers=1)
    task = Line(alone)
    loop.checkpoint.save(tmp_path / "checkpoint.pt", one["end"])
    again = loop.run(task, alone, tmp_path)
    assert task.calls == 0 and all(
        torch.equal(again["model"][name], one["end"]["model"][name]) for name in again["model"]
    )
