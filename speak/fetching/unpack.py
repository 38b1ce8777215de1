"""Unpacking archives from strangers: whole or not at all, and never outside the folder.

Refused are absolute paths, ``..``, links of any kind, devices, encrypted members and what unpacks to far more
than its size. Zip archives may come in parts (``vox2_dev_mp4_partaa``, ``..ab`` ...), which are read as one file
without joining them on the disk. An archive is unpacked into a hidden folder first, then moved; a hidden note
beside it says that it is done.

``python -m speak.fetching.unpack FOLDER`` unpacks every archive under a folder beside itself.
"""

import argparse
import io
import itertools
import os
import re
import shutil
import stat
import string
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from speak.fetching.parts import PartsReader
from speak.fetching.wanted import Blocked, Failed, NotObtained
from speak.files import stays_inside, write_text

BLOCK_BYTES = 1 << 20
TAR_END_BYTES = 1024
PART = re.compile(r"(?P<whole>.+_part)[a-z]{2}")
DAMAGED = (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, NotImplementedError)
DAMAGED += (FileExistsError, NotADirectoryError, IsADirectoryError)
"""What the libraries raise, and the system where one name is a file and a folder."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What an archive may unpack to.

    Attributes:
        ratio: bytes per byte of the archive; text compresses to a tenth, a bomb to a thousandth.
        total_bytes: of all its files together; the largest one known is VoxCeleb2's 255 GB.
    """

    ratio: float = 100.0
    total_bytes: int = 10**12


@dataclass(frozen=True)
class Member:
    """One entry of an archive; ``content`` is None for a folder."""

    name: str
    content: IO[bytes] | None


def unpack(archive: Path, folder: Path, limits: Limits | None = None) -> None:
    """Unpack into ``folder`` a ``.tar`` or ``.zip`` archive, or the zip archive of which ``_partaa`` is the first part.

    Files that are there under the same names are replaced. Done once, it is not done again as long as the
    archive stays the same.

    Raises:
        Blocked: the archive holds what is refused; nothing of it is left.
        Failed: it is damaged or incomplete; nothing of it is left. Or a name is taken by something else.
    """
    parts = parts_of(archive)
    note, draft, state = note_of(archive, folder), draft_of(archive, folder), _state(parts)
    if note.is_file() and note.read_text(encoding="utf-8") == state:
        return
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        with _members(parts) as members:
            _extract(members, draft, limits or Limits(), parts)
    except BaseException as error:
        shutil.rmtree(draft)
        if isinstance(error, DAMAGED):
            text = " ".join(str(error).split())
            raise Failed(f"{archive.name} cannot be unpacked: {text}{_found(parts)}") from error
        raise
    _merge(draft, folder)
    shutil.rmtree(draft)
    write_text(note, state)


def note_of(archive: Path, folder: Path) -> Path:
    """The hidden file that is there when ``archive`` has been unpacked into ``folder``."""
    return folder / f".{archive.name}.unpacked"


def draft_of(archive: Path, folder: Path) -> Path:
    """The hidden folder that is there when unpacking ``archive`` into ``folder`` was begun and not finished."""
    return folder / f".{archive.name}.unpacking"


def parts_of(archive: Path) -> list[Path]:
    """The files an archive consists of, in order. Raises Failed when a part before the last one is missing."""
    match = PART.fullmatch(archive.name)
    if match is None:
        return [archive]
    found = sorted(path for path in archive.parent.iterdir() if _is_part(path.name, match["whole"]))
    letters = map("".join, itertools.product(string.ascii_lowercase, repeat=2))
    expected = [archive.with_name(match["whole"] + pair) for pair in itertools.islice(letters, len(found))]
    if missing := [path.name for path in expected if path not in found]:
        raise Failed(f"{missing[0]} is missing, of {len(found)} parts and more")
    return found


def _is_part(name: str, whole: str) -> bool:
    match = PART.fullmatch(name)
    return match is not None and match["whole"] == whole


def _state(parts: list[Path]) -> str:
    """Tells one archive from another one of the same name, without reading it."""
    return "".join(f"{part.name} {part.stat().st_size} {part.stat().st_mtime_ns}\n" for part in parts)


def _found(parts: list[Path]) -> str:
    return f" (parts {parts[0].name} to {parts[-1].name}; are there more?)" if len(parts) > 1 else ""


@contextmanager
def _members(parts: list[Path]) -> Iterator[Iterator[Member]]:
    name = parts[0].name
    with io.BufferedReader(PartsReader(parts)) as stream:
        if archive_kind(name) == "zip":
            with zipfile.ZipFile(stream) as archive:
                yield _zip_members(archive)
        else:
            _check_end(stream)
            with tarfile.open(fileobj=stream, mode="r:") as archive:
                yield _tar_members(archive)


def _check_end(stream: IO[bytes]) -> None:
    """A tar file ends in two blocks of zeros; one that was cut between two files is otherwise read without a word."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - TAR_END_BYTES))
    if stream.read() != bytes(TAR_END_BYTES):
        raise tarfile.ReadError("it ends too early")
    stream.seek(0)


def _tar_members(archive: tarfile.TarFile) -> Iterator[Member]:
    for info in archive:
        if not (info.isreg() or info.isdir()):
            raise Blocked(f"unsafe archive: {info.name!r} is a link or a device")
        yield Member(info.name, archive.extractfile(info) if info.isreg() else None)


def _zip_members(archive: zipfile.ZipFile) -> Iterator[Member]:
    for info in archive.infolist():
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Blocked(f"unsafe archive: {info.filename!r} is a link or a device")
        if info.flag_bits & 0x1:
            raise Blocked(f"{info.filename!r} is encrypted; unpack the archive by hand")
        if info.is_dir():
            yield Member(info.filename, None)
        else:
            with archive.open(info) as content:
                yield Member(info.filename, content)


def _extract(members: Iterator[Member], folder: Path, limits: Limits, parts: list[Path]) -> None:
    allowed_bytes = int(min(limits.total_bytes, limits.ratio * sum(part.stat().st_size for part in parts)))
    own = {part.name for part in parts}
    written = 0
    for member in members:
        name = member.name.rstrip("/")
        if PurePosixPath(name) == PurePosixPath("."):
            continue
        if not stays_inside(name):
            raise Blocked(f"unsafe archive: {member.name!r} leads out of the folder")
        if PurePosixPath(name).parts[0] in own:
            raise Blocked(f"unsafe archive: it holds a file of its own name, {member.name!r}")
        target = folder / name
        if member.content is None:
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "wb") as stream:
            while block := member.content.read(BLOCK_BYTES):
                written += len(block)
                if written > allowed_bytes:
                    raise Blocked(f"unsafe archive: it unpacks to more than {allowed_bytes} bytes")
                stream.write(block)


def _merge(draft: Path, folder: Path) -> None:
    """Move what lies in ``draft`` into ``folder``, into folders that are there already."""
    for entry in sorted(draft.iterdir()):
        place = folder / entry.name
        if entry.is_dir() and place.is_dir():
            _merge(entry, place)
        elif entry.is_dir() == place.is_dir() or not place.exists():
            os.replace(entry, place)
        else:
            raise Failed(f"unpacking needs the name {entry.name}, which is there for something else")


def archives_under(folder: Path) -> list[Path]:
    """Every tar and zip archive under a folder, of those in parts the first one; sorted."""
    return sorted(path for path in folder.rglob("[!.]*") if path.is_file() and archive_kind(path.name))


def archive_kind(name: str) -> Literal["tar", "zip"] | None:
    """What is unpacked from a file of that name; of a zip archive in parts, from the first one."""
    if name.endswith(".tar"):
        return "tar"
    return "zip" if name.endswith((".zip", "_partaa")) else None


def main() -> None:
    """Unpack every archive under the folder on the command line; exit code 2 when one could not be."""
    parser = argparse.ArgumentParser(description="Unpack every archive under a folder beside itself.")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    if not folder.is_dir():
        parser.error(f"{folder}: no such folder")
    failed = False
    for archive in archives_under(folder):
        try:
            unpack(archive, archive.parent)
            print(f"{archive}: unpacked")
        except NotObtained as error:
            failed = True
            print(f"{archive}: {error}", file=sys.stderr)
    sys.exit(2 if failed else 0)


if __name__ == "__main__":
    main()
