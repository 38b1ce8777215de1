"""What a video costs as a clip: ``python -m tests.measure_clips PROFILE VIDEO...``.

Prints a Markdown table of CPU seconds and of the bytes of each heavy column in a shard, both per frame of the clip.
"""

import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq

from pipelines import preprocess, stage
from speak.assets import asset
from speak.data.shards import write_shards
from speak.faces.landmarker import Landmarker
from speak.media.video import probe
from speak.preprocess import Rejected, process
from speak.sources import folder as folder_source
from tests.cpu_time import cpu_seconds

COLUMNS = ("video", "audio", "landmarks", "blendshapes")


def stored_bytes(shard: Path) -> dict[str, int]:
    """Bytes in the file by column."""
    group = pq.read_metadata(shard).row_group(0)
    columns = [group.column(index) for index in range(group.num_columns)]
    return {column.path_in_schema: column.total_compressed_size for column in columns}


def main(profile: str, videos: list[str]) -> None:
    """Print the table."""
    config = stage.load("measure", profile, preprocess.SECTIONS).params["preprocess"]
    landmarker = Landmarker(asset("face_landmarker"))
    print("| video | size | frames | frames per CPU-s | bytes a frame", *COLUMNS, sep=" | ", end=" |\n")
    print("| --- " + "| ---: " * (4 + len(COLUMNS)) + "|")
    for video in map(Path, videos):
        (item,) = [item for item in folder_source.catalogue(video.parent) if item.video == video.name]
        made = []
        seconds = cpu_seconds(
            lambda item=item, video=video, made=made: made.append(process(item, video.parent, config, landmarker)), 1
        )
        if isinstance(made[-1], Rejected):
            print(f"| {video.name} | {made[-1].reason} |")
            continue
        with tempfile.TemporaryDirectory() as place:
            write_shards([made[-1]], Path(place), 1)
            shard = Path(place) / "shard-00000.parquet"
            size, parts = shard.stat().st_size, stored_bytes(shard)
        frames, info = made[-1].num_frames, probe(video)
        figures = " | ".join(f"{parts[name] / frames:,.0f}" for name in COLUMNS)
        print(
            f"| {video.name} | {info.width}×{info.height} | {frames} | {frames / seconds:.0f} | {size / frames:,.0f} "
            f"| {figures} |",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
