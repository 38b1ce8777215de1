"""Does drawing batches keep up with training? ``python -m tests.bench_training PROFILE``, and part of ``make bench``.

For each training of a profile: CPU time of drawing a batch, of the optimiser step that learns from it, and their ratio,
which says how many training processes one drawing thread could feed. A phase of a baseline draws from a pool of clips
that fills as it goes, so all of its batches are drawn and their mean counts. Measured on the clips that the profile has
made, or on a few drawn ones where there are none yet; weights are fresh, which changes no time.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from benchmarks.training.baselines import PHASES
from benchmarks.training.clips import Clips
from benchmarks.training.config import BaselinesConfig
from pipelines.stage import load
from pipelines.training import clips_of, datasets_of
from speak.data.batches import SmallSource, fit_basis
from speak.data.features import read_bank
from speak.data.samples import decoded_clips
from speak.data.split import TRAIN, SplitConfig
from speak.losses import perceptual
from speak.training.irfd import IrfdModel, IrfdTask, IrfdTrainConfig
from speak.training.loop import LoopConfig, Training
from speak.training.mouth import MouthConfig, MouthTask, mouth_clip
from speak.training.speak import SpeakModel, SpeakTask, SpeakTrainConfig
from speak.training.sync import SyncConfig, SyncTask, load_tracks
from speak.training.task import Task
from tests.drawn_clips import drawn_folder

SECTIONS = {
    "split": SplitConfig,
    "sync": SyncConfig,
    "mouth": MouthConfig,
    "irfd": IrfdTrainConfig,
    "speak": SpeakTrainConfig,
    "baselines": BaselinesConfig,
}
WARM, REPEATS = 3, 12
PHASE_STEPS = 4
DRAWN_CLIPS = 12


def main(profile: str) -> None:
    """Print one line per training."""
    torch.set_num_threads(1)
    stage = load("bench", profile, SECTIONS)
    with tempfile.TemporaryDirectory() as scratch:
        if stage.paths.split.exists():
            folders, ids = datasets_of(stage), clips_of(stage, TRAIN)
        else:
            folders, ids = [Path(scratch)], drawn_folder(Path(scratch), DRAWN_CLIPS)
        print(f"training ({profile}, {len(ids)} clips): drawing a batch beside the whole step, CPU-ms")
        for task in tasks(stage.params, folders, ids):
            draw, step = drawing_and_step(task, Path(scratch) / task.kind)
            show(task.kind, draw, step)
        for name, task, loop in phases(stage.params["baselines"], folders, ids):
            show(name, *phase_drawing_and_step(task, loop, Path(scratch) / task.kind))


def show(name: str, draw: float, step: float) -> None:
    """One line, CPU seconds given."""
    print(f"{name:16s} draw {1e3 * draw:7.1f}   step {1e3 * step:7.1f}   step / draw {step / draw:5.1f}", flush=True)


def tasks(params: dict, folders: list[Path], ids: list[str]) -> Iterator[Task]:
    """Each training's task with fresh weights."""
    sync, mouth = params["sync"], params["mouth"]
    yield SyncTask(load_tracks(folders, ids, sync.network, sync.segment)[0], sync)
    yield MouthTask([mouth_clip(clip, mouth) for clip in decoded_clips(folders, ids, pictures=True)], mouth)
    irfd, speak = params["irfd"], params["speak"]
    bank, looks = read_bank(folders, ids), IrfdModel(irfd.irfd)
    fit_basis(looks.basis, bank, irfd.augment, irfd.loop.seed)
    yield IrfdTask(looks, SmallSource(bank, irfd.augment, looks.basis), irfd, "bench")
    model = SpeakModel(speak)
    model.basis.load_state_dict(looks.basis.state_dict())
    features = perceptual.build(speak.perceptual, IrfdModel(irfd.irfd).irfd)
    yield SpeakTask(model, SmallSource(bank, speak.augment, model.basis), features, speak, "bench")


def drawing_and_step(task: Task, folder: Path) -> tuple[float, float]:
    """Median CPU seconds of drawing a batch, and of the step that learns from it."""
    training = Training(task, task.config.loop, folder)
    times = []
    for step in range(WARM + REPEATS):
        rng = np.random.default_rng(step)
        drawn, batch = timed(lambda rng=rng: task.draw(rng))
        times.append((drawn, timed(lambda batch=batch: training.learn(batch))[0]))
    draw, step = np.median(times[WARM:], axis=0)
    return float(draw), float(step)


def phases(config: BaselinesConfig, folders: list[Path], ids: list[str]) -> Iterator[tuple[str, Task, LoopConfig]]:
    """Each phase of each baseline, on the fresh weights of those before it."""
    for name, makers in PHASES.items():
        training = config.training(name)
        clips, before = Clips(folders, ids, training.pool), {}
        for phase, make in makers.items():
            task = make(clips, training, before)
            before[phase] = task.model.state_dict()
            yield task.kind, task, training.phase_loop(phase)


def phase_drawing_and_step(task: Task, loop: LoopConfig, folder: Path) -> tuple[float, float]:
    """Mean CPU seconds of drawing all batches of a phase, and the median of the steps that learn from the last."""
    training = Training(task, loop, folder)
    draw, batch = timed(
        lambda: [task.draw(np.random.default_rng([loop.seed, step, 0, 0])) for step in range(loop.steps)][-1]
    )
    steps = [timed(lambda: training.learn(batch))[0] for _ in range(PHASE_STEPS)]
    return draw / loop.steps, float(np.median(steps))


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """CPU seconds of this process, and what came out."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


if __name__ == "__main__":
    main(sys.argv[1])
