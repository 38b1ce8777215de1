"""In which order methods follow one another: Williams's squares, and how a participant's rows are chained.

E. J. Williams, Experimental designs balanced for the estimation of residual effects of treatments, 1949. Each row holds
every treatment once; over all rows each treatment stands equally often at each place and follows each other one
equally often.
"""

from collections import Counter

import numpy as np


def williams_rows(count: int) -> list[tuple[int, ...]]:
    """``count`` rows of the treatments 0 … count-1 where it is even, twice as many where it is odd."""
    zigzag = [(place + 1) // 2 if place % 2 else -(place // 2) for place in range(count)]
    rows = [tuple((start + step) % count for step in zigzag) for start in range(count)]
    return rows if count % 2 == 0 else rows + [row[::-1] for row in rows]


def chained(treatments: int, participants: int, places: int, rng: np.random.Generator) -> list[list[tuple[int, ...]]]:
    """By participant: Williams rows of ``places`` treatments together, the last one cut off where it must be.

    Rows are taken equally often, a participant gets different ones, and no treatment meets itself where two rows join.
    Each choice is the best at its moment; what imbalance is left stands in the design (``balance``).
    """
    rows = williams_rows(treatments)
    taken: Counter[int] = Counter()
    joins: Counter[tuple[int, int]] = Counter()
    turns: Counter[int] = Counter()
    orders = []
    for _ in range(participants):
        own: Counter[int] = Counter()
        order: list[tuple[int, ...]] = []
        while (left := places - sum(map(len, order))) > 0:
            last = order[-1][-1] if order else None
            costs = [
                (row[0] == last, sum(turns[t] for t in row[:left]), taken[i], joins[last, row[0]], own[i], rng.random())
                for i, row in enumerate(rows)
            ]
            chosen = costs.index(min(costs))
            order.append(rows[chosen][:left])
            taken[chosen] += 1
            own[chosen] += 1
            joins[last, rows[chosen][0]] += 1
            turns.update(order[-1])
        orders.append(order)
    return orders
