"""What a method spends on making a clip, measured where it is made: CPU time, and the memory of its process."""

import contextlib
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

PROCESS = Path("/proc/self")
"""Linux's account of this process; elsewhere memory is not measured."""
FORGET_PEAK = "5"
"""Written to ``clear_refs``, it makes the peak start anew."""
Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True)
class Spent:
    """Of one clip or of several.

    Attributes:
        frames: made.
        cpu_seconds: of the process, all threads.
        peak_memory_mib: most that the whole process held, libraries and all loaded networks included; None: unknown.
    """

    frames: int
    cpu_seconds: float
    peak_memory_mib: float | None


def spending(make: Callable[[], Made], frames: int) -> tuple[Made, Spent]:
    """What ``make`` returns, and what it spent on ``frames`` frames."""
    with contextlib.suppress(OSError):
        (PROCESS / "clear_refs").write_text(FORGET_PEAK)
    started = time.process_time()
    made = make()
    return made, Spent(frames=frames, cpu_seconds=time.process_time() - started, peak_memory_mib=_peak_mib())


def together(clips: Iterable[Spent]) -> dict[str, float | None]:
    """The fields of the sum: frames and seconds of all clips, the memory of the worst."""
    clips = list(clips)
    peaks = [clip.peak_memory_mib for clip in clips if clip.peak_memory_mib is not None]
    return asdict(
        Spent(
            frames=sum(clip.frames for clip in clips),
            cpu_seconds=round(sum(clip.cpu_seconds for clip in clips), 2),
            peak_memory_mib=round(max(peaks)) if peaks else None,
        )
    )


def _peak_mib() -> float | None:
    try:
        found = re.search(r"VmHWM:\s*(\d+) kB", (PROCESS / "status").read_text())
    except OSError:
        return None
    return int(found.group(1)) / 1024 if found else None
