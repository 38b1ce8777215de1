"""Opening media files so that every reader sees the same bytes, the same clock and the same kind of error.

One decoding thread, no network protocols (a playlist posing as a video must not fetch anything), FFmpeg's
errors turned into ``MediaError``. The clock of a file starts at the container's start time: the earliest
stream begins at 0, and what lies between picture and sound stays as the file says.
"""

import contextlib
import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av

from speak.media.errors import MediaError

Source = Path | str | bytes

SEEK_WORTH_S = 10.0
"""A start later than this is sought; an earlier one is reached by decoding from the beginning."""

MICROSECONDS = Fraction(1, 1_000_000)
"""Unit of FFmpeg's container-level times."""


@contextlib.contextmanager
def opened(source: Source) -> Iterator[av.container.InputContainer]:
    """Open a file (path) or its content (bytes) for reading.

    Raises:
        MediaError: the file is missing, empty, a Git LFS pointer, or in no known format.
    """
    target = io.BytesIO(source) if isinstance(source, bytes) else f"file:{source}"
    options = {"protocol_whitelist": "file"}
    try:
        _refuse_hopeless(source)
        container = av.open(target, container_options=options, metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"cannot be opened: {brief(error)}") from error
    with container:
        yield container


def clock_start(container: av.container.InputContainer) -> Fraction:
    """Seconds on the streams' own clock that count as time 0 of the file."""
    return Fraction(container.start_time or 0) * MICROSECONDS


def seek(container: av.container.InputContainer, stream: av.stream.Stream, time_s: float) -> None:
    """Go to the last key frame of ``stream`` at or before ``time_s`` on the file's clock."""
    stamp = (Fraction(time_s) + clock_start(container)) / stream.time_base
    try:
        container.seek(int(stamp), stream=stream, backward=True)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"cannot seek to {time_s:.2f} s: {brief(error)}") from error


def brief(error: Exception) -> str:
    """An FFmpeg error in a few words, without file names and numbers that differ between machines."""
    return str(getattr(error, "strerror", None) or type(error).__name__)


def _refuse_hopeless(source: Source) -> None:
    if isinstance(source, bytes):
        head, size = source[:64], len(source)
    else:
        path = Path(source)
        if not path.is_file():
            raise MediaError("no such file")
        with open(path, "rb") as stream:
            head, size = stream.read(64), path.stat().st_size
    if size == 0:
        raise MediaError("the file is empty (0 bytes)")
    if head.startswith(b"version https://git-lfs.github.com/spec"):
        raise MediaError("a Git LFS pointer, not the file itself (fetch the content with git-lfs)")
