"""A training of a stage: spread over processes where its parameters say so, and watched while it runs.

DVC empties a stage's outputs before it runs it again, so training happens under ``work/<profile>/partial`` in a folder
named by its inputs, and moves to its place when it is done. A killed stage finds its last checkpoint there.
DVCLive's files lie in ``live`` beside ``log.csv``; they carry no times: the same training writes the same bytes.
"""

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from dvclive import Live

from pipelines.cluster import ClusterConfig, run_together
from pipelines.stage import Stage
from pipelines.training import clips_of, datasets_of, inputs_key
from speak.data.split import TRAIN
from speak.files import replace_folder, write_text
from speak.progress import progress
from speak.training.loop import LoopConfig
from speak.training.record import Progress, Row

Train = Callable[[Progress], dict[str, Any]]
"""A training function that lacks only its ``advance``; returns figures for ``metrics.json``."""


def train_into(stage: Stage, name: str, train: Callable[..., dict[str, Any]], config: Any) -> Path:
    """Run ``train(folders, clip_ids, config, out_dir, advance)`` and put what it wrote into ``models/<name>``."""
    folders = datasets_of(stage)
    place = stage.paths.partial(stage.name) / inputs_key(stage, folders)
    place.mkdir(parents=True, exist_ok=True)
    figures = spread(
        partial(train, folders, clips_of(stage, TRAIN), config, place), config.loop, place, stage.cluster, label=name
    )
    folder = stage.paths.model(name)
    put_in_place(place, folder, figures)
    shutil.rmtree(stage.paths.partial(stage.name), ignore_errors=True)
    return folder


def put_in_place(trained: Path, folder: Path, figures: dict[str, Any]) -> None:
    """Leave the figures beside a finished training, and move it to its place."""
    write_text(trained / "metrics.json", json.dumps(figures, indent=2) + "\n")
    replace_folder(trained, folder)


def spread(
    train: Train, loop: LoopConfig, folder: Path, cluster: ClusterConfig, *, label: str | None = None
) -> dict[str, Any]:
    """Train in ``loop.workers`` processes.

    Args:
        train: picklable.
        loop: of the training.
        folder: where it writes; the same for all processes.
        cluster: where to run.
        label: name shown in the progress; None shows none.
    """
    return run_together(partial(_watched, train, folder, label, loop.steps), loop.workers, cluster)


class Watch:
    """Progress that leaves DVCLive's files in ``folder / "live"`` and shows the loss.

    A training that goes on after a kill brings the rows of its log that it had written before: DVCLive starts afresh
    with them, so that nothing is there twice.

    Args:
        folder: of the training.
        show: told the number of finished steps and a note.
    """

    def __init__(self, folder: Path, show: Callable[[int, str], None] = lambda done, note: None):
        self.folder, self.show = folder, show
        self.live, self.written = None, 0

    def __call__(self, done: int, log: list[Row]) -> None:
        """Log the rows that are new."""
        if self.live is None:
            self.live = Live(str(self.folder / "live"), dvcyaml=None, save_dvc_exp=False)
        for row in log[self.written :]:
            self.live.step = row["step"]
            for name in (name for name in row if name != "step"):
                self.live.log_metric(name, row[name])
        self.live.make_summary()
        self.written = len(log)
        self.show(done, f"loss {log[-1]['loss']:.4f}")


def _watched(train: Train, folder: Path, label: str | None, steps: int) -> dict[str, Any]:
    if label is None:
        return train(advance=Watch(folder))
    with progress(f"training {label}", steps) as show:
        return train(advance=Watch(folder, show))
