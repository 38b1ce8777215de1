"""Finding clips among very many shards: ``python -m tests.simulate_shards CLIPS SHARDS``.

Writes clips of one frame and a few bytes, so that only what depends on their number is measured. Prints a Markdown
table of CPU seconds and, at the end, this process's peak memory.
"""

import dataclasses
import hashlib
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq

from speak.data.clip import NUM_BLENDSHAPES, NUM_LANDMARKS, Clip
from speak.data.shards import INDEX, METADATA_COLUMNS, read_rows, shard_files, write_shards
from tests.drawn_clips import drawn_clip

HEAVY = 1000
"""Bytes of a clip's video; its landmarks take 5.7 kB."""


DRAWN = drawn_clip("drawn/a/1", 0, person="a", num_frames=1)


def clip_of(clip_id: str, dataset: str, person: str) -> Clip:
    """A clip of one frame."""
    digest = hashlib.sha256(clip_id.encode()).hexdigest()
    own = {"clip_id": clip_id, "dataset": dataset, "person": person, "source_file": f"{clip_id}.mp4"}
    return dataclasses.replace(DRAWN, **own, source_sha256=digest, video=bytes(HEAVY), audio=b"")


def name_of(number: int) -> tuple[str, str]:
    """Id and person of a clip: 8 of a video, 200 of a person."""
    person = f"id{number // 200:05d}"
    return f"voxceleb/{person}/{number // 8:011d}/{number % 8:05d}", person


def clips_of(count: int) -> Iterator[Clip]:
    """So many clips."""
    for number in range(count):
        clip_id, person = name_of(number)
        yield clip_of(clip_id, "voxceleb", person)


def one_shard_bytes(clips: int, shards: int) -> int:
    """The size that makes so many shards of so many clips."""
    return (HEAVY + 4 * (3 * NUM_LANDMARKS + 3 + NUM_BLENDSHAPES)) * -(-clips // shards)


def main(clips: int, shards: int) -> None:
    """Print the table."""
    print(f"{clips:,} clips in {shards:,} shards\n\n| step | CPU s |\n| --- | ---: |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        report("write", lambda: write_shards(clips_of(clips), folder, one_shard_bytes(clips, shards)))
        files = shard_files([folder])
        footers = sum(pq.read_metadata(file).serialized_size for file in files)
        report("metadata of all clips", lambda: sum(1 for _ in read_rows([folder], METADATA_COLUMNS)))
        wanted = {name_of(clips // 2)[0]}
        report("whole clip, found by the index", lambda: list(read_rows([folder], ["landmarks"], wanted)))
        index = (folder / INDEX).stat().st_size
        (folder / INDEX).unlink()
        report("whole clip, found by looking everywhere", lambda: list(read_rows([folder], ["landmarks"], wanted)))
    print(f"\n{len(files)} shards, footers {footers / clips:.0f} bytes a clip, index {index / clips:.1f} bytes a clip")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


def report(step: str, work: Callable[[], object]) -> None:
    """Do it and print what it cost."""
    started = time.process_time()
    work()
    print(f"| {step} | {time.process_time() - started:.2f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
