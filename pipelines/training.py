"""What the training stages share: which clips, where to, and going on after a kill.

DVC empties a stage's outputs before it runs it again, so training happens under ``work/<profile>/partial`` in a folder
named by its inputs, and moves to its place when it is done. A killed stage finds its last checkpoint there.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.provenance import file_hash
from pipelines.stage import Stage
from speak.data.shards import shard_files
from speak.data.split import TRAIN
from speak.files import write_text
from speak.progress import progress


def clips_of(stage: Stage, side: str) -> list[str]:
    """Ids of the clips on one side of the split."""
    table = pd.read_parquet(stage.paths.split)
    return table.clip_id[table.split == side].tolist()


def datasets_of(stage: Stage) -> list[Path]:
    """Clip folders of all datasets that the split knows."""
    return [stage.paths.clips(dataset) for dataset in stage.params["split"].roles]


def train_into(stage: Stage, name: str, train: Callable[..., dict[str, Any]], config: Any) -> Path:
    """Run ``train(folders, clip_ids, config, out_dir, advance)`` and put what it wrote into ``models/<name>``."""
    folders = datasets_of(stage)
    partial = stage.paths.partial(stage.name) / inputs_key(stage, folders)
    partial.mkdir(parents=True, exist_ok=True)
    with progress(f"training {name}", config.loop.steps) as advance:
        figures = train(
            folders,
            clips_of(stage, TRAIN),
            config,
            partial,
            lambda done, log: advance(done, f"loss {log[-1]['loss']:.4f}"),
        )
    write_text(partial / "metrics.json", json.dumps(figures, indent=2) + "\n")
    folder = stage.paths.model(name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    os.replace(partial, folder)
    shutil.rmtree(stage.paths.partial(stage.name), ignore_errors=True)
    return folder


def inputs_key(stage: Stage, folders: list[Path]) -> str:
    """Hash of the split and of every clip."""
    hashes = [file_hash(path) for path in [stage.paths.split, *shard_files(folders)]]
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:16]
