"""Several trainings of one stage, side by side, each kept as long as nothing behind it changes.

DVC leaves the outputs of these stages in place (``persist``), and each training carries a key: a hash of its own
parameters, of the clips, of the checkpoints it starts from and of the library's code behind the stage. A training whose
key is the same is not repeated, so changing one ablation trains one. A training that is interrupted goes on from its
last checkpoint.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipelines import provenance
from pipelines.cluster import ClusterConfig, run_each
from pipelines.meter import Meter
from pipelines.outcome import first_error
from pipelines.run_training import put_in_place, spread
from pipelines.stage import Stage
from pipelines.training import clips_of, datasets_of, inputs_key
from speak.data.split import TRAIN
from speak.files import write_text

KEY_FILE = "key.txt"


@dataclass(frozen=True, kw_only=True)
class Job:
    """One training.

    Attributes:
        name: family, ablation and seed; its folder under ``models``.
        config: typed parameters, with the ablation's changes and the seed.
        starts_from: checkpoints it reads, by the training function's argument.
        folder: where checkpoint and log end up.
        partial: where it trains.
        timing: where its time is left.
        cluster: where a training of several processes runs.
    """

    name: str
    config: Any
    starts_from: Mapping[str, Path]
    folder: Path
    partial: Path
    timing: Path
    cluster: ClusterConfig
    key: str
    datasets: tuple[Path, ...]
    clip_ids: tuple[str, ...]


def make_job(
    stage: Stage, name: str, config: Any, starts_from: Mapping[str, Path], packages: Sequence[str] = ("speak",)
) -> Job:
    """Describe a training; its key says what it was made from, code in ``packages`` included."""
    folders = datasets_of(stage)
    parts = [
        provenance.params_hash({name: config}),
        inputs_key(stage, folders),
        provenance.code_hash(stage.name, packages=packages),
        *(provenance.file_hash(path) for path in starts_from.values()),
    ]
    key = hashlib.sha256("/".join(parts).encode()).hexdigest()[:16]
    return Job(
        name=name,
        config=config,
        starts_from=dict(starts_from),
        folder=stage.paths.model(name),
        partial=stage.paths.partial(stage.name) / f"{name.replace('/', '-')}-{key}",
        timing=stage.paths.training_timing(name),
        cluster=stage.cluster,
        key=key,
        datasets=tuple(folders),
        clip_ids=tuple(clips_of(stage, TRAIN)),
    )


def train_all(train: Callable[[Job], None], jobs: Sequence[Job], stage: Stage) -> None:
    """Train what has changed, and forget trainings that are no longer asked for.

    Trainings of one process run in parallel, one core each; those of several run one after another.
    """
    _forget_others(jobs)
    open_jobs = [job for job in jobs if not is_kept(job)]
    for job in jobs:
        if job not in open_jobs:
            print(f"{stage.name}: {job.name} is kept")
    if any(job.config.loop.workers > 1 for job in open_jobs):
        for job in open_jobs:
            timed(job, train)
    else:
        work = partial(timed, train=train)
        first_error(run_each(work, open_jobs, stage.cluster.for_trainings(), label=stage.name))
    shutil.rmtree(stage.paths.partial(stage.name), ignore_errors=True)


def _forget_others(jobs: Sequence[Job]) -> None:
    """Empty the family's folder of ablations and seeds that have no job."""
    wanted = {job.folder for job in jobs} | {job.folder.parent for job in jobs}
    family = jobs[0].folder.parent.parent
    for old in sorted({*family.glob("*"), *family.glob("*/*")} - wanted, reverse=True):
        shutil.rmtree(old) if old.is_dir() else old.unlink()


def timed(job: Job, train: Callable[[Job], None]) -> None:
    """Train, and leave the time beside the stages' timings: outputs must not differ between runs."""
    with Meter() as meter:
        train(job)
    record = {"stage": job.name, "seconds": round(meter.seconds, 2), "peak_memory_mib": round(meter.peak_mib)}
    write_text(job.timing, json.dumps(record) + "\n")


def is_kept(job: Job) -> bool:
    """Whether a finished training with this key is there."""
    key = job.folder / KEY_FILE
    return key.exists() and key.read_text().strip() == job.key


def train_job(job: Job, train: Callable[..., dict[str, Any]]) -> None:
    """Run ``train(datasets, clip_ids, config, out_dir, advance, **starts_from)`` and move its work to its place."""
    job.partial.mkdir(parents=True, exist_ok=True)
    work = partial(train, job.datasets, job.clip_ids, job.config, job.partial, **job.starts_from)
    finish(job, spread(work, job.config.loop, job.partial, job.cluster))


def finish(job: Job, figures: dict[str, Any]) -> None:
    """Move a finished training to its place."""
    write_text(job.partial / KEY_FILE, job.key + "\n")
    put_in_place(job.partial, job.folder, figures)
