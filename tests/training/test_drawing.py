import threading

import pytest

from speak.training.drawing import drawn_ahead


@pytest.mark.parametrize("ahead", [0, 1, 3, 20])
def test_batches_come_in_order(ahead):
    assert list(drawn_ahead(lambda step: step * step, range(2, 9), ahead)) == [step * step for step in range(2, 9)]


def test_so_many_are_drawn_while_one_is_used():
    drawn, arrived, threads_before = [], threading.Semaphore(0), set(threading.enumerate())

    def draw(step):
        drawn.append(step)
        arrived.release()
        return step

    batches = drawn_ahead(draw, range(10), 2)
    assert next(batches) == 0
    for _ in range(3):
        assert arrived.acquire(timeout=10)
    assert sorted(drawn) == [0, 1, 2]
    batches.close()
    assert sorted(drawn) == [0, 1, 2] and set(threading.enumerate()) <= threads_before


@pytest.mark.parametrize("ahead", [0, 3])
def test_an_error_comes_where_its_batch_would_have(ahead):
    def draw(step):
        if step == 2:
            raise ValueError("broken clip")
        return step

    batches = drawn_ahead(draw, range(5), ahead)
    assert [next(batches), next(batches)] == [0, 1]
    with pytest.raises(ValueError, match="broken clip"):
        next(batches)
