"""Two real workers train one model: same weights, a readable checkpoint; a mistake in one is the caller’s."""

import dataclasses
import sys
from functools import partial
from pathlib import Path

import pytest
import ray.cloudpickle
import torch

from pipelines.cluster import ClusterConfig, run_together
from speak.errors import UserError
from speak.training import checkpoint, loop, processes

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
import line

# Workers cannot import a test file by name.
ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
ray.cloudpickle.register_pickle_by_value(line)

ONE_CORE = ClusterConfig(workers=1, serial_below=1, retries=0, item_timeout_s=60.0, trainings_serial_below=1)
CONFIG = loop.LoopConfig(
    steps=6, learning_rate=2e-3, warmup_steps=2, final_rate=0.1, clip_norm=5.0, ema_decay=0.9, checkpoint_every=3,
    log_every=2, sample_every=3, seed=0, prefetch=1, device="cpu", precision="full", workers=2,
)  # fmt: skip


def train(folder: Path, fault_rank: int | None = None) -> tuple[int, Path]:
    if processes.rank() == fault_rank:
        raise UserError(f"worker {fault_rank}: clip 7 cannot be read; remove it")
    task = line.Line(CONFIG)
    loop.run(task, CONFIG, folder)
    torch.save(task.model.state_dict(), folder / f"weights-{processes.rank()}.pt")
    return processes.count(), Path.cwd()


def test_one_worker_is_a_plain_call():
    assert run_together(processes.count, 1, ONE_CORE) == 1


@pytest.mark.dag
def test_two_workers_hold_the_same_weights(tmp_path):
    assert run_together(partial(train, tmp_path), 2, ONE_CORE) == (2, Path.cwd())
    one, other = (torch.load(tmp_path / f"weights-{rank}.pt", weights_only=True) for rank in (0, 1))
    content = checkpoint.load(tmp_path / "checkpoint.pt", kind="line", expected="line-1")
    assert all(torch.equal(one[name], other[name]) and torch.equal(one[name], content["model"][name]) for name in one)
    assert content["step"] == 6 and [row["step"] for row in content["log"]] == [2, 4, 6]
    assert (tmp_path / "samples" / "3.png").exists() and (tmp_path / "log.csv").exists()
    alone = dataclasses.replace(CONFIG, workers=1)
    assert loop.run(line.Line(alone), alone, tmp_path / "alone")["model"].keys() == one.keys()


@pytest.mark.dag
def test_a_mistake_in_one_worker_reaches_the_caller(tmp_path):
    with pytest.raises(UserError, match=r"^worker 1: clip 7 cannot be read; remove it$"):
        run_together(partial(train, tmp_path, 1), 2, ONE_CORE)
