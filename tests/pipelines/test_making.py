"""What a clip costs is measured for that clip: memory that an earlier one took does not count."""

import numpy as np
import pytest

from pipelines.making import PROCESS, Spent, spending, together

MIB = 2**20


def take(mib):
    return int(np.ones(mib * MIB, np.uint8).sum()) // MIB


@pytest.mark.skipif(not (PROCESS / "clear_refs").exists(), reason="only Linux tells a process's peak and forgets it")
def test_the_peak_is_that_of_the_clip():
    made, large = spending(lambda: take(300), 5)
    _, small = spending(lambda: take(10), 5)
    assert made == 300 and large.frames == 5
    assert 250 < large.peak_memory_mib - small.peak_memory_mib < 350


def test_seconds_of_all_clips_memory_of_the_worst():
    clips = [
        Spent(frames=3, cpu_seconds=1.5, peak_memory_mib=700.4),
        Spent(frames=4, cpu_seconds=0.25, peak_memory_mib=None),
    ]
    assert together(clips) == {"frames": 7, "cpu_seconds": 1.75, "peak_memory_mib": 700}
    assert together([]) == {"frames": 0, "cpu_seconds": 0, "peak_memory_mib": None}
