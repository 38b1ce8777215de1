"""The files of a dataset: which there are, and copying them from a mirror.

Some datasets have no table of contents but their folder tree (MEAD). So that a catalogue is the same before
and after fetching, ``copy_tables`` leaves the origin's list of files in ``listing.txt``, and ``files_of`` adds
that list to what lies in the tree. Mirrors over HTTP offer the same file (``find . -type f`` in their root).
"""

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import quote

from speak.errors import UserError
from speak.fetching.unpack import PART, archive_kind, note_of
from speak.fetching.wanted import Wanted
from speak.files import atomic_path, stays_inside, write_text
from speak.sources.item import FetchError, Item

LISTING = "listing.txt"
LFS_MAGIC = b"version https://git-lfs.github.com/spec/"
"""First bytes of a Git LFS pointer (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md)."""


def files_of(root: Path) -> list[str]:
    """Paths of a dataset's files, with ``/``, sorted: what lies under ``root``, and what the origin's listing
    names.

    Raises UserError when ``root`` is no folder or the listing holds a path that leaves it.
    """
    if not root.is_dir():
        raise UserError(f"{root}: no such folder; give the dataset's root in the parameters")
    return sorted({*walk(root), *listed(root)})


def listed(root: Path) -> list[str]:
    """Paths in the origin's listing, as they stand there without ``./``; [] where there is none."""
    listing = root / LISTING
    if not listing.is_file():
        return []
    paths = [line.removeprefix("./") for line in listing.read_text(encoding="utf-8-sig").splitlines() if line]
    for path in paths:
        if not stays_inside(path):
            raise UserError(f"{listing}: {path!r} leads out of the dataset's folder; delete that line")
    return paths


def walk(root: Path) -> list[str]:
    """Paths of all files under ``root``, sorted; hidden and half-written files (leading dot) are not data."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        base = Path(folder).relative_to(root)
        found += [(base / name).as_posix() for name in names if not name.startswith(".") and name != LISTING]
    return sorted(found)


def packed(root: Path, files: Iterable[str]) -> list[str]:
    """The archives among ``files`` that have not been unpacked beside themselves; of parts the first one."""
    archives = [path for path in files if archive_kind(path)]
    return [path for path in archives if not note_of(root / path, (root / path).parent).is_file()]


def fetch(item: Item, origin: Path, root: Path) -> None:
    """Copy an item's media from the mirror ``origin`` to ``root``; what is there with the same size is kept.

    Raises FetchError with the reason: absent, empty, a Git LFS pointer, unreadable, an archive that has not been
    unpacked, or a path that leaves the root.
    """
    if archive_kind(item.video) and (origin / item.video).is_file():
        raise FetchError(f"not unpacked: {item.video}; run `python -m speak.fetching.unpack` on its folder")
    for path in dict.fromkeys(filter(None, (item.video, item.audio))):
        if not stays_inside(path):
            raise FetchError(f"unsafe path: {path!r} leads out of the dataset's folder")
        try:
            check_media(origin / path, path)
            if not _same_size(origin / path, root / path):
                copy(origin / path, root / path)
        except OSError as error:
            raise FetchError(f"{path}: {error.strerror or error}") from error


def check_media(file: Path, name: str) -> None:
    """Raise FetchError when a media file is absent, empty or a Git LFS pointer text."""
    if not file.is_file():
        raise FetchError(f"missing: {name} is not at the origin")
    with open(file, "rb") as stream:
        head = stream.read(len(LFS_MAGIC))
    if not head:
        raise FetchError(f"empty: {name} has 0 bytes")
    if head == LFS_MAGIC:
        raise FetchError(f"needs git-lfs: {name} is a pointer text; run `git lfs pull` at the origin")


def copy(source: Path, target: Path) -> None:
    """Copy one file, atomically."""
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)


def address_in(base: str, path: str) -> str:
    """The address of a file below a base address; ``#``, spaces and so on in its name are escaped."""
    return f"{base.rstrip('/')}/{quote(path)}"


def listing_at(base: str) -> Wanted:
    """The list of files that a mirror offers."""
    return Wanted(path=LISTING, address=address_in(base, LISTING), way="http")


def mirrored(root: Path, base: str, belongs: Callable[[str], bool]) -> list[Wanted]:
    """The files of a mirror's listing that belong to the dataset, archives among them."""
    return [
        Wanted(path=path, address=address_in(base, path), way="http", archive=archive_kind(path))
        for path in listed(root)
        if belongs(path) or archive_kind(path) or PART.fullmatch(path)
    ]


def copy_tables(origin: Path, root: Path, tables: Iterable[str]) -> None:
    """Copy a dataset's tables (paths under ``origin``) and leave the origin's list of files beside them."""
    listing = "".join(f"{path}\n" for path in files_of(origin))
    for path in tables:
        copy(origin / path, root / path)
    write_text(root / LISTING, listing)


def _same_size(source: Path, target: Path) -> bool:
    return target.is_file() and target.stat().st_size == source.stat().st_size
