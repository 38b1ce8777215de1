"""Williams's squares have Williams's properties."""

from collections import Counter
from itertools import pairwise, permutations

import numpy as np
import pytest

from benchmarks.study.williams import chained, williams_rows


@pytest.mark.parametrize("count", range(2, 13))
def test_every_treatment_follows_every_other_equally_often_and_stands_everywhere_equally_often(count):
    rows, times = williams_rows(count), 1 if count % 2 == 0 else 2
    assert all(sorted(row) == list(range(count)) for row in rows)
    assert Counter(pair for row in rows for pair in pairwise(row)) == dict.fromkeys(
        permutations(range(count), 2), times
    )
    for place in range(count):
        assert Counter(row[place] for row in rows) == dict.fromkeys(range(count), times)


def test_the_square_of_four_is_the_textbooks():
    assert williams_rows(4) == [(0, 1, 3, 2), (1, 2, 0, 3), (2, 3, 1, 0), (3, 0, 2, 1)]


@pytest.mark.parametrize(("treatments", "participants"), [(6, 20), (4, 8), (5, 20)])
def test_chains_use_rows_nearly_equally_and_never_repeat_a_treatment(treatments, participants):
    orders = chained(treatments, participants, 5 * treatments, np.random.default_rng(0))
    rows = Counter(row for order in orders for row in order)
    possible = williams_rows(treatments)
    assert max(rows.values()) - min(rows[row] for row in possible) <= 2
    flat = [[method for row in order for method in row] for order in orders]
    assert all(a != b for own in flat for a, b in pairwise(own)) and {len(own) for own in flat} == {5 * treatments}


def test_rows_that_can_be_used_equally_leave_no_imbalance_within_rows():
    orders = chained(6, 6, 30, np.random.default_rng(1))
    within = Counter(pair for order in orders for row in order for pair in pairwise(row))
    assert set(within.values()) == {5} and len(within) == 30
