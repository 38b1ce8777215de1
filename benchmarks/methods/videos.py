"""Finished videos: a folder in which another program, in whatever language, has left one video for each test clip.

A video has the name of its clip (``speak.data.clip.file_stem``) and any container, size and frame rate. What is shown
at each moment is taken by the file's own times, and each frame is resized to 256x256, stretched if it is not square.
Whatever is wrong with a video is said of its clip alone.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Self

import cv2
import numpy as np

from benchmarks.methods.method import CannotMake, Method
from benchmarks.protocol import Request
from speak.data.clip import file_stem
from speak.errors import UserError
from speak.media.errors import MediaError
from speak.media.timeline import at_rate
from speak.media.video import read_frames, span

SIZE = 256
LENGTH_TOLERANCE_S = 0.2
"""Methods make whole frames at their own rate, and some a window's length fewer; what differs by more belongs to
another sound."""


class Videos:
    """Adapter of one such folder; ``videos`` makes a class of each."""

    name: ClassVar[str]
    label: ClassVar[str]
    folder: ClassVar[Path]
    models: ClassVar[tuple[str, ...]] = ()
    seeded: ClassVar[bool] = False
    trained_with_metric: ClassVar[bool] = False
    encoded: ClassVar[bool] = True

    def __init__(self, files: dict[str, list[Path]]):
        self.files = files

    @classmethod
    def load(cls, models: Path, seed: int) -> Self:
        """List the folder. Raises UserError when there is none."""
        return cls(listed(cls.folder))

    def generate(self, request: Request) -> np.ndarray:
        """(T, 256, 256, 3) uint8. Raises CannotMake when there is no such video, or it cannot stand for the clip."""
        stem = file_stem(request.clip_id)
        found = self.files.get(stem, [])
        if len(found) != 1:
            names = " and ".join(path.name for path in found)
            raise CannotMake(f"several videos: {names}" if found else f"missing: no {stem}.mp4 in {self.folder}")
        try:
            return fitted(found[0], request.num_frames, request.fps)
        except MediaError as error:
            raise CannotMake(f"{found[0].name}: {error}") from error


def videos(name: str, folder: Path) -> type[Method]:
    """The method whose videos lie in a folder; tables print it under its name."""
    return type(f"Videos_{name}", (Videos,), {"name": name, "label": name, "folder": folder})


def listed(folder: Path) -> dict[str, list[Path]]:
    """The files of a folder by their names without suffix; hidden ones and folders in it are passed over.

    Raises:
        UserError: there is no such folder.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder of finished videos; mend it in params.yaml")
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            found.setdefault(path.stem, []).append(path)
    return found


def extra(folder: Path, clip_ids: Iterable[str]) -> list[str]:
    """Names of the files that belong to none of the clips. Raises UserError as ``listed`` does."""
    stems = {file_stem(clip_id) for clip_id in clip_ids}
    return [path.name for stem, paths in listed(folder).items() if stem not in stems for path in paths]


def fitted(path: Path, num_frames: int, fps: float) -> np.ndarray:
    """A video in a clip's frames: (num_frames, 256, 256, 3) uint8 RGB; a missing end repeats the last frame.

    Raises:
        MediaError: unreadable, damaged, without a picture, or of another length than the clip.
    """
    wanted_s, (_, end_s) = num_frames / fps, span(path)
    if abs(end_s - wanted_s) > LENGTH_TOLERANCE_S:
        raise MediaError(f"wrong length: {end_s:.2f} s where the clip has {wanted_s:.2f} s")
    timed = ((time_s, resized(frame)) for time_s, frame in read_frames(path))
    return np.stack(list(at_rate(timed, fps, 0.0, wanted_s)))


def resized(frame: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 to (256, 256, 3): averaged where it shrinks, interpolated where it grows."""
    way = cv2.INTER_AREA if min(frame.shape[:2]) > SIZE else cv2.INTER_CUBIC
    return cv2.resize(frame, (SIZE, SIZE), interpolation=way)
