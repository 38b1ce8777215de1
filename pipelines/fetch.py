"""Stage ``fetch@DATASET``: obtain every expected item and write down what became of each.

A dataset comes from the embedded corpus's mirror (``mirror``), from a folder on this machine, from where it is
published (``published``), from a copy of it on a server (its ``http(s)://`` address), or not at all (``none``). The
corpus's mirror is copied through the dataset's own source. A folder is read where it lies: only the ledger is written.

``python -m pipelines.fetch PROFILE DATASET [--limit N] [--only PATTERN] [--dry-run] [--again]``; the flags are for what
comes over a network (docs/fetching.md).
"""

import argparse
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipelines import remote
from pipelines import stage as stages
from pipelines.item_rows import item_rows
from pipelines.wanted_files import Flags
from speak.config import build, read_yaml
from speak.data.ledger import LedgerRow, write_ledger
from speak.errors import UserError
from speak.fetching.network import NetworkConfig
from speak.sources import SOURCES

MIRROR, NONE = "mirror", "none"
ALL = Flags()
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, kw_only=True)
class FetchConfig:
    """Where each dataset comes from.

    Attributes:
        origins: dataset to ``mirror``, ``none``, the dataset's root folder on this machine, ``published``, or the
            ``http(s)://`` address below which its files lie.
    """

    origins: dict[str, str]


SECTIONS = {"fetch": FetchConfig}


def run(stage: stages.Stage, dataset: str, flags: Flags = ALL) -> None:
    """Fetch one dataset; items that cannot be had become rows with a reason."""
    origin = stage.params["fetch"].origins.get(dataset, NONE)
    if remote.is_remote(origin):
        rows = remote.obtain(dataset, origin, stage.paths, network_of(stage.profile), flags)
    elif flags != ALL:
        raise UserError(f"fetch.origins.{dataset} is {origin}: --limit, --only, --dry-run and --again need a network")
    else:
        rows = _near(dataset, origin, stage)
    if rows is not None:
        write_ledger(rows, stage.paths.ledger(dataset))


def network_of(profile: str) -> NetworkConfig:
    """A profile's section ``network``; not in SECTIONS, since it must not change a result."""
    file = stages.profile_file(profile)
    return build(NetworkConfig, read_yaml(file).get("network"), f"{file}:network")


def _near(dataset: str, origin: str, stage: stages.Stage) -> list[LedgerRow]:
    """From this machine, or from nowhere."""
    raw = stage.paths.raw(dataset)
    if origin not in (MIRROR, NONE) and Path(origin).resolve().is_relative_to(raw.resolve()):
        raise UserError(f"{origin}: the pipeline empties this folder of its own; move the dataset to another one")
    remote.claim(dataset, None, stage.paths)
    if origin == NONE:
        return []
    if origin == MIRROR:
        return obtain(dataset, stage.paths.mirror(dataset), raw)
    return obtain(dataset, Path(origin), Path(origin))


def obtain(dataset: str, origin: Path, root: Path) -> list[LedgerRow]:
    """Bring every item of ``origin`` under ``root`` (or only look, when they are the same) and account for it.

    Raises:
        UserError: ``origin`` does not exist, or holds nothing of this dataset.
    """
    if dataset not in SOURCES:
        raise UserError(f"{dataset}: no such dataset; known are {', '.join(SOURCES)}")
    if not origin.is_dir():
        raise UserError(f"{origin}: no such folder; set fetch.origins.{dataset} to the dataset's root")
    source = SOURCES[dataset]
    if root != origin:
        source.copy_metadata(origin, root)
    items = source.catalogue(origin)
    if not items:
        raise UserError(f"{origin}: nothing of {dataset} found here; see docs/datasets.md for its layout")
    return item_rows(dataset, items, origin, root)


def main(arguments: list[str]) -> None:
    """The stage's command line. Ctrl-C keeps what is there and ends with exit code 130."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.fetch", description="Fetch one dataset of a profile.")
    parser.add_argument("profile")
    parser.add_argument("dataset")
    parser.add_argument("--limit", type=_count, metavar="N", help="only so many items, the first of the catalogue")
    parser.add_argument("--only", metavar="PATTERN", help="only items whose id fits, e.g. 'crema_d/1001_*'")
    parser.add_argument("--dry-run", action="store_true", help="say what would be fetched; only tables are")
    parser.add_argument("--again", action="store_true", help="ask again for what is gone")
    given = vars(parser.parse_args(arguments))
    items = [given.pop("profile"), given.pop("dataset")]
    try:
        stages.main("fetch", partial(run, flags=Flags(**given)), SECTIONS, items)
    except KeyboardInterrupt:
        print("fetch: stopped; what is there is kept, the same command goes on from here", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)


def _count(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return int(text)


if __name__ == "__main__":
    main(sys.argv[1:])
