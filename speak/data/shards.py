"""Clips in Parquet shards: written whole or not at all, read column by column.

A shard holds about 64 MB of clips, zstd-compressed, one row group per clip, so that a reader of one clip or of one
column touches only what it asked for.

Shards lie in the clip folder itself, or in an object store: then the folder holds a manifest that names them, and
readers fetch the row groups and columns that they ask for, never whole shards.
"""

import contextlib
import dataclasses
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from speak.data.clip import ARRAY_SHAPES, SCHEMA, Clip, array_of, to_row
from speak.data.object_store import StoredFile, open_stored, send
from speak.errors import UserError
from speak.files import atomic_path, sha256_of, write_text

Shard = Path | StoredFile
MANIFEST = "shards.json"
"""Names the shards of a clip folder that lie in an object store."""

METADATA_COLUMNS = tuple(name for name in SCHEMA.names if not pa.types.is_large_binary(SCHEMA.field(name).type))


def write_shards(clips: Iterable[Clip], folder: Path, shard_bytes: int, address: str | None = None) -> int:
    """Write clips to ``folder/shard-00000.parquet`` and so on; returns their number. Order is kept.

    Args:
        clips: taken one after another; about one shard of them is in memory.
        folder: the clip folder.
        shard_bytes: a shard ends with the clip that reaches this size, before compression.
        address: in an object store (``s3://bucket/prefix``); shards go there, and ``folder`` gets their manifest.
    """
    count, stored = 0, []
    for number, rows in enumerate(_shards_of(clips, shard_bytes)):
        path = folder / f"shard-{number:05d}.parquet"
        _write_shard(rows, path)
        count += len(rows)
        if address is not None:
            stored.append(send(path, address))
            path.unlink()
    if address is not None:
        entries = [dataclasses.asdict(shard) for shard in stored]
        write_text(folder / MANIFEST, json.dumps(entries, indent=1) + "\n")
    return count


def _shards_of(clips: Iterable[Clip], shard_bytes: int) -> Iterator[list[dict]]:
    """Rows of one shard after another; one without rows when there are no clips."""
    rows, size, finished = [], 0, 0
    for clip in clips:
        rows.append(to_row(clip))
        size += sum(len(value) for value in rows[-1].values() if isinstance(value, bytes))
        if size >= shard_bytes:
            yield rows
            rows, size, finished = [], 0, finished + 1
    if rows or finished == 0:
        yield rows


def _write_shard(rows: list[dict], path: Path) -> None:
    with atomic_path(path) as temporary:
        table = pa.Table.from_pylist(rows, schema=SCHEMA)
        pq.write_table(table, temporary, compression="zstd", row_group_size=1)


def shard_files(folders: Iterable[Path]) -> list[Shard]:
    """All shards of the given clip folders, in order. Raises UserError when a folder has none."""
    shards: list[Shard] = []
    for folder in folders:
        found = _stored(Path(folder) / MANIFEST) or sorted(Path(folder).glob("shard-*.parquet"))
        if not found:
            raise UserError(f"{folder}: no clip shards here; run the preprocess stage first (dvc repro)")
        shards += found
    return shards


def _stored(manifest: Path) -> list[StoredFile]:
    if not manifest.exists():
        return []
    return [StoredFile(**entry) for entry in json.loads(manifest.read_text())]


def shard_sha256(shard: Shard) -> str:
    """Hex SHA-256 of a shard's bytes, wherever it lies; nothing is fetched for it."""
    return shard.sha256 if isinstance(shard, StoredFile) else sha256_of(shard)


@contextlib.contextmanager
def open_shard(shard: Shard) -> Iterator[pq.ParquetFile]:
    """Yield a shard open for reading. Raises UserError when its store does not answer."""
    if isinstance(shard, Path):
        with pq.ParquetFile(shard) as parquet:
            yield parquet
        return
    with open_stored(shard) as stream, pq.ParquetFile(stream, pre_buffer=True) as parquet:
        yield parquet


def read_clips(folders: Iterable[Path]) -> Iterator[Clip]:
    """Yield whole clips, in order."""
    for row in read_rows(folders, SCHEMA.names):
        yield Clip(**{**row, "box": tuple(row["box"])})


def read_rows(
    folders: Iterable[Path], columns: Sequence[str] = METADATA_COLUMNS, clip_ids: set[str] | None = None
) -> Iterator[dict]:
    """Yield clips as dictionaries with just the named columns; arrays are decoded to numpy.

    Args:
        folders: clip folders (each holds shards).
        columns: columns of ``SCHEMA`` to read; ``clip_id`` and ``num_frames`` are always included.
        clip_ids: read only these clips; row groups of others are not touched.
    """
    wanted = list(dict.fromkeys(["clip_id", "num_frames", *columns]))
    for shard in shard_files(folders):
        with open_shard(shard) as parquet:
            ids = parquet.read(columns=["clip_id"]).column("clip_id").to_pylist()
            for group, clip_id in enumerate(ids):
                if clip_ids is not None and clip_id not in clip_ids:
                    continue
                (row,) = parquet.read_row_group(group, columns=wanted).to_pylist()
                for name in ARRAY_SHAPES.keys() & set(wanted):
                    row[name] = array_of(row, name)
                yield row
