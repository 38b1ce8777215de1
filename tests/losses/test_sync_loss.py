import pytest
import torch

from speak.losses.contrastive import contrastive
from speak.losses.sync import sync_loss

GENERATED = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
REAL = torch.tensor([[3.0, 4.0], [1.0, 0.0]])
AUDIO = torch.tensor([[0.0, 1.0], [1.0, 2.0]])


@pytest.mark.parametrize(
    ("mode", "expected"),
    # squared distances: to the real windows 25 and 0, to the sound 1 and 4; half their means
    [("frames", 6.25), ("audio", 1.25), ("both", 7.5)],
)
def test_equations_11_and_12_by_hand(mode, expected):
    assert float(sync_loss(GENERATED, REAL, AUDIO, mode)) == pytest.approx(expected)


def test_is_equation_11_for_matching_pairs():
    distances = (GENERATED - AUDIO).norm(dim=1)
    expected = contrastive(distances, torch.ones(2), margin=1.2)
    assert float(sync_loss(GENERATED, REAL, AUDIO, "audio")) == pytest.approx(float(expected))


@pytest.mark.parametrize("mode", ["frames", "audio", "both"])
def test_zero_and_finite_gradient_at_perfect(mode):
    generated = torch.randn(4, 6, requires_grad=True)
    loss = sync_loss(generated, generated.detach().clone(), generated.detach().clone(), mode)
    loss.backward()
    assert loss.item() == 0.0 and torch.isfinite(generated.grad).all()
