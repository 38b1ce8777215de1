"""Where each clip lies in the shards, so that one clip can be read without touching its neighbours."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speak.data.clip import ARRAY_SHAPES, EMOTIONS, array_of
from speak.data.shards import Shard, open_shard, shard_files
from speak.losses.classification import UNLABELLED

COLUMNS = ("clip_id", "person", "emotion", "level", "num_frames", "fps")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A clip's metadata and its place.

    Attributes:
        emotion: index into ``EMOTIONS`` or ``UNLABELLED``; level: 1 to 3 or None.
        shard, group: shard and row group.
    """

    clip_id: str
    person: str
    emotion: int
    level: int | None
    num_frames: int
    fps: float
    shard: Shard
    group: int

    def read(self, columns: Iterable[str]) -> dict[str, Any]:
        """The named columns of the clip; arrays as numpy."""
        with open_shard(self.shard) as parquet:
            (row,) = parquet.read_row_group(self.group, columns=["num_frames", *columns]).to_pylist()
        return row | {name: array_of(row, name) for name in ARRAY_SHAPES.keys() & row.keys()}


def places(folders: Iterable[Path], clip_ids: Iterable[str]) -> list[Place]:
    """Places of the named clips, by clip id; videos are not read."""
    wanted, found = set(clip_ids), []
    for shard in shard_files(folders):
        with open_shard(shard) as parquet:
            rows = parquet.read(columns=list(COLUMNS)).to_pylist()
        for group, row in enumerate(rows):
            if row["clip_id"] in wanted:
                emotion = EMOTIONS.index(row["emotion"]) if row["emotion"] else UNLABELLED
                found.append(Place(**{**row, "emotion": emotion}, shard=shard, group=group))
    return sorted(found, key=lambda place: place.clip_id)
