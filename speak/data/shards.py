"""Clips in Parquet shards: written whole or not at all, read column by column.

A shard holds about 64 MB of clips, zstd-compressed, one row group per clip, so that a reader of one clip or of one
column touches only what it asked for. ``index.parquet`` beside them has the light columns of all clips and the shard of
each, so that neither a list of a million clips nor one clip among them opens every shard.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from speak.data.clip import ARRAY_SHAPES, SCHEMA, Clip, array_of, to_row
from speak.errors import UserError
from speak.files import atomic_path

INDEX = "index.parquet"
INDEX_ROWS = 20_000
"""Rows of the index that are in memory at once."""
METADATA_COLUMNS = tuple(name for name in SCHEMA.names if not pa.types.is_large_binary(SCHEMA.field(name).type))


def write_shards(clips: Iterable[Clip], folder: Path, shard_bytes: int) -> int:
    """Write clips to ``folder/shard-00000.parquet`` and so on; returns their number. Order is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    index, rows, size = [], [], 0
    for clip in clips:
        rows.append(to_row(clip))
        size += sum(len(value) for value in rows[-1].values() if isinstance(value, bytes))
        if size >= shard_bytes:
            index.append(_write_shard(rows, folder / f"shard-{len(index):05d}.parquet"))
            rows, size = [], 0
    if rows or not index:
        index.append(_write_shard(rows, folder / f"shard-{len(index):05d}.parquet"))
    table = pa.concat_tables(index)
    with atomic_path(folder / INDEX) as temporary:
        pq.write_table(table, temporary, compression="zstd", row_group_size=INDEX_ROWS)
    return table.num_rows


def _write_shard(rows: list[dict], path: Path) -> pa.Table:
    """Write one shard; returns its rows of the index."""
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", row_group_size=1)
    return table.select(METADATA_COLUMNS).append_column("shard", pa.array([path.name] * len(rows), pa.string()))


def shard_files(folders: Iterable[Path]) -> list[Path]:
    """All shard files of the given clip folders, in order. Raises UserError when a folder has none."""
    files = []
    for folder in folders:
        found = sorted(Path(folder).glob("shard-*.parquet"))
        if not found:
            raise UserError(f"{folder}: no clip shards here; run the preprocess stage first (dvc repro)")
        files += found
    return files


def _shards_with(folders: Iterable[Path], clip_ids: set[str]) -> list[Path]:
    """The shard files that hold any of these clips, in order; all of a folder that has no index."""
    files = []
    for folder in folders:
        found, index = shard_files([folder]), Path(folder) / INDEX
        if index.exists():
            rows = pq.read_table(index, columns=["shard"], filters=[("clip_id", "in", clip_ids)])
            names = set(rows.column("shard").to_pylist())
            found = [file for file in found if file.name in names]
        files += found
    return files


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
    for path in shard_files(folders) if clip_ids is None else _shards_with(folders, clip_ids):
        with pq.ParquetFile(path) as shard:
            ids = shard.read(columns=["clip_id"]).column("clip_id").to_pylist()
            for group, clip_id in enumerate(ids):
                if clip_ids is not None and clip_id not in clip_ids:
                    continue
                (row,) = shard.read_row_group(group, columns=wanted).to_pylist()
                for name in ARRAY_SHAPES.keys() & set(wanted):
                    row[name] = array_of(row, name)
                yield row


def _light_rows(folders: Iterable[Path], columns: list[str], clip_ids: set[str] | None) -> Iterator[dict]:
    """Rows from the index, or from the shards of a folder that has none."""
    for folder in folders:
        index = Path(folder) / INDEX
        for path in [index] if index.exists() else shard_files([folder]):
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(INDEX_ROWS, columns=columns):
                    rows = batch.to_pylist()
                    yield from (row for row in rows if clip_ids is None or row["clip_id"] in clip_ids)
