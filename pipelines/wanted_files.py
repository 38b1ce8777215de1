"""Which of a dataset's files a run asks for: all, or those behind a few items."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from speak.errors import UserError
from speak.fetching.address import host_of
from speak.fetching.attempts import Attempts
from speak.fetching.remaining import is_obtained, to_ask
from speak.fetching.unpack import PART
from speak.fetching.wanted import Wanted
from speak.sources.item import Item


@dataclass(frozen=True, kw_only=True)
class Flags:
    """What one run asks for.

    Attributes:
        limit: only so many items, the first of the catalogue.
        only: only items whose id fits this pattern (``*``, ``?``, ``[...]``).
        dry_run: only say what would be fetched.
        again: ask again for what is gone.
    """

    limit: int | None = None
    only: str | None = None
    dry_run: bool = False
    again: bool = False


class Files:
    """Which wanted files may hold a path: that very file, else the archives that are unpacked in a folder above it."""

    def __init__(self, wanted: Iterable[Wanted]) -> None:
        self._by_path = {one.path: one for one in wanted}
        archives = [one for one in self._by_path.values() if one.archive or PART.fullmatch(one.path)]
        self._archives = [(PurePosixPath(one.path).parent, one) for one in archives]

    def of(self, item: Item) -> list[Wanted]:
        """The wanted files that hold an item's media."""
        return [one for path in (item.video, item.audio) if path for one in self._holding(path)]

    def _holding(self, path: str) -> list[Wanted]:
        if path in self._by_path:
            return [self._by_path[path]]
        return [one for folder, one in self._archives if PurePosixPath(path).is_relative_to(folder)]


def choose(items: Sequence[Item], wanted: Sequence[Wanted], flags: Flags) -> list[Wanted]:
    """The files to ask for, each once. Raises UserError when ``limit`` or ``only`` leaves nothing."""
    if flags.limit is None and flags.only is None:
        return list(wanted)
    fitting = [item for item in items if flags.only is None or fnmatchcase(item.item_id, flags.only)]
    if not fitting:
        raise UserError(f"--only {flags.only}: no item's id fits; one is {items[0].item_id}")
    files = Files(wanted)
    return list({one.path: one for item in fitting[: flags.limit] for one in files.of(item)}.values())


def plan(
    dataset: str, items: Sequence[Item], chosen: Sequence[Wanted], raw: Path, attempts: Attempts, *, again: bool
) -> str:
    """What a run would ask for, host by host."""
    lines = [f"{dataset}: {len(items)} items expected; {len(chosen)} files chosen"]
    coming = {one.path for one in to_ask(chosen, raw, attempts, again=again)}
    obtained = {one.path for one in chosen if is_obtained(one, raw, attempts)}
    for host in sorted({host_of(one.address) for one in chosen}):
        there = [one for one in chosen if host_of(one.address) == host]
        sizes = [one.num_bytes for one in there if one.path in coming]
        known = [size for size in sizes if size is not None]
        lines.append(
            f"{host}: {len(there)} files, {sum(one.path in obtained for one in there)} obtained, {len(sizes)} to ask "
            f"for: {sum(known):,} bytes in {len(known)} of known size, {len(sizes) - len(known)} of unknown size"
        )
    return "\n".join(lines)
