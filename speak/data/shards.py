"""Clips in Parquet shards: written whole or not at all, read column by column.

A shard holds about 64 MB of clips, zstd-compressed, one row group per clip, so that a reader of one clip or of one
column touches only what it asked for. ``index.parquet`` beside them has the light columns of all clips and the shard of
each, so that neither a list of a million clips nor one clip among them opens every shard.

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

INDEX = "index.parquet"
INDEX_ROWS = 20_000
"""Rows of the index that are in memory at once."""
METADATA_COLUMNS = tuple(name for name in SCHEMA.names if not pa.types.is_large_binary(SCHEMA.field(name).type))


def write_shards(clips: Iterable[Clip], folder: Path, shard_bytes: int, address: str | None = None) -> int:
    """Write clips to ``folder/shard-00000.parquet`` and so on; returns their number. Order is kept.

    Args:
        clips: taken one after another; about one shard of them is in memory.
        folder: the clip folder.
        shard_bytes: a shard ends with the clip that reaches this size, before compression.
        address: in an object store (``s3://bucket/prefix``); shards go there, and ``folder`` gets their manifest.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index, stored = [], []
    for number, rows in enumerate(_shards_of(clips, shard_bytes)):
        path = folder / f"shard-{number:05d}.parquet"
        index.append(_write_shard(rows, path).append_column("shard", pa.array([number] * len(rows), pa.int32())))
        if address is not None:
            stored.append(send(path, address))
            path.unlink()
    if address is not None:
        entries = [dataclasses.asdict(shard) for shard in stored]
        write_text(folder / MANIFEST, json.dumps(entries, indent=1) + "\n")
    return _write_index(pa.concat_tables(index), folder / INDEX)


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


def _write_shard(rows: list[dict], path: Path) -> pa.Table:
    """Returns the light columns of its rows."""
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", row_group_size=1)
    return table.select(METADATA_COLUMNS)


def _write_index(table: pa.Table, path: Path) -> int:
    """Returns the number of its rows."""
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", row_group_size=INDEX_ROWS)
    return table.num_rows


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


def _shards_with(folders: Iterable[Path], clip_ids: set[str]) -> list[Shard]:
    """The shards that hold any of these clips, in order; all of a folder that has no index."""
    shards: list[Shard] = []
    for folder in folders:
        found, index = shard_files([folder]), Path(folder) / INDEX
        if index.exists():
            rows = pq.read_table(index, columns=["shard"], filters=[("clip_id", "in", clip_ids)])
            found = [found[number] for number in sorted(set(rows.column("shard").to_pylist()))]
        shards += found
    return shards


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
    if set(wanted) <= set(METADATA_COLUMNS):
        yield from _light_rows(folders, wanted, clip_ids)
        return
    for shard in shard_files(folders) if clip_ids is None else _shards_with(folders, clip_ids):
        with open_shard(shard) as parquet:
            ids = parquet.read(columns=["clip_id"]).column("clip_id").to_pylist()
            for group, clip_id in enumerate(ids):
                if clip_ids is not None and clip_id not in clip_ids:
                    continue
                (row,) = parquet.read_row_group(group, columns=wanted).to_pylist()
                for name in ARRAY_SHAPES.keys() & set(wanted):
                    row[name] = array_of(row, name)
                yield row


def _light_rows(folders: Iterable[Path], columns: list[str], clip_ids: set[str] | None) -> Iterator[dict]:
    """Rows from the index, or from the shards of a folder that has none."""
    for folder in folders:
        index = Path(folder) / INDEX
        for shard in [index] if index.exists() else shard_files([folder]):
            with open_shard(shard) as parquet:
                for batch in parquet.iter_batches(INDEX_ROWS, columns=columns):
                    rows = batch.to_pylist()
                    yield from (row for row in rows if clip_ids is None or row["clip_id"] in clip_ids)
