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


def split_persons(pairs: Iterable[tuple[str, str]], config: SplitConfig) -> dict[str, str]:
    """Map each person to ``train`` or ``test``.

    Args:
        pairs: each (dataset, person) that has a clip; repetitions change nothing.
        config: roles by dataset; a dataset without a role is an error.

    A person found in a test dataset (or drawn for testing) is for testing everywhere.
    """
    persons: dict[str, set[str]] = {}
    for dataset, person in pairs:
        persons.setdefault(dataset, set()).add(person)
    if missing := persons.keys() - config.roles.keys():
        raise ValueError(f"no role for {', '.join(sorted(missing))} in split.roles")
    tested: set[str] = set()
    for dataset, here in persons.items():
        if config.roles[dataset] == TEST:
            tested |= here
        elif config.roles[dataset] == "mixed":
            tested |= _draw(here, dataset, config)
    return {person: TEST if person in tested else TRAIN for here in persons.values() for person in here}


def _draw(persons: set[str], dataset: str, config: SplitConfig) -> set[str]:
    """The test share of the persons in the order of a keyed hash: stable when other persons come or go."""
    order = sorted(persons, key=lambda p: hashlib.sha256(f"{config.seed}/{dataset}/{p}".encode()).hexdigest())
    if len(order) < 2:
        raise ValueError(f"{dataset} has {len(order)} person(s); a mixed split needs two or more")
    count = min(max(round(len(order) * config.test_share), 1), len(order) - 1)
    return set(order[:count])
