"""Which clips are for training and which for testing: by person, never by clip.

A person is either in training or in the test set of every dataset, so no test identity has been seen in training
(paper-notes row 20). Datasets marked ``test`` are invisible during training, as the paper has CREMA-D and HDTF.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

TRAIN, TEST = "train", "test"


@dataclass(frozen=True, kw_only=True)
class SplitConfig:
    """How persons are divided.

    Attributes:
        seed: changes which persons of a ``mixed`` dataset are drawn.
        roles: per dataset: all its persons train, all test, or ``mixed``: a share of its persons tests.
        test_share: share of a mixed dataset's persons that tests, in (0, 1); at least one person on each side.
    """

    seed: int
    roles: dict[str, Literal["train", "test", "mixed"]]
    test_share: float


def split_persons(rows: Iterable[dict], config: SplitConfig) -> dict[str, str]:
    """Map each ``clip_id`` to ``train`` or ``test``.

    Args:
        rows: clips with at least ``clip_id``, ``dataset`` and ``person``.
        config: roles by dataset; a dataset without a role is an error.

    A person found in a test dataset (or drawn for testing) is for testing everywhere.
    """
    rows = list(rows)
    missing = {row["dataset"] for row in rows} - config.roles.keys()
    if missing:
        raise ValueError(f"no role for {', '.join(sorted(missing))} in split.roles")
    test_persons = {row["person"] for row in rows if config.roles[row["dataset"]] == TEST}
    for dataset in sorted({row["dataset"] for row in rows if config.roles[row["dataset"]] == "mixed"}):
        persons = {row["person"] for row in rows if row["dataset"] == dataset}
        test_persons |= _draw(persons, dataset, config)
    return {row["clip_id"]: TEST if row["person"] in test_persons else TRAIN for row in rows}


def _draw(persons: set[str], dataset: str, config: SplitConfig) -> set[str]:
    """The test share of the persons in the order of a keyed hash: stable when other persons come or go."""
    order = sorted(persons, key=lambda p: hashlib.sha256(f"{config.seed}/{dataset}/{p}".encode()).hexdigest())
    if len(order) < 2:
        raise ValueError(f"{dataset} has {len(order)} person(s); a mixed split needs two or more")
    count = min(max(round(len(order) * config.test_share), 1), len(order) - 1)
    return set(order[:count])
