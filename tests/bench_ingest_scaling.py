"""Preprocessing on one worker, on two, by Ray and by a plain process pool: ratios in one run.

The work is the stage's own function on one short filmed clip, as large as VoxCeleb2's crops, under many names. Each
figure comes from two runs of different length: their difference gives the cost of a clip, what is left is start-up
(Ray's own, and each worker's imports and landmarker). CPU seconds are those of this process and of all it starts, so
others on the machine matter little; wall seconds need the machine to itself.
"""

import dataclasses
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from pipelines import preprocess, stage
from pipelines.cluster import ClusterConfig, run_each
from speak.assets import asset
from speak.corpus.render import Take, render
from speak.data.ledger import OBTAINED, LedgerRow
from speak.media.writing import VideoCodec, encode_video
from speak.sources.item import Item

TAKE = Take(
    person_seed=11, seed=1, scene_seed=1, sentence="I think I've seen this before", emotion="happy", level=2, fps=30.0,
    duration_s=1.1, width=224, height=224, face_scale=0.62, motion=1.0, supersample=1,
)  # fmt: skip
FEW, SOME, MANY = 20, 60, 200
FEW_CHEAP, MANY_CHEAP = 100, 1000
SAMPLE_S = 0.1


class Watch:
    """Context manager: wall seconds, CPU seconds and the largest memory of this process and all it starts."""

    def __enter__(self) -> "Watch":
        self._cpu: dict[psutil.Process, float] = {}
        self.peak_mib = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._look()
        self._before, self._started = sum(self._cpu.values()), time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall_s = time.monotonic() - self._started
        self._stop.set()
        self._thread.join()
        self.cpu_s = sum(self._cpu.values()) - self._before

    def _watch(self) -> None:
        while not self._stop.wait(SAMPLE_S):
            self._look()

    def _look(self) -> None:
        me, resident = psutil.Process(), 0
        for process in [me, *me.children(recursive=True)]:
            try:
                times = process.cpu_times()
                self._cpu[process] = times.user + times.system
                resident += process.memory_info().rss
            except psutil.Error:
                continue  # it ended between listing and asking
        self.peak_mib = max(self.peak_mib, resident / 2**20)


@dataclass(frozen=True)
class Cost:
    """Of a clip, and once; CPU seconds and wall seconds. Peak memory of the short and of the long run."""

    clip_cpu_s: float
    clip_wall_s: float
    once_cpu_s: float
    once_wall_s: float
    total_cpu_s: float
    total_wall_s: float
    few_mib: float
    many_mib: float


def cost(run: Callable[[Sequence[Any]], object], few: Sequence[Any], many: Sequence[Any]) -> Cost:
    """Run few items, then many."""
    watches = []
    for items in (few, many):
        with Watch() as watch:
            run(items)
        watches.append(watch)
    short, long = watches
    cpu_s, wall_s = (
        (b - a) / (len(many) - len(few)) for a, b in ((short.cpu_s, long.cpu_s), (short.wall_s, long.wall_s))
    )
    return Cost(
        clip_cpu_s=cpu_s,
        clip_wall_s=wall_s,
        once_cpu_s=long.cpu_s - len(many) * cpu_s,
        once_wall_s=long.wall_s - len(many) * wall_s,
        total_cpu_s=long.cpu_s,
        total_wall_s=long.wall_s,
        few_mib=short.peak_mib,
        many_mib=long.peak_mib,
    )


def rows_of(folder: Path, count: int) -> list[LedgerRow]:
    """One filmed clip under ``count`` names."""
    filmed = render(TAKE)
    codec = VideoCodec(fps=TAKE.fps, crf=16, preset="veryfast")
    (folder / "a.mp4").write_bytes(encode_video(filmed.frames, codec, audio=filmed.speech.wave, sample_rate=16_000))
    none = dict.fromkeys(
        ("emotion", "level", "sentence", "audio", "start_s", "end_s", "box", "boxes", "url", "partition")
    )
    item = Item(item_id="", dataset="bench", person="p", video="a.mp4", **none)
    items = (dataclasses.replace(item, item_id=f"bench/{number:04d}") for number in range(count))
    return [LedgerRow(item=item, root=str(folder), status=OBTAINED, stage=None, reason=None) for item in items]


def pooled(function: Callable[[Any], Any], items: Sequence[Any], workers: int) -> list[Any]:
    """The same work by the standard library's pool of fresh processes."""
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(function, items))


def made(results: Sequence[Any]) -> None:
    """Raise AssertionError when an item gave no clip, since that would be cheap."""
    assert all(isinstance(result, Path) for result in results), results


def cheap(number: int) -> bytes:
    """A megabyte in use for a moment, a few bytes to keep."""
    return bytes(1 << 20)[: number % 64]


def measure() -> dict[str, Cost]:
    """Each way of running."""
    profile = stage.load("bench", "demo", preprocess.SECTIONS)
    asset("face_landmarker")
    alone, two = (dataclasses.replace(profile.cluster, workers=workers, serial_below=2) for workers in (1, 2))
    with tempfile.TemporaryDirectory() as folder:
        rows = rows_of(Path(folder), MANY)

        def work() -> Callable[[LedgerRow], object]:
            place = Path(tempfile.mkdtemp(dir=folder))  # a fresh one: what is finished would not be done again
            return partial(preprocess._process_row, config=profile.params["preprocess"], folder=place)

        def clustered(items: Sequence[LedgerRow], cluster: ClusterConfig) -> None:
            made([outcome.value for outcome in run_each(work(), items, cluster, label="preprocessing")])

        clustered(rows[:1], alone)  # one worker is this process: its start-up is over after the first item
        costs = {
            "one worker": cost(lambda items: clustered(items, alone), rows[:FEW], rows[:SOME]),
            "Ray, two workers": cost(lambda items: clustered(items, two), rows[:FEW], rows),
            "pool, two workers": cost(lambda items: made(pooled(work(), items, 2)), rows[:FEW], rows),
        }
    costs["Ray, cheap items"] = cost(
        lambda items: run_each(cheap, items, two, label="cheap"), range(FEW_CHEAP), range(MANY_CHEAP)
    )
    return costs


def main() -> None:
    """Print one line per way of running, then the ratios."""
    costs = measure()
    for name, each in costs.items():
        print(
            f"{name:18s} {1e3 * each.clip_cpu_s:7.1f} ms CPU, {1e3 * each.clip_wall_s:7.1f} ms wall an item; "
            f"start-up {each.once_cpu_s:5.1f} s CPU, {each.once_wall_s:5.1f} s wall; "
            f"peak {each.few_mib:,.0f} MiB with few items, {each.many_mib:,.0f} MiB with many"
        )
    one, ray, pool, _ = costs.values()
    print(f"one worker   {round(TAKE.duration_s * TAKE.fps) / one.clip_cpu_s:10.1f} frames per CPU-s")
    print(
        f"two workers are {one.clip_wall_s / ray.clip_wall_s:.2f} × one; with start-up, {MANY} clips: "
        f"{MANY * one.clip_wall_s / ray.total_wall_s:.2f} ×"
    )
    print(
        f"Ray over a pool, a clip: CPU {ray.clip_cpu_s / pool.clip_cpu_s - 1:+.1%}, wall "
        f"{ray.clip_wall_s / pool.clip_wall_s - 1:+.1%}; with start-up, {MANY} clips: CPU "
        f"{ray.total_cpu_s / pool.total_cpu_s - 1:+.1%}, wall {ray.total_wall_s / pool.total_wall_s - 1:+.1%}"
    )


if __name__ == "__main__":
    main()
