"""Which clips a stage works on, and a name for them."""

import hashlib
from pathlib import Path

import pandas as pd

from pipelines.provenance import DIGITS, file_hash
from pipelines.stage import Stage
from speak.data.shards import shard_files, shard_sha256


def clips_of(stage: Stage, side: str) -> list[str]:
    """Ids of the clips on one side of the split."""
    table = pd.read_parquet(stage.paths.split)
    return table.clip_id[table.split == side].tolist()


def datasets_of(stage: Stage) -> list[Path]:
    """Clip folders of all datasets that the split knows."""
    return [stage.paths.clips(dataset) for dataset in stage.params["split"].roles]


def inputs_key(stage: Stage, folders: list[Path]) -> str:
    """Hash of the split and of every clip; the same wherever the shards lie."""
    hashes = [file_hash(stage.paths.split), *(shard_sha256(shard)[:DIGITS] for shard in shard_files(folders))]
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:16]
