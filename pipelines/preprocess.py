"""Stage ``preprocess@DATASET``: clips in Parquet shards from whatever ``fetch`` obtained.

Each finished item is kept under ``work/<profile>/partial`` by a hash of its source and recipe until the stage is done,
so a killed run goes on where it stopped; the clip folder appears whole. Items that fail are quarantined with their
reason.
"""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from pipelines import stage as stages
from pipelines.cluster import ClusterConfig, run_each
from pipelines.outcome import Outcome
from speak.assets import asset
from speak.data.clip import Clip
from speak.data.ledger import CLIP, OBTAINED, QUARANTINED, LedgerRow, account, read_ledger, write_ledger
from speak.data.object_store import check_address, check_reachable
from speak.data.shards import read_clips, write_shards
from speak.faces.landmarker import Landmarker
from speak.files import replace_folder, sha256_of
from speak.preprocess import PreprocessConfig, Rejected, SyncEmbed, process, recipe_hash


@dataclass(frozen=True, kw_only=True)
class ShardConfig:
    """Clip shards.

    Attributes:
        shard_bytes: size of a shard before compression.
        address: where in an object store they go (``s3://bucket/prefix``); None keeps them in the clip folder.
    """

    shard_bytes: int
    address: str | None

    def __post_init__(self) -> None:
        if self.address is not None:
            check_address(self.address)


SECTIONS = {"preprocess": PreprocessConfig, "shards": ShardConfig}


def run(stage: stages.Stage, dataset: str) -> None:
    """Preprocess one dataset."""
    rows = read_ledger(stage.paths.ledger(dataset))
    partial_folder = stage.paths.partial(stage.name)
    rows = preprocess(rows, stage.paths.clips(dataset), partial_folder, stage.params, stage.cluster)
    counts = account(rows)
    print(f"{dataset}: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    shutil.rmtree(partial_folder, ignore_errors=True)


def preprocess(
    rows: Sequence[LedgerRow], folder: Path, partial_folder: Path, params: dict, cluster: ClusterConfig
) -> list[LedgerRow]:
    """Make clips of all obtained rows; returns the rows with their final states, written as ``expected.parquet``."""
    obtained = [row for row in rows if row.status == OBTAINED]
    shards = params["shards"]
    if shards.address is not None:
        check_reachable(shards.address)
    asset("face_landmarker")  # fetched once, before the workers ask for it
    work = partial(_process_row, config=params["preprocess"], folder=partial_folder)
    outcomes = run_each(work, obtained, cluster, label="preprocessing")
    remaining = iter(outcomes)
    rows = [_final(row, next(remaining)) if row.status == OBTAINED else row for row in rows]
    pieces = [outcome.value for outcome in outcomes if isinstance(outcome.value, Path)]
    whole = partial_folder / "clips"
    shutil.rmtree(whole, ignore_errors=True)  # what a killed run left
    write_shards(_clips(pieces), whole, shards.shard_bytes, shards.address)
    write_ledger(rows, whole / "expected.parquet")
    replace_folder(whole, folder)
    return rows


def _clips(pieces: Sequence[Path]) -> Iterator[Clip]:
    for piece in pieces:
        yield from read_clips([piece])


def _final(row: LedgerRow, outcome: Outcome) -> LedgerRow:
    if isinstance(outcome.value, Path):
        return LedgerRow(item=row.item, root=row.root, status=CLIP, stage=None, reason=None)
    stage, reason = "preprocess", outcome.error
    if isinstance(outcome.value, Rejected):
        stage, reason = outcome.value.stage, outcome.value.reason
    return LedgerRow(item=row.item, root=row.root, status=QUARANTINED, stage=stage, reason=reason)


def _process_row(row: LedgerRow, config: PreprocessConfig, folder: Path) -> Path | Rejected:
    """One item to a folder with one clip, unless an earlier run has done it already."""
    source = Path(row.root) / row.item.video
    key = hashlib.sha256(f"{row.item!r}/{sha256_of(source)}/{recipe_hash(config)}".encode()).hexdigest()
    piece = folder / key
    if (piece / "shard-00000.parquet").exists():
        return piece
    landmarker, network = _landmarker(asset("face_landmarker")), config.quality.sync_network
    sync = None if network is None else _sync(Path(network))
    result = process(row.item, Path(row.root), config, landmarker, sync)
    if isinstance(result, Rejected):
        return result
    write_shards([result], piece, shard_bytes=1)
    return piece


@cache
def _landmarker(model: Path) -> Landmarker:
    """One landmarker per worker process; it keeps no state between frames."""
    return Landmarker(model)


@cache
def _sync(network: Path) -> SyncEmbed:
    """The sync network, loaded once per worker process."""
    from speak.inference.sync import SyncScorer  # late: torch is large, and few runs need it here

    return SyncScorer(network).embed


if __name__ == "__main__":
    from pipelines import preprocess  # by name, so that workers can import its functions

    stages.main("preprocess", preprocess.run, SECTIONS)
