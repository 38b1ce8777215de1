"""What a frame costs: full-size generators with random weights, one after another on one thread.

Sound and pictures are noise; weights do not change the work. What is counted is the networks alone: no face detection,
no pasting back, no encoding. Every figure includes the clip's own share of what is done once for a clip (hearing
the sound, looking at the identity).
"""

from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode

from tests.bench_subjects import BATCH, FPS, FRAMES, SUBJECTS, Subject
from tests.cpu_time import cpu_seconds


def row(subject: Subject) -> tuple[str, ...]:
    """Name, parameters, GFLOPs a frame, frames a second at batch 1 and batched, first frame, real-time factor."""
    parameters = sum(weight.numel() for weight in subject.networks.parameters())
    prepared = subject.prepare()
    once = flops(subject.prepare) / FRAMES
    work = once + flops(lambda: subject.make(prepared, 1))
    share = cpu_seconds(subject.prepare) / FRAMES
    single = share + cpu_seconds(lambda: subject.make(prepared, 1))
    batched = share + cpu_seconds(lambda: subject.make(prepared, BATCH)) / BATCH
    first = cpu_seconds(lambda: subject.make(subject.prepare(), 1))
    return (
        subject.name, f"{parameters:,}", f"{work / 1e9:.1f}", f"{1 / single:.2f}", f"{1 / batched:.2f}",
        f"{first:.2f}", f"{1 / batched / FPS:.3f}",
    )  # fmt: skip


def flops(work: Callable[[], object]) -> int:
    """Floating-point operations of matrix products and convolutions; two for each multiplication."""
    with FlopCounterMode(display=False) as counter:
        work()
    return counter.get_total_flops()


TITLES = (
    "method",
    "parameters",
    "GFLOPs/frame",
    "frames/CPU-s",
    f"batch {BATCH}",
    "first frame s",
    f"x real time at {FPS}",
)


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    print(" ".join(f"{title:>20s}" for title in TITLES))
    with torch.no_grad():
        for build in SUBJECTS:
            subject = build()
            subject.networks.requires_grad_(False)
            print(" ".join(f"{figure:>20s}" for figure in row(subject)), flush=True)


if __name__ == "__main__":
    main()
