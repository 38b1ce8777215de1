import pytest
import torch

from speak.losses.distance import both, distance


def test_norm_over_the_root_of_the_elements_by_hand():
    first = torch.tensor([[3.0, 0.0, 0.0, 4.0], [1.0, 1.0, 1.0, 1.0]])
    # sqrt(9 + 16) / sqrt(4) and sqrt(4) / sqrt(4)
    assert distance(first, torch.zeros(2, 4)).tolist() == [2.5, 1.0]


def test_size_of_the_frame_does_not_matter():
    small, large = torch.full((1, 4), 0.3), torch.full((1, 3, 64, 64), 0.3)
    assert float(distance(small, small * 0)) == pytest.approx(float(distance(large, large * 0)), rel=1e-4)


def test_gradient_is_finite_where_equal():
    first = torch.ones(2, 3, requires_grad=True)
    distance(first, first.detach().clone()).sum().backward()
    assert (first.grad == 0).all()


def test_both_adds_the_batch_means():
    one, zero = torch.tensor([[1.0], [3.0]]), torch.zeros(2, 1)
    assert float(both((one, zero), (2 * one, zero))) == pytest.approx(2.0 + 4.0)
