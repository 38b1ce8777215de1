import math

import pytest
import torch

from speak.losses.contrastive import ContrastiveConfig, batch_contrastive, contrastive, pair_distances


def unit(*degrees: float) -> torch.Tensor:
    angles = torch.tensor(degrees, dtype=torch.float64) * math.pi / 180
    return torch.stack([angles.cos(), angles.sin()], dim=1)


def test_equation_11_by_hand():
    # 1/(2*3) * (0.5² + max(1.2 - 0.2, 0)² + max(1.2 - 1.5, 0)²) = (0.25 + 1.0 + 0) / 6
    loss = contrastive(torch.tensor([0.5, 0.2, 1.5]), torch.tensor([1.0, 0.0, 0.0]), 1.2)
    assert float(loss) == pytest.approx(1.25 / 6)


def test_soft_labels_mix_both_terms():
    # y = 0.25, d = 0.4, margin 1: 0.5 * (0.25 * 0.16 + 0.75 * 0.36)
    assert float(contrastive(torch.tensor([0.4]), torch.tensor([0.25]), 1.0)) == pytest.approx(0.155)


def test_distances_are_euclidean():
    video, audio = torch.randn(5, 7, dtype=torch.float64), torch.randn(6, 7, dtype=torch.float64)
    assert torch.allclose(pair_distances(video, audio), torch.cdist(video, audio), atol=1e-6)


def test_batch_with_one_negative_each_is_the_equation():
    video, audio = unit(0, 90), unit(20, 70)
    negatives = ~torch.eye(2, dtype=torch.bool)
    config = ContrastiveConfig(margin=1.5, negative_weight=1.0, hardest=1.0)
    chord = [2 * math.sin(math.radians(a) / 2) for a in (20, 20, 70, 70)]
    # both off-diagonal pairs are seen from either side, which leaves their mean as it is
    expected = 0.5 * chord[0] ** 2 + 0.5 * (1.5 - chord[2]) ** 2
    assert float(batch_contrastive(video, audio, negatives, config)) == pytest.approx(expected, abs=1e-9)


def test_zero_at_perfect_and_gradient_finite_there():
    video = unit(0, 180).requires_grad_()
    config = ContrastiveConfig(margin=1.9, negative_weight=1.0, hardest=1.0)
    loss = batch_contrastive(video, video.detach().clone(), ~torch.eye(2, dtype=torch.bool), config)
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-9) and torch.isfinite(video.grad).all()


def test_only_the_hardest_allowed_pairs_count():
    video, audio = unit(0, 0, 0), unit(0, 30, 180)
    allowed = torch.tensor([[0, 1, 1], [1, 0, 1], [1, 1, 0]], dtype=torch.bool)
    nearest = ContrastiveConfig(margin=2.0, negative_weight=1.0, hardest=0.5)
    chord = 2 * math.sin(math.radians(15))
    matching = 0.5 * (0 + chord**2 + 4) / 3
    # rows (per video): nearest other sound is 30°, 0°, 0° away; columns (per sound): 0°, 30°, 180°
    apart = 0.5 * sum((2.0 - d) ** 2 for d in (chord, 0, 0, 0, chord, 2.0)) / 6
    loss = float(batch_contrastive(video, audio, allowed, nearest))
    assert loss == pytest.approx(matching + apart, abs=1e-5)


def test_pairs_not_allowed_have_no_influence():
    generator = torch.Generator().manual_seed(0)
    video = torch.randn(4, 3, generator=generator, dtype=torch.float64)
    audio = torch.randn(4, 3, generator=generator, dtype=torch.float64)
    config = ContrastiveConfig(margin=9.0, negative_weight=1.0, hardest=1.0)
    allowed = ~torch.eye(4, dtype=torch.bool)
    allowed[0, 1:] = allowed[1:, 0] = False
    before = batch_contrastive(video, audio, allowed, config)
    shifted = video.clone()
    shifted[0] += 0.1
    change = batch_contrastive(shifted, audio, allowed, config) - before
    own = sum(
        sign * contrastive((codes - audio).norm(dim=1), torch.ones(4), 9.0)
        for sign, codes in ((1, shifted), (-1, video))
    )
    assert float(change) == pytest.approx(float(own), abs=1e-9)
