"""Several files read as one."""

import bisect
import contextlib
import errno
import io
import itertools
import os
from collections.abc import Sequence
from pathlib import Path


class PartsReader(io.RawIOBase):
    """A seekable stream over the bytes of ``parts``, one after the other."""

    def __init__(self, parts: Sequence[Path]) -> None:
        super().__init__()
        self._opened = contextlib.ExitStack()
        self._streams = [self._opened.enter_context(io.FileIO(part)) for part in parts]
        self._ends = list(itertools.accumulate(part.stat().st_size for part in parts))
        self._position = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Bytes from the start of the first part."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As for files."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._ends[-1]}[whence]
        if origin + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))  # zipfile counts on it
        self._position = origin + offset
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:
        """Read up to the end of the part that the position lies in; 0 at the end of all."""
        index = bisect.bisect_right(self._ends, self._position)
        if index == len(self._streams):
            return 0
        start = self._ends[index - 1] if index else 0
        self._streams[index].seek(self._position - start)
        count = self._streams[index].readinto(buffer)
        self._position += count
        return count

    def close(self) -> None:
        """Close all parts."""
        self._opened.close()
        super().close()
