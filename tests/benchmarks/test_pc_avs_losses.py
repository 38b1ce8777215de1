"""PC-AVS's losses, its judge and its disguise, by hand."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from drawn_clips import drawn_arrays

from benchmarks.training import pc_avs
from benchmarks.training.pc_avs_disguise import disguised
from benchmarks.training.pc_avs_judge import Judge, matching, parted, passing, telling


def test_contrast_by_hand():
    wanted = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    features = torch.tensor([[0.6, 0.8], [0.0, -3.0]])
    near, far, right = np.sqrt(0.8), np.sqrt(2), np.sqrt(0.4)  # distances of unit vectors on the circle
    first = -np.log(np.exp(1 / near) / (np.exp(1 / near) + np.exp(1 / far)))
    second = -np.log(np.exp(1 / 2) / (np.exp(1 / right) + np.exp(1 / 2)))
    assert float(pc_avs.contrast(wanted, features)) == pytest.approx((first + second) / 2, rel=1e-5)
    assert float(pc_avs.contrast(wanted, 7 * wanted)) == pytest.approx(0, abs=1e-6)
    assert float(pc_avs.contrast(torch.ones(3, 2), torch.ones(3, 2))) == pytest.approx(np.log(3), rel=1e-5)


def test_each_side_of_the_contrast_is_fixed_in_turn():
    mouths, sounds = (torch.randn(3, 2, 4, requires_grad=True) for _ in range(2))
    loss, figures = pc_avs.agreement(mouths, sounds)
    loss.backward()
    seen, said = mouths.detach().flatten(1), sounds.detach().flatten(1)
    wanted = 100 * (pc_avs.contrast(seen, said) + pc_avs.contrast(said, seen)) + (seen - said).abs().mean()
    assert loss.item() == pytest.approx(wanted.item(), rel=1e-5)
    alone = mouths.detach().flatten(1).requires_grad_()
    (100 * pc_avs.contrast(said, alone)).backward()  # L1 draws sounds to mouths, never mouths to sounds
    torch.testing.assert_close(mouths.grad.flatten(1), alone.grad)
    assert figures["nearness"] == pytest.approx(float((seen - said).abs().mean()))


def test_equal_features_have_a_finite_gradient():
    features = torch.ones(2, 3, requires_grad=True)
    pc_avs.contrast(torch.ones(2, 3), features).backward()
    assert torch.isfinite(features.grad).all()


def test_hinge_and_matching_by_hand():
    def seen(*judgements):
        return [[torch.full((1, 3, 2, 2), value / 10), torch.tensor([[value, value + 1]])] for value in judgements]

    real, made = seen(0.5, -1.0), seen(-2.0, 0.0)
    assert float(passing(made)) == pytest.approx(-(-1.5 + 0.5) / 2)
    # real: max(0, 1 - r) of .5, 1.5 and -1, 0; made: max(0, 1 + m) of -2, -1 and 0, 1
    assert float(telling(real, made)) == pytest.approx((0.25 + 1.5) / 2 + (0 + 1.5) / 2)
    assert float(matching(made, real)) == pytest.approx((0.25 + 0.1) / 2)
    assert float(matching(real, real)) == 0


def test_judge_has_the_published_layers():
    judge = Judge()
    weights = [(3 * 64, 64), (64 * 128, 0), (128 * 256, 0), (256 * 512, 0), (512, 1)]
    assert sum(weight.numel() for weight in judge.parameters()) == 2 * sum(16 * size + bias for size, bias in weights)
    narrow = Judge(16)
    for _ in range(40):  # the largest singular value is found by iteration
        seen = narrow(torch.zeros(1, 3, 64, 64))
    assert [[tuple(layer.shape[1:]) for layer in layers] for layers in seen] == [
        [(3, 64, 64), (4, 33, 33), (8, 17, 17), (16, 9, 9), (32, 10, 10), (1, 11, 11)],
        [(3, 32, 32), (4, 17, 17), (8, 9, 9), (16, 5, 5), (32, 6, 6), (1, 7, 7)],
    ]
    for layer in list(narrow.scales[0].layers)[1:4]:
        assert np.linalg.norm(layer[0].weight.detach().flatten(1).numpy(), 2) == pytest.approx(1, abs=0.05)


def test_judge_sees_halves_of_a_batch_alike():
    judge = Judge(16).eval()
    pictures = torch.rand(4, 3, 64, 64)
    first, second = parted(judge(pictures))
    torch.testing.assert_close(first[1][-1], judge(pictures[:2])[1][-1])
    torch.testing.assert_close(second[0][2], judge(pictures[2:])[0][2])


def test_disguise_is_the_same_for_all_frames_of_a_clip():
    frames = np.repeat(drawn_arrays(0, 1)[0][:, :224, :224], 3, axis=0)
    made = [disguised(frames, np.random.default_rng(seed)) for seed in range(8)]
    sharpened = [clip for clip in made if (clip[0] == clip[1]).all() and (clip[0] == clip[2]).all()]
    assert len(sharpened) >= 2, "blur differs from frame to frame, everything else does not"
    assert all(clip.shape == frames.shape and clip.dtype == np.uint8 for clip in made)
    np.testing.assert_array_equal(made[3], disguised(frames, np.random.default_rng(3)))
    assert all((one != other).mean() > 0.3 for one, other in pairwise(made))


def test_disguise_scales_neighbouring_colours():
    grey = np.full((2, 224, 224, 3), 100, np.uint8)
    colours = np.array([disguised(grey, np.random.default_rng(seed))[0, 100, 100] for seed in range(60)]) / 100
    assert colours.min() >= 0.29 and colours.max() <= 1.6 and (colours < 0.6).any() and (colours > 1.3).any()
    changed = {tuple(row) for row in colours != 1}
    full = {(True, False, False), (True, True, False), (True, True, True), (False, True, False), (False, True, True)}
    assert changed <= full and len(changed) >= 4
