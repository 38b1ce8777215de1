import math

import pytest
import torch
from torch import nn

from speak.losses.adversarial import discriminator_loss, generator_loss, r1_penalty


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def scales(*probabilities: float) -> list[torch.Tensor]:
    return [torch.tensor([[[[logit(p)]]]]) for p in probabilities]


def test_discriminator_by_hand():
    # two scales: D(real) = 0.9, 0.8; D(generated) = 0.2, 0.4
    expected = -(math.log(0.9) + math.log(0.8)) / 2 - (math.log(0.8) + math.log(0.6)) / 2
    assert float(discriminator_loss(scales(0.9, 0.8), scales(0.2, 0.4))) == pytest.approx(expected, rel=1e-5)


def test_generator_by_hand_in_both_forms():
    assert float(generator_loss(scales(0.2), "nonsaturating")) == pytest.approx(-math.log(0.2), rel=1e-5)
    assert float(generator_loss(scales(0.2), "minmax")) == pytest.approx(math.log(0.8), rel=1e-5)


def test_scales_count_alike_whatever_their_number_of_patches():
    one, many = torch.full((1, 1, 1, 1), logit(0.2)), torch.full((1, 1, 5, 5), logit(0.6))
    expected = -(math.log(0.2) + math.log(0.6)) / 2
    assert float(generator_loss([one, many], "nonsaturating")) == pytest.approx(expected, rel=1e-5)


def test_printed_form_has_no_gradient_where_the_discriminator_wins():
    gradients = {}
    for form in ("nonsaturating", "minmax"):
        fake = torch.tensor([[-12.0]], requires_grad=True)
        generator_loss([fake], form).backward()
        gradients[form] = -fake.grad.item()
    assert gradients["nonsaturating"] > 0.99 and 0 < gradients["minmax"] < 1e-4


def test_extreme_logits_stay_finite():
    extreme = [torch.tensor([[-1e4], [1e4]], requires_grad=True)]
    loss = discriminator_loss(extreme, extreme) + sum(generator_loss(extreme, f) for f in ("nonsaturating", "minmax"))
    loss.backward()
    assert torch.isfinite(loss) and torch.isfinite(extreme[0].grad).all()


def test_zero_at_perfect():
    assert float(discriminator_loss([torch.tensor([[90.0]])], [torch.tensor([[-90.0]])])) == pytest.approx(0, abs=1e-6)
    assert float(generator_loss([torch.tensor([[90.0]])], "nonsaturating")) == pytest.approx(0, abs=1e-6)


def test_r1_of_a_linear_discriminator_by_hand():
    judge = nn.Linear(3, 1)
    with torch.no_grad():
        judge.weight.copy_(torch.tensor([[1.0, 2.0, -2.0]]))
    frames = torch.randn(5, 3, requires_grad=True)
    # the gradient is the weight everywhere: gamma / 2 * (1 + 4 + 4)
    assert r1_penalty([judge(frames)], frames, 10.0).item() == pytest.approx(45.0)
    # two scales count half each: gradient (w + 3 w) / 2 = 2 w
    assert r1_penalty([judge(frames), 3 * judge(frames)], frames, 10.0).item() == pytest.approx(180.0)


def test_r1_trains_the_discriminator():
    judge = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    frames = torch.randn(2, 3, requires_grad=True)
    r1_penalty([judge(frames)], frames, 1.0).backward()
    assert torch.isfinite(judge[0].weight.grad).all() and judge[0].weight.grad.abs().sum() > 0
