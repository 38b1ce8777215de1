"""What is generated and scored: each method once for every seed that it was trained with."""

import dataclasses
from collections.abc import Iterable, Sequence

from benchmarks.methods.method import Method
from benchmarks.methods.registry import METHODS
from benchmarks.methods.videos import videos
from pipelines.entrants import Entrant
from speak.errors import UserError


def adapter_of(method: Entrant) -> type[Method]:
    """What runs an entrant."""
    return METHODS[method.name] if method.videos is None else videos(method.name, method.videos)


def runs(methods: Iterable[Entrant], seeds: Sequence[int]) -> list[Entrant]:
    """The methods, with those that are trained once per seed repeated.

    Raises:
        UserError: one is unknown, or finished videos bear the name of a method.
    """
    found = []
    for method in methods:
        if method.videos is None and method.name not in METHODS:
            raise UserError(f"{method.name}: no such method; known are {', '.join(METHODS)}")
        if method.videos is not None and method.name in METHODS:
            raise UserError(f"{method.videos}: {method.name} is a method of its own; give these videos another name")
        repeated = [dataclasses.replace(method, seed=seed) for seed in seeds]
        found += repeated if adapter_of(method).seeded else [method]
    return found


def first_runs(methods: Iterable[Entrant]) -> list[Entrant]:
    """The first run of each method, which figures and videos show."""
    first: dict[str, Entrant] = {}
    for method in methods:
        first.setdefault(method.name, method)
    return list(first.values())


def seeds_of(methods: Iterable[Entrant]) -> tuple[int, ...]:
    """The seeds of those runs whose method is trained once per seed; empty where there is none."""
    return tuple(dict.fromkeys(method.seed for method in methods if adapter_of(method).seeded))
