import math

import pytest
import torch

from speak.losses.classification import UNLABELLED, classification_loss


def test_equation_2_by_hand():
    logits = torch.log(torch.tensor([[0.7, 0.2, 0.1], [0.5, 0.25, 0.25]]))
    loss = classification_loss(logits, torch.tensor([0, 2]))
    assert float(loss) == pytest.approx(-(math.log(0.7) + math.log(0.25)) / 2)


def test_unlabelled_samples_are_left_out():
    logits = torch.randn(3, 8, requires_grad=True)
    loss = classification_loss(logits, torch.tensor([4, UNLABELLED, UNLABELLED]))
    assert loss.item() == pytest.approx(classification_loss(logits[:1], torch.tensor([4])).item())
    loss.backward()
    assert (logits.grad[1:] == 0).all() and (logits.grad[0] != 0).any()


def test_no_label_at_all_is_zero_with_a_gradient_of_zero():
    logits = torch.randn(2, 8, requires_grad=True)
    loss = classification_loss(logits, torch.tensor([UNLABELLED, UNLABELLED]))
    loss.backward()
    assert loss.item() == 0.0 and (logits.grad == 0).all()


def test_zero_at_perfect():
    logits = torch.tensor([[100.0, 0.0], [0.0, 100.0]])
    assert float(classification_loss(logits, torch.tensor([0, 1]))) == pytest.approx(0.0, abs=1e-6)
