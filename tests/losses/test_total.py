import pytest
import torch

from speak.losses.total import TERMS, total_loss


def test_equation_13_by_hand():
    terms = {"gan": torch.tensor(0.7), "sync": torch.tensor(0.2), "vgg": torch.tensor(3.0)}
    assert float(total_loss(terms, dict.fromkeys(TERMS, 1.0))) == pytest.approx(3.9)
    assert float(total_loss(terms, {"gan": 0.1, "sync": 2.0, "vgg": 1.0})) == pytest.approx(3.47)


@pytest.mark.parametrize("ablated", TERMS)
def test_an_ablated_term_need_not_be_computed(ablated):
    weights = dict.fromkeys(TERMS, 1.0) | {ablated: 0.0}
    terms = {name: torch.tensor(2.0) for name in TERMS if name != ablated}
    assert float(total_loss(terms, weights)) == 4.0
