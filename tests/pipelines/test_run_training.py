"""DVCLive's files beside a training: the log's figures, the same bytes again, nothing twice after a kill."""

import csv
import json
from functools import partial
from pathlib import Path

import pytest

from pipelines.cluster import ClusterConfig
from pipelines.run_training import Watch, spread
from speak.training.loop import LoopConfig

HERE = ClusterConfig(workers=1, serial_below=1, retries=0, item_timeout_s=60.0, trainings_serial_below=1)
LOOP = LoopConfig(
    steps=40, learning_rate=1e-3, warmup_steps=2, final_rate=0.1, clip_norm=5.0, ema_decay=None, checkpoint_every=20,
    log_every=10, sample_every=None, seed=0, prefetch=0, device="cpu", precision="full", workers=1,
)  # fmt: skip
LOG = [{"step": step, "loss": 1 / step, "told_apart": 0.5 + step} for step in (10, 20, 30, 40)]


def train(count: int, advance) -> dict:
    for done in range(1, count + 1):
        advance(LOG[done - 1]["step"], LOG[:done])
    return {"steps": LOG[count - 1]["step"]}


def go_on(advance) -> dict:
    """From the second row, as after a kill between the second checkpoint and the third."""
    advance(30, LOG[:3])
    advance(40, LOG)
    return {"steps": 40}


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_figures_are_the_logs_and_bytes_repeat(tmp_path):
    for name in ("a", "b"):
        assert spread(partial(train, 4), LOOP, tmp_path / name, HERE) == {"steps": 40}
    found = files(tmp_path / "a")
    assert found == files(tmp_path / "b")
    assert set(found) == {"live/metrics.json", *(f"live/plots/metrics/{n}.tsv" for n in ("loss", "told_apart"))}
    rows = list(csv.DictReader(found["live/plots/metrics/loss.tsv"].decode().splitlines(), delimiter="\t"))
    assert [(int(row["step"]), float(row["loss"])) for row in rows] == [(row["step"], row["loss"]) for row in LOG]
    assert json.loads(found["live/metrics.json"]) == LOG[-1]


def test_nothing_is_there_twice_after_a_kill(tmp_path):
    spread(partial(train, 4), LOOP, tmp_path / "whole", HERE)
    spread(partial(train, 3), LOOP, tmp_path / "cut", HERE)
    spread(go_on, LOOP, tmp_path / "cut", HERE)
    assert files(tmp_path / "cut") == files(tmp_path / "whole")


def test_inside_a_stage_nothing_else_is_written(tmp_path, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    notes = []
    train(2, Watch(tmp_path / "out", lambda done, note: notes.append((done, note))))
    assert notes == [(10, "loss 0.1000"), (20, "loss 0.0500")]
    assert all(name.startswith("out/live/") for name in files(tmp_path))


@pytest.mark.parametrize("label", [None, "line"])
def test_a_failing_training_fails(tmp_path, label):
    def broken(advance):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        spread(broken, LOOP, tmp_path, HERE, label=label)
