"""How long a rating request takes with fifty participants at once: ``python -m tests.bench_study``."""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "benchmarks" / "study"))

from crowd import Crowd, ServerProcess, p95_ms
from made_study import tiny_study

PEOPLE = 50
PAUSES_S = {"without a pause between videos": 0.0, "2 s for each video": 2.0}
"""What a participant spends on a video; real ones take ten seconds or more."""


def measure(pause_s: float) -> None:
    """Print median and p95 of one crowd."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "study"
        tiny_study(folder, participants=PEOPLE)
        server = ServerProcess(folder, Path(place) / "server.log")
        server.start()
        crowd = Crowd(folder, server.links, pause_s)
        crowd.start()
        crowd.finish()
        server.kill()
    times = sorted(crowd.times_s)
    print(f"  {len(times)} rating requests: median {1000 * times[len(times) // 2]:.0f} ms, p95 {p95_ms(times):.0f} ms")


if __name__ == "__main__":
    print(f"{PEOPLE} participants at once, SQLite with synchronous commits")
    for words, pause in PAUSES_S.items():
        print(f"{words}:")
        measure(pause)
