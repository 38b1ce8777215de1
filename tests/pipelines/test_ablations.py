"""Several trainings of one stage: what is kept, what is repeated, what is forgotten, and that they run side by side."""

import dataclasses
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import ray.cloudpickle

from pipelines.ablations import Job, finish, train_all
from pipelines.account import budgets, training_seconds
from pipelines.cluster import ClusterConfig
from pipelines.entrants import Entrant
from pipelines.paths import Paths
from pipelines.runs import first_runs, runs, seeds_of
from pipelines.seeds import AblationsConfig
from pipelines.stage import Stage
from speak.errors import UserError
from speak.files import write_text

# Workers cannot import a test file by name.
ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])

ALONE = ClusterConfig(workers=1, serial_below=1, retries=0, item_timeout_s=60.0, trainings_serial_below=1)
PATHS = Paths("made_up")


def stage(cluster: ClusterConfig = ALONE) -> Stage:
    return Stage("train_x", "made_up", PATHS, cluster, {}, "made up")


def job(ablation: str, seed: int, key: str = "k") -> Job:
    name = f"x/{ablation}/{seed}"
    return Job(
        name=name,
        config=SimpleNamespace(loop=SimpleNamespace(workers=1)),
        starts_from={},
        folder=PATHS.model(name).absolute(),
        partial=(PATHS.partial("train_x") / f"{ablation}-{seed}-{key}").absolute(),
        timing=PATHS.training_timing(name).absolute(),
        cluster=ALONE,
        key=key,
        datasets=(),
        clip_ids=(),
    )


def train(done: Job) -> None:
    write_text(done.partial / "checkpoint.pt", f"{done.name} {done.key}")
    finish(done, {"steps": 7, "persons": 3})


def trained() -> dict[str, float]:
    """When each training was made."""
    family = PATHS.model("x")
    return {str(p.parent.relative_to(family)): p.stat().st_mtime_ns for p in family.glob("*/*/checkpoint.pt")}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_changed_training_is_repeated_and_its_neighbours_are_kept(capsys):
    jobs = [job(name, seed) for seed in (0, 1) for name in ("full", "no_pose")]
    train_all(train, jobs, stage())
    before = trained()
    assert set(before) == {"full/0", "full/1", "no_pose/0", "no_pose/1"}
    train_all(train, [dataclasses.replace(jobs[0], key="other"), *jobs[1:]], stage())
    assert {name for name, when in trained().items() if when != before[name]} == {"full/0"}
    assert (PATHS.model("x/full/0") / "checkpoint.pt").read_text() == "x/full/0 other"
    assert capsys.readouterr().out.count("is kept") == 3


def test_what_is_no_longer_asked_for_is_forgotten():
    train_all(train, [job("full", 0), job("full", 1), job("no_pose", 0)], stage())
    write_text(PATHS.model("x/full") / "checkpoint.pt", "where an older version put it")
    train_all(train, [job("full", 0)], stage())
    assert [str(path.relative_to(PATHS.model("x"))) for path in sorted(PATHS.model("x").glob("*/*"))] == ["full/0"]


def test_a_failed_training_ends_the_stage_and_leaves_the_finished_ones():
    def fail(done: Job) -> None:
        if done.name == "x/no_pose/0":
            raise ValueError("not today")
        train(done)

    jobs = [job("full", 0), job("no_pose", 0), job("no_self", 0)]
    with pytest.raises(RuntimeError, match="not today"):
        train_all(fail, jobs, stage())
    assert set(trained()) == {"full/0", "no_self/0"}


def meet(done: Job) -> None:
    """Ends only when the other training runs at the same time."""
    write_text(done.starts_from["meeting"] / done.name.replace("/", "-"), "here")
    deadline = time.monotonic() + 120
    while len(list(done.starts_from["meeting"].glob("x-*"))) < 2:
        if time.monotonic() > deadline:
            raise TimeoutError("alone")
        time.sleep(0.05)
    train(done)


@pytest.mark.dag
def test_a_handful_of_trainings_run_side_by_side_and_none_is_too_slow(tmp_path):
    """Far fewer than ``serial_below``, and each longer than ``item_timeout_s``."""
    two = ClusterConfig(workers=2, serial_below=16, retries=0, item_timeout_s=0.0, trainings_serial_below=2)
    jobs = [dataclasses.replace(job("full", seed), starts_from={"meeting": tmp_path}) for seed in (0, 1)]
    train_all(meet, jobs, stage(two))
    assert set(trained()) == {"full/0", "full/1"}


def test_methods_that_are_trained_by_seeds_run_once_for_each():
    methods = [Entrant("reference", "still"), Entrant("mouth", "mouth"), Entrant("speak", "speak_no_gan")]
    found = runs(methods, (4, 5))
    assert found == [*methods[:2], Entrant("speak", "speak_no_gan", 4), Entrant("speak", "speak_no_gan", 5)]
    assert first_runs(found) == found[:3] and seeds_of(found) == (4, 5) and seeds_of(methods[:2]) == ()
    assert PATHS.scores(found[3]) == Path("work/made_up/scores/speak/speak_no_gan/5.parquet")
    with pytest.raises(UserError, match="nobody: no such method"):
        runs([Entrant("speak", "nobody")], (0,))


@pytest.mark.parametrize("seeds", [(), (0, 1, 0)])
def test_seeds_are_some_and_different(seeds):
    with pytest.raises(ValueError, match="seeds"):
        AblationsConfig(seeds=seeds)


def test_budgets_and_seconds_are_over_all_seeds():
    methods = runs([Entrant("reference", "still"), Entrant("mouth", "mouth"), Entrant("speak", "speak")], (0, 1))
    write_text(PATHS.model("mouth") / "metrics.json", '{"steps": 7, "persons": 3}')
    for seed in (0, 1):
        write_text(PATHS.model(f"speak/full/{seed}") / "metrics.json", '{"parts": "small", "steps": 7, "persons": 3}')
    write_text(PATHS.timings / "train_mouth.json", '{"stage": "train_mouth", "seconds": 2.5}')
    write_text(PATHS.training_timing("speak/full/0"), '{"stage": "x", "seconds": 30.0}')
    spoken = "small, 2 seeds of 7 steps on 3 persons"
    assert budgets(PATHS, methods) == {"mouth": "7 steps on 3 persons", "speak": spoken}
    assert training_seconds(PATHS, methods) == {"mouth": 2.5}, "a seed without its time would understate the sum"
    write_text(PATHS.training_timing("speak/full/1"), '{"stage": "x", "seconds": 12.0}')
    assert training_seconds(PATHS, methods) == {"mouth": 2.5, "speak": 42.0}
