"""Stage ``fetch@DATASET``: obtain every expected item and write down what became of each.

A dataset comes from the embedded corpus's mirror (``mirror``), from a folder on this machine, or not at all (``none``).
A mirror is copied through the dataset's own source, as a remote one would be. A folder is read where it lies: only the
ledger is written.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from pipelines import stage as stages
from speak.data.ledger import MISSING, OBTAINED, LedgerRow, write_ledger
from speak.errors import UserError
from speak.progress import progress
from speak.sources import SOURCES
from speak.sources.item import FetchError, Item

MIRROR, NONE = "mirror", "none"


@dataclass(frozen=True, kw_only=True)
class FetchConfig:
    """Where each dataset comes from.

    Attributes:
        origins: dataset to ``mirror``, ``none`` or the dataset's root folder on this machine.
    """

    origins: dict[str, str]


SECTIONS = {"fetch": FetchConfig}


def run(stage: stages.Stage, dataset: str) -> None:
    """Fetch one dataset; items that cannot be had become rows with a reason."""
    origin = stage.params["fetch"].origins.get(dataset, NONE)
    raw = stage.paths.raw(dataset)
    raw.mkdir(parents=True, exist_ok=True)
    rows = [] if origin == NONE else _rows(dataset, origin, raw, stage)
    write_ledger(rows, stage.paths.ledger(dataset))


def _rows(dataset: str, origin: str, raw: Path, stage: stages.Stage) -> list[LedgerRow]:
    if origin != MIRROR:
        return obtain(dataset, Path(origin), Path(origin))
    shutil.rmtree(raw, ignore_errors=True)
    return obtain(dataset, stage.paths.mirror(dataset), raw)


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
    rows = []
    with progress(f"fetching {dataset}", len(items)) as advance:
        for item in items:
            rows.append(_row(source, item, origin, root))
            advance(len(rows))
    return rows


def _row(source: object, item: Item, origin: Path, root: Path) -> LedgerRow:
    try:
        source.fetch(item, origin, root)
    except FetchError as error:
        return LedgerRow(item=item, root=str(root), status=MISSING, stage="fetch", reason=str(error))
    return LedgerRow(item=item, root=str(root), status=OBTAINED, stage=None, reason=None)


if __name__ == "__main__":
    from pipelines import fetch  # by name, so that workers can import its functions

    stages.main("fetch", fetch.run, SECTIONS)
