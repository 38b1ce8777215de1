"""What a training leaves for people beside its checkpoint: the log, and sample pictures."""

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from speak.files import write_bytes, write_text

Row = dict[str, float]
"""One line of the log: step, loss, and the task's figures."""

Progress = Callable[[int, list[Row]], None]
"""Told the number of finished steps and the rows of the log so far, at every new row."""


def silent(done: int, log: list[Row]) -> None:
    """Progress that nobody watches."""


def write_log(folder: Path, log: list[Row]) -> None:
    """Write ``log.csv``."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(log[0]) if log else ["step"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(log)
    write_text(folder / "log.csv", stream.getvalue())


def write_sample(folder: Path, step: int, picture: np.ndarray) -> None:
    """Write ``samples/<step>.png``; (H, W, 3) uint8 RGB."""
    _, content = cv2.imencode(".png", picture[..., ::-1])
    write_bytes(folder / "samples" / f"{step}.png", content.tobytes())


def forget(folder: Path) -> None:
    """Remove what another training left."""
    shutil.rmtree(folder / "samples", ignore_errors=True)
    (folder / "log.csv").unlink(missing_ok=True)
