"""A dataset from its own servers, or from a mirror over HTTP: the tables first, then what they promise.

What is there is never asked for twice, so a run may be stopped at any time and started again.
"""

import dataclasses
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

from pipelines.item_rows import item_rows
from pipelines.paths import Paths
from pipelines.wanted_files import Files, Flags, choose, plan
from speak.data.ledger import OBTAINED, LedgerRow
from speak.errors import UserError
from speak.fetching.address import host_of, printable
from speak.fetching.attempts import Attempts
from speak.fetching.network import NetworkConfig
from speak.fetching.queue import fetch_all
from speak.fetching.unpack import unpack
from speak.fetching.wanted import NotObtained, Wanted
from speak.fetching.ways import WAYS
from speak.files import write_text
from speak.sources import SOURCES

PUBLISHED = "published"
NOT_ASKED = "not asked for"


def is_remote(origin: str) -> bool:
    """Whether an origin is fetched over a network."""
    return origin == PUBLISHED or origin.startswith(("http://", "https://"))


def claim(dataset: str, origin: str | None, paths: Paths) -> None:
    """Let the dataset's folder hold one origin's files and no others'.

    What came over a network took long, so it is never deleted here; copies of the embedded corpus's mirror are.

    Args:
        origin: whose files it is going to hold; None: not a network's.

    Raises:
        UserError: it holds files that another origin sent.
    """
    raw = paths.raw(dataset)
    file = raw / ".origin"  # travels with the files
    holder = file.read_text(encoding="utf-8").strip() if file.is_file() else None
    if origin is None or holder != origin:
        if holder is not None and any(path.is_file() for path in raw.rglob("[!.]*")):
            raise UserError(
                f"{raw}: holds what was fetched from {holder}; move or delete it before fetch.origins.{dataset} names "
                "another place"
            )
        for folder in (raw, paths.attempts(dataset)):
            shutil.rmtree(folder, ignore_errors=True)
        if origin is not None:
            write_text(file, f"{origin}\n")
    raw.mkdir(parents=True, exist_ok=True)


def obtain(dataset: str, origin: str, paths: Paths, network: NetworkConfig, flags: Flags) -> list[LedgerRow] | None:
    """Fetch what is still open of a dataset and account for every item; None after a dry run, which only prints.

    Raises:
        UserError: the dataset has no remote form, its tables cannot be had, the flags do not fit, or the disk is full.
    """
    source = _source(dataset)
    base, raw = _base(dataset, source, origin), paths.raw(dataset)
    claim(dataset, origin if origin == PUBLISHED else printable(origin), paths)
    with Attempts(paths.attempts(dataset)) as attempts:
        _fetch_tables(dataset, source.tables(base), raw, network, attempts)
        wanted = source.wanted(raw, base)
        items = source.catalogue(raw)
        chosen = choose(items, wanted, flags)
        if flags.dry_run:
            print(plan(dataset, items, chosen, raw, attempts, again=flags.again))
            return None
        gave_up = fetch_all(
            chosen, raw, WAYS, network, attempts, again=flags.again, label=f"fetching files of {dataset}"
        )
        problems = _problems(wanted, attempts, gave_up) | _unpack(chosen, raw, attempts)
        print(_summary(dataset, wanted, attempts, gave_up))
    files = Files(wanted)
    items = source.catalogue(raw)  # again, since an archive was one item before it was unpacked
    return [_explained(row, files, problems) for row in item_rows(dataset, items, raw, raw)]


def _source(dataset: str) -> ModuleType:
    if dataset not in SOURCES:
        raise UserError(f"{dataset}: no such dataset; known are {', '.join(SOURCES)}")
    if not hasattr(SOURCES[dataset], "wanted"):
        raise UserError(f"fetch.origins.{dataset}: {dataset} is not fetched over a network; name a folder, or none")
    return SOURCES[dataset]


def _base(dataset: str, source: ModuleType, origin: str) -> str:
    if origin == PUBLISHED:
        return source.PUBLISHED
    if not host_of(origin):
        raise UserError(f"fetch.origins.{dataset}: the address names no server")
    if "@" in urlsplit(origin).netloc:
        raise UserError(f"fetch.origins.{dataset}: keep user and password out of the profile; ~/.netrc may hold them")
    return origin


def _fetch_tables(
    dataset: str, tables: Sequence[Wanted], raw: Path, network: NetworkConfig, attempts: Attempts
) -> None:
    """The dataset's own lists, all of them: with half of them the catalogue would be another one."""
    gave_up = fetch_all(tables, raw, WAYS, network, attempts, again=True, label=f"fetching tables of {dataset}")
    problems = _problems(tables, attempts, gave_up)
    for path, reason in (problems or _unpack(tables, raw, attempts)).items():
        raise UserError(f"{dataset}: no {path}, which says what there is to fetch ({reason}); try again later")


def _problems(wanted: Sequence[Wanted], attempts: Attempts, gave_up: Mapping[str, str]) -> dict[str, str]:
    """By path of a file that is not here, why."""
    problems = {}
    for one in wanted:
        last = attempts.latest.get(one.path)
        if last is None:
            why = gave_up.get(host_of(one.address))
            problems[one.path] = f"{NOT_ASKED}: {why}" if why else NOT_ASKED
        elif last.outcome != OBTAINED:
            problems[one.path] = f"{last.outcome}: {last.reason}"
    return problems


def _unpack(wanted: Sequence[Wanted], raw: Path, attempts: Attempts) -> dict[str, str]:
    """Unpack every archive that is here beside itself; returns, by path, why one could not be."""
    problems = {}
    for one in wanted:
        if one.archive and attempts.latest[one.path].outcome == OBTAINED:
            try:
                unpack(raw / one.path, (raw / one.path).parent)
            except NotObtained as error:
                problems[one.path] = f"not unpacked: {error}"
    return problems


def _summary(dataset: str, wanted: Sequence[Wanted], attempts: Attempts, gave_up: Mapping[str, str]) -> str:
    last = [attempts.latest.get(one.path) for one in wanted]
    counts = Counter(NOT_ASKED if attempt is None else attempt.outcome for attempt in last)
    words = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    return "\n".join([f"{dataset}: {len(wanted)} files: {words}", *gave_up.values()])


def _explained(row: LedgerRow, files: Files, problems: Mapping[str, str]) -> LedgerRow:
    """A missing item's reason is that of the file it lies in."""
    if row.status == OBTAINED:
        return row
    reasons = [problems[one.path] for one in files.of(row.item) if one.path in problems]
    return dataclasses.replace(row, reason=reasons[0]) if reasons else row
