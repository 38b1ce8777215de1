"""What a clip costs is measured for that clip: memory that an earlier one took does not count."""

import subprocess
import sys

import pytest

from pipelines.making import PROCESS, Spent, together

FRESH = """
import numpy as np
from pipelines.making import spending

take = lambda mib: int(np.ones(mib << 20, np.uint8).sum()) >> 20
made, large = spending(lambda: take(300), 5)
_, small = spending(lambda: take(10), 5)
print(made, large.frames, large.peak_memory_mib - small.peak_memory_mib)
"""
"""For a process of its own: one that held more before, as this one may, gives it back when it likes."""


@pytest.mark.skipif(not (PROCESS / "clear_refs").exists(), reason="only Linux tells a process's peak and forgets it")
def test_the_peak_is_that_of_the_clip():
    result = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True)
    made, frames, more = result.stdout.split()
    assert (made, frames) == ("300", "5") and 250 < float(more) < 350


def test_seconds_of_all_clips_memory_of_the_worst():
    clips = [
        Spent(frames=3, cpu_seconds=1.5, peak_memory_mib=700.4),
        Spent(frames=4, cpu_seconds=0.25, peak_memory_mib=None),
    ]
    assert together(clips) == {"frames": 7, "cpu_seconds": 1.75, "peak_memory_mib": 700}
    assert together([]) == {"frames": 0, "cpu_seconds": 0, "peak_memory_mib": None}
