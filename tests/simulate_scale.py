"""A dataset of a million utterances through the stages' own code: ``python -m tests.simulate_scale ROWS [LAYOUT]``.

A tree in VoxCeleb2's layout is laid out with hard links (names and folders are real, contents are shared), and goes
through catalogue, fetch, preprocess, split and what the report reads, each in a process of its own. Only the media
work of preprocess is left out: each twentieth item is rejected, the others are said to be clips, and stand in the index
of clips without their shards.

LAYOUT ``release`` (the default) has a face crop and a text file for each utterance, one crop in a hundred missing;
``videos`` has whole videos, so that each item carries the face boxes of its text file.

Prints a Markdown table: CPU seconds, wall seconds, and peak memory, of which so much was there before the step began.
"""

import base64
import contextlib
import hashlib
import itertools
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from unittest import mock

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.leaderboard.benchmark import make_benchmark, write_benchmark
from pipelines import account, fetch, preprocess, provenance, split
from pipelines.cluster import ClusterConfig
from pipelines.paths import Paths
from pipelines.stage import Stage
from speak.data.clip import SCHEMA
from speak.data.ledger import CLIP, LedgerRow
from speak.data.shards import INDEX, INDEX_ROWS, METADATA_COLUMNS, read_rows
from speak.data.split import TEST, SplitConfig
from speak.preprocess import Rejected
from speak.sources import voxceleb

DATASET = "voxceleb"
UTTERANCES, VIDEOS = 8, 25
"""Of a video, and of a speaker; VoxCeleb2 has 7.5 and 24.6 (1,128,246 utterances, 150,480 videos, 6,112 speakers)."""
FRAMES = 195
"""Lines of a text file: 7.8 s at 25 fps, VoxCeleb2's mean."""
MISSING_EVERY, REJECTED_EVERY = 100, 20
LINKS = 60_000
"""Names that one file may have; ext4 allows 65,000."""
HEAD = "Identity  : \tid00012\nReference : \t_raOc3-IRsw\nOffset    : \t2\nFV Conf   : \t20.230\t(1)\n\n"
COLUMNS = "FRAME \tX \tY \tW \tH \n"
LINE = "{:06d} \t{:.3f} \t0.067 \t0.424 \t0.753 \n"


def lay_out(root: Path, rows: int, layout: str) -> None:
    """The dataset's tree under ``root``."""
    text = HEAD + COLUMNS + "".join(LINE.format(300 + frame, 0.3 + frame / 1000) for frame in range(FRAMES))
    texts, media = links(root / ".text", text), links(root / ".media", "not decoded here")
    speakers = []
    for number in range(rows):
        video, utterance = divmod(number, UTTERANCES)
        speaker, first = f"id{video // VIDEOS:05d}", utterance == 0
        key = f"{speaker}/{video_id(video)}"
        if first:
            (root / "txt" / key).mkdir(parents=True)
        if first and video % VIDEOS == 0:
            speakers.append(f"Somebody \t{speaker} \tn{video:06d} \tf \tdev \n")
        os.link(next(texts), root / f"txt/{key}/{utterance:05d}.txt")
        if layout == "release" and number % MISSING_EVERY:
            crop = root / f"mp4/{key}/{utterance:05d}.mp4"
            crop.parent.mkdir(parents=True, exist_ok=True)
            os.link(next(media), crop)
        if layout == "videos" and first:
            (root / "videos").mkdir(exist_ok=True)
            os.link(next(media), root / f"videos/{video_id(video)}.mp4")
    (root / "vox2_meta.csv").write_text("Name \tVoxCeleb2 ID \tVGGFace2 ID \tGender \tSet \n" + "".join(speakers))


def video_id(number: int) -> str:
    """Eleven letters that look like YouTube's."""
    return base64.urlsafe_b64encode(hashlib.sha256(str(number).encode()).digest())[:11].decode()


def links(path: Path, content: str) -> Iterator[Path]:
    """Files of this content, each to be linked once; a new one is begun where a file system has enough of the last."""
    for number in itertools.count():
        file = path.with_name(f"{path.name}{number}")
        file.write_text(content)
        yield from itertools.repeat(file, LINKS)


def lay_out_index(folder: Path) -> None:
    """The index of the clips that ``expected.parquet`` tells of."""
    clips = pd.read_parquet(folder / "expected.parquet", filters=[("status", "==", CLIP)])
    known = {"clip_id": clips["item_id"], "dataset": clips["dataset"], "person": clips["person"]}
    known |= {"source_file": clips["video"], "source_url": clips["url"], "num_frames": 234, "fps": 30.0}
    known |= {
        "source_sha256": [hashlib.sha256(clip_id.encode()).hexdigest() for clip_id in clips["item_id"]],
        "recipe": "0123456789abcdef",
    }
    known |= {"source_start_s": 0.0, "source_end_s": 7.8, "box": [[0.0, 0.0, 224.0, 224.0]] * len(clips)}
    fields = [SCHEMA.field(name) for name in METADATA_COLUMNS]
    table = pa.Table.from_pandas(pd.DataFrame(known).reindex(columns=METADATA_COLUMNS), pa.schema(fields))
    pq.write_table(table, folder / INDEX, compression="zstd", row_group_size=INDEX_ROWS)


def stage(rows: int) -> Stage:
    """A profile of this dataset alone."""
    params = {
        "fetch": fetch.FetchConfig(origins={DATASET: "tree"}),
        "preprocess": None,
        "shards": preprocess.ShardConfig(shard_bytes=1 << 26),
        "split": SplitConfig(seed=1, roles={DATASET: "mixed"}, test_share=0.1),
    }
    cluster = ClusterConfig(workers=1, serial_below=rows + 1, retries=0, item_timeout_s=60.0, trainings_serial_below=2)
    return Stage("simulated", "simulated", Paths("simulated"), cluster, params, "simulated")


def catalogue(rows: int) -> None:
    found = len(voxceleb.catalogue(Path("tree")))
    assert found == rows, f"{found} items of {rows}"


def fetched(rows: int) -> None:
    fetch.run(stage(rows), DATASET)


def preprocessed(rows: int) -> None:
    numbers = itertools.count()

    def process(row: LedgerRow, config: None, folder: Path) -> Path | Rejected:
        number = next(numbers)
        if number % REJECTED_EVERY:
            return folder / f"{number:064x}"
        reason = f"the face is too small: {number % 40} px, 48 px needed"
        return Rejected(item_id=row.item.item_id, dataset=DATASET, stage="face", reason=reason, source=row.item.video)

    with (
        mock.patch.object(preprocess, "_process_row", process),
        mock.patch.object(preprocess, "_clips", lambda pieces: iter(())),
        mock.patch.object(preprocess, "asset", lambda name: Path(name)),
    ):
        preprocess.run(stage(rows), DATASET)


def divided(rows: int) -> None:
    split.run(stage(rows))


def listed(rows: int) -> None:
    folder = stage(rows).paths.clips(DATASET)
    clips = {row["clip_id"]: row for row in read_rows([folder], METADATA_COLUMNS)}
    assert len(clips) < rows


def reported(rows: int) -> None:
    paths = stage(rows).paths
    assert account.count(DATASET, paths).expected == rows
    table, digest = pd.read_parquet(paths.split), provenance.split_hash(paths.split)
    benchmark = make_benchmark("simulated", digest, table, table[table["split"] == TEST])
    write_benchmark(paths.reports / "benchmark.json", benchmark)


STEPS: dict[str, Callable[[int], None]] = {
    "catalogue": catalogue,
    "fetch (catalogue, look at each file, ledger)": fetched,
    "preprocess (ledger, outcomes, account; no media work)": preprocessed,
    "split": divided,
    "list of clips (as score reads it)": listed,
    "report (account, split, benchmark.json)": reported,
}


def measured(name: str, folder: Path, rows: int) -> tuple[float, float, float, float]:
    """CPU seconds, wall seconds, peak MiB, and MiB before the step; called in a fresh process."""
    os.chdir(folder)
    before, cpu, wall = peak_mib(), time.process_time(), time.monotonic()
    with contextlib.redirect_stdout(sys.stderr):
        STEPS[name](rows)
    return time.process_time() - cpu, time.monotonic() - wall, peak_mib(), before


def peak_mib() -> float:
    """This process's largest resident size so far; unlike ``getrusage`` without that of the process it comes from."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def main(rows: int, layout: str = "release") -> None:
    """Print the table; everything written on the way is removed again."""
    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder) / "tree", rows, layout)
        print(f"{rows:,} utterances, layout {layout}\n\n| step | CPU s | wall s | peak MiB | before MiB |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for name in STEPS:
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as fresh:
                cpu, wall, peak, before = fresh.submit(measured, name, Path(folder), rows).result()
            if STEPS[name] is preprocessed:
                lay_out_index(Path(folder) / "work/simulated/clips/voxceleb")
            print(f"| {name} | {cpu:.1f} | {wall:.1f} | {peak:,.0f} | {before:,.0f} |", flush=True)
        for name in (
            "ledger/voxceleb.parquet",
            "clips/voxceleb/expected.parquet",
            "clips/voxceleb/index.parquet",
            "split.parquet",
        ):
            size = (Path(folder) / "work/simulated" / name).stat().st_size
            print(f"{name}: {size / rows:.1f} bytes an utterance")


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
