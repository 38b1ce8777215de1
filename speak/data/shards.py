"""Clips in Parquet shards: written whole or not at all, read column by column.

A shard holds about 64 MB of clips, zstd-compressed, one row group per clip, so that a reader of one clip or of one
column touches only what it asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from speak.data.clip import ARRAY_SHAPES, SCHEMA, Clip, array_of, to_row
from speak.errors import UserError
from speak.files import atomic_path

METADATA_COLUMNS = tuple(name for name in SCHEMA.names if not pa.types.is_large_binary(SCHEMA.field(name).type))


def write_shards(clips: Iterable[Clip], folder: Path, shard_bytes: int) -> int:
    """Write clips to ``folder/shard-00000.parquet`` and so on; returns their number. Order is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    count, shard, rows, size = 0, 0, [], 0
    for clip in clips:
        rows.append(to_row(clip))
        size += sum(len(value) for value in rows[-1].values() if isinstance(value, bytes))
        count += 1
        if size >= shard_bytes:
            _write_shard(rows, folder / f"shard-{shard:05d}.parquet")
            shard, rows, size = shard + 1, [], 0
    if rows or shard == 0:
        _write_shard(rows, folder / f"shard-{shard:05d}.parquet")
    return count


def _write_shard(rows: list[dict], path: Path) -> None:
    with atomic_path(path) as temporary:
        table = pa.Table.from_pylist(rows, schema=SCHEMA)
        pq.write_table(table, temporary, compression="zstd", row_group_size=1)


def shard_files(folders: Iterable[Path]) -> list[Path]:
    """All shard files of the given clip folders, in order. Raises UserError when a folder has none."""
    files = []
    for folder in folders:
        found = sorted(Path(folder).glob("shard-*.parquet"))
        if not found:
            raise UserError(f"{folder}: no clip shards here; run the preprocess stage first (dvc repro)")
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
    for path in shard_files(folders):
        with pq.ParquetFile(path) as shard:
            ids = shard.read(columns=["clip_id"]).column("clip_id").to_pylist()
            for group, clip_id in enumerate(ids):
                if clip_ids is not None and clip_id not in clip_ids:
                    continue
                (row,) = shard.read_row_group(group, columns=wanted).to_pylist()
                for name in ARRAY_SHAPES.keys() & set(wanted):
                    row[name] = array_of(row, name)
                yield row
