import pytest
import torch
from paper_parts import FULL_DISCRIMINATOR, NARROW_DISCRIMINATOR

from speak.losses.adversarial import discriminator_loss, r1_penalty
from speak.models import discriminator
from speak.models.discriminator import DiscriminatorConfig


def test_each_scale_judges_half_the_size():
    judge = discriminator.build(NARROW_DISCRIMINATOR)
    logits = judge(torch.randn(2, 3, 64, 64), torch.randn(2, 3, 64, 64))
    # two convolutions halve (with a border of 2), the third and the logits add 1 each: 64 -> 33 -> 17 -> 18 -> 19
    assert [tuple(scale.shape) for scale in logits] == [(2, 1, 19, 19), (2, 1, 11, 11)]


def test_full_size_shapes():
    with torch.device("meta"):
        judge = discriminator.build(FULL_DISCRIMINATOR)
        logits = judge(torch.empty(1, 3, 256, 256), torch.empty(1, 3, 256, 256))
    assert [tuple(scale.shape) for scale in logits] == [(1, 1, 35, 35), (1, 1, 19, 19), (1, 1, 11, 11)]


def test_depends_on_frame_and_on_identity():
    torch.manual_seed(0)
    judge = discriminator.build(NARROW_DISCRIMINATOR)
    one, two, other = torch.randn(3, 1, 3, 32, 32)
    for changed in (judge(other, two), judge(one, other)):
        assert all(not torch.allclose(a, b) for a, b in zip(judge(one, two), changed, strict=True))


def test_learns_to_tell_real_from_generated_with_r1():
    torch.manual_seed(0)
    judge = discriminator.build(NARROW_DISCRIMINATOR)
    optimiser = torch.optim.Adam(judge.parameters(), lr=1e-2)
    identity, fake = torch.randn(2, 4, 3, 32, 32)
    real = identity
    losses = []
    for _ in range(40):
        frames = real.clone().requires_grad_()
        judged = judge(identity, frames)
        loss = discriminator_loss(judged, judge(identity, fake))
        losses.append(loss.item())
        optimiser.zero_grad()
        (loss + r1_penalty(judged, frames, 0.1)).backward()
        optimiser.step()
    assert losses[-1] < 0.5 * losses[0]


def test_parts_without_sizes_are_refused():
    with pytest.raises(ValueError, match="section small is missing"):
        DiscriminatorConfig(parts="small", paper=None, small=None)
