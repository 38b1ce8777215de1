"""The swap test: one code comes from another person's clip; what moves in the face that is drawn?

Two clips, A and B, of different unseen persons. From A's codes a face is decoded, then again with one code replaced by
B's. Instruments that know nothing of the codes measure both. The *response* of a measured factor is how far it went
from A towards B, as a share of the way between the real clips:

    response = Σ <swapped − own, B − A> / Σ ‖B − A‖²        (sums over pairs and frames)

1: it went all the way, 0: it stayed. Ideal is 1 where the swapped factor is the measured one, and 0 elsewhere. The
yardstick is the real clips, so a decoder that ignores a code scores 0 and not "nothing to measure".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.statistics import StatisticsConfig, interval_around, resampled_sums

FACTORS = ("identity", "emotion", "pose")
LEAST_FRAMES = 1


@dataclass(frozen=True, kw_only=True)
class SwapConfig:
    """Which pairs are tried.

    Attributes:
        pairs: ordered pairs of clips of different persons, drawn at random, each source clip equally often.
        seed: of the draw.
    """

    pairs: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class Response:
    """How far one measured factor follows one swapped code.

    Attributes:
        value: 1 follows entirely, 0 stays; None where ``reason`` says why.
        low, high: interval over source persons.
        pairs: pairs it was measured on.
    """

    value: float | None
    low: float | None
    high: float | None
    pairs: int
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Swap:
    """Measurements of one pair: of both real clips, of A decoded from its own codes, and of A with each code of B.

    Each is {factor: array}; ``swapped`` is {swapped factor: {measured factor: array}}. A factor that cannot be measured
    (no emotion label) is absent.
    """

    source_person: str
    source: Mapping[str, np.ndarray]
    target: Mapping[str, np.ndarray]
    own: Mapping[str, np.ndarray]
    swapped: Mapping[str, Mapping[str, np.ndarray]]


def draw_pairs(persons: Sequence[str], config: SwapConfig) -> list[tuple[int, int]]:
    """Ordered pairs (source, target) of clip indices with different persons; source clips take turns."""
    rng = np.random.default_rng(config.seed)
    owner = np.asarray(persons)
    sources = [int(index) for index in rng.permutation(len(owner)) if (owner != owner[index]).any()]
    turns = [sources[i % len(sources)] for i in range(config.pairs)] if sources else []
    return [(source, int(rng.choice(np.flatnonzero(owner != owner[source])))) for source in turns]


def measured(landmarks: Sequence[np.ndarray], measure: Callable[[np.ndarray], dict]) -> list[dict] | None:
    """Measure several landmark arrays (F, 478, 3) on the frames in which all of them show a face; None: there is none.

    A drawn face in which no landmark is found is a frame of NaN.
    """
    seen = np.logical_and.reduce([np.isfinite(points[:, 1, 0]) for points in landmarks])
    if seen.sum() < LEAST_FRAMES:
        return None
    return [measure(points[seen]) for points in landmarks]


def responses(swaps: Sequence[Swap], config: StatisticsConfig) -> dict[str, dict[str, Response]]:
    """{swapped factor: {measured factor: Response}} over all pairs."""
    return {swapped: {factor: _response(swaps, swapped, factor, config) for factor in FACTORS} for swapped in FACTORS}


def _response(swaps: Sequence[Swap], swapped: str, factor: str, config: StatisticsConfig) -> Response:
    usable = [swap for swap in swaps if factor in swap.source and factor in swap.target]
    if not usable:
        return Response(value=None, low=None, high=None, pairs=0, reason="no pair in which it can be measured")
    way = [swap.target[factor] - swap.source[factor] for swap in usable]
    gone = [swap.swapped[swapped][factor] - swap.own[factor] for swap in usable]
    forward = np.array([(a * b).sum() for a, b in zip(gone, way, strict=True)])
    length = np.array([(b**2).sum() for b in way])
    value = float(forward.sum() / length.sum())
    persons = np.array([swap.source_person for swap in usable])
    shares = resampled_sums(forward, persons, config) / np.maximum(resampled_sums(length, persons, config), 1e-12)
    found = interval_around(value, shares, clips=len(usable), persons=len(set(persons)), config=config)
    return Response(value=value, low=found.low, high=found.high, pairs=len(usable), reason=found.reason)
