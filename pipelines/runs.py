"""What is generated and scored: each method once for every seed that it was trained with."""

import dataclasses
from collections.abc import Iterable, Sequence

from benchmarks.methods import METHODS
from pipelines.entrants import Entrant
from speak.errors import UserError


def runs(methods: Iterable[Entrant], seeds: Sequence[int]) -> list[Entrant]:
    """The methods, with those that are trained once per seed repeated. Raises UserError when one is unknown."""
    found = []
    for method in methods:
        if method.name not in METHODS:
            raise UserError(f"{method.name}: no such method; known are {', '.join(METHODS)}")
        repeated = [dataclasses.replace(method, seed=seed) for seed in seeds]
        found += repeated if METHODS[method.name].seeded else [method]
    return found


def first_runs(methods: Iterable[Entrant]) -> list[Entrant]:
    """The first run of each method, which figures and videos show."""
    first: dict[str, Entrant] = {}
    for method in methods:
        first.setdefault(method.name, method)
    return list(first.values())


def seeds_of(methods: Iterable[Entrant]) -> tuple[int, ...]:
    """The seeds of those runs whose method is trained once per seed; empty where there is none."""
    return tuple(dict.fromkeys(method.seed for method in methods if METHODS[method.name].seeded))
