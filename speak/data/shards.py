"""Clips in Parquet shards: written whole or not at all, read column by column.

A shard holds about 64 MB of clips, zstd-compressed, one row group per clip, so that a reader of one clip or of one
column touches only what it asked for. ``index.parquet`` beside them says which shard holds which clip, so that a clip
among a million is found without opening every shard.
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
"""Rows of the index that are read to find one clip."""
METADATA_COLUMNS = tuple(name for name in SCHEMA.names if not pa.types.is_large_binary(SCHEMA.field(name).type))


def write_shards(clips: Iterable[Clip], folder: Path, shard_bytes: int) -> int:
    """Write clips to ``folder/shard-00000.parquet`` and so on; returns their number. Order is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    places, shard, rows, size = [], 0, [], 0
    for clip in clips:
        rows.append(to_row(clip))
        places.append((clip.clip_id, _name(shard)))
        size += sum(len(value) for value in rows[-1].values() if isinstance(value, bytes))
        if size >= shard_bytes:
            _write_shard(rows, folder / _name(shard))
            shard, rows, size = shard + 1, [], 0
    if rows or shard == 0:
        _write_shard(rows, folder / _name(shard))
    _write_index(places, folder / INDEX)
    return len(places)


def _name(shard: int) -> str:
    return f"shard-{shard:05d}.parquet"


def _write_index(places: list[tuple[str, str]], path: Path) -> None:
    clip_ids, shards = zip(*places, strict=True) if places else ((), ())
    table = pa.table({"clip_id": pa.array(clip_ids, pa.string()), "shard": pa.array(shards, pa.string())})
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", row_group_size=INDEX_ROWS)


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
    for path in shard_files(folders) if clip_ids is None else _shards_with(folders, clip_ids):
        with pq.ParquetFile(path) as shard:
            ids = shard.read(columns=["clip_id"]).column("clip_id").to_pylist()
            groups = [group for group, clip_id in enumerate(ids) if clip_ids is None or clip_id in clip_ids]
            for row in _read(shard, groups, wanted):
                for name in ARRAY_SHAPES.keys() & set(wanted):
                    row[name] = array_of(row, name)
                yield row


def _read(shard: pq.ParquetFile, groups: list[int], columns: list[str]) -> Iterator[dict]:
    """Rows one by one where they are heavy, else all at once, which is many times faster."""
    light = set(columns) <= set(METADATA_COLUMNS)
    for some in [groups] if light else [[group] for group in groups]:
        yield from shard.read_row_groups(some, columns=columns).to_pylist()
