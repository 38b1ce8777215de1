"""EAMM's losses and random warps, by hand."""

import numpy as np
import pytest
import torch

from benchmarks.training import eamm_losses
from benchmarks.training.eamm_warps import Warp
from benchmarks.training.looks import Pixels


def key_points(seed: int, count: int = 3, points: int = 10) -> dict[str, torch.Tensor]:
    rng = np.random.default_rng(seed)
    shapes = {"value": (count, points, 2), "jacobian": (count, points, 2, 2), "heatmap": (count, points, 5, 5)}
    made = {name: torch.from_numpy(rng.uniform(-0.5, 0.5, shape)).float() for name, shape in shapes.items()}
    return {**made, "jacobian": made["jacobian"] + torch.eye(2)}


def random_warp(count: int) -> Warp:
    torch.manual_seed(3)
    return Warp.random(count, torch.device("cpu"))


def test_warp_by_hand():
    """Affine part, and the spline r² log r of the distance |x| + |y| from 25 points, the same for x and y."""
    warp = random_warp(2)
    point = np.array([0.3, -0.7])
    spread = np.linspace(-1, 1, 5)
    anchors = np.array([(x, y) for y in spread for x in spread])
    distance = np.abs(point - anchors).sum(axis=1)
    for index in range(2):
        shift = (distance**2 * np.log(distance + 1e-6) * warp.pulls[index].numpy()).sum()
        matrix = warp.affine[index].numpy()
        found = warp.points(torch.tensor(point, dtype=torch.float32).expand(2, 1, 2))[index, 0]
        np.testing.assert_allclose(found, matrix[:, :2] @ point + matrix[:, 2] + shift, atol=1e-5)


def test_warp_derivative_is_that_of_autograd():
    warp = random_warp(1)
    points = key_points(1, count=1)["value"]
    found = warp.jacobian(points)
    for index in range(points.shape[1]):
        wanted = torch.autograd.functional.jacobian(lambda own: warp.points(own[None, None])[0, 0], points[0, index])
        torch.testing.assert_close(found[0, index], wanted, atol=1e-5, rtol=1e-4)


def test_warped_picture_shows_what_lies_at_the_warped_place():
    """A shift by exactly one pixel pitch; the grid's ends are pixels' centres, the lookup's are the picture's edges."""
    height = width = 9
    affine = torch.tensor([[[8 / 9, 0, 2 / 9], [0, 8 / 9, 0]]])
    picture = torch.rand(1, 3, height, width)
    shifted = Warp(affine, torch.zeros(1, 25)).pictures(picture)
    torch.testing.assert_close(shifted[..., :-1], picture[..., 1:], atol=1e-5, rtol=0)


def test_equivariance_is_nothing_for_points_that_move_along():
    warp, warped = random_warp(3), key_points(4)
    own = {"value": warp.points(warped["value"]), "jacobian": warp.jacobian(warped["value"]) @ warped["jacobian"]}
    assert sum(eamm_losses.equivariance_terms(warp, own, warped).values()) < 1e-4
    off = eamm_losses.equivariance_terms(warp, {**own, "value": own["value"] + 0.1}, warped)
    assert float(off["equivariance_value"]) == pytest.approx(10 * 0.1, rel=1e-3)
    twice = eamm_losses.equivariance_terms(warp, {**own, "jacobian": own["jacobian"] * 2}, warped)
    assert float(twice["equivariance_jacobian"]) == pytest.approx(10 * 0.25, rel=1e-3)  # half of the identity is off


def test_speech_loss_by_hand():
    seen, heard = key_points(5), key_points(6)
    found = eamm_losses.speech_terms(seen, heard)
    for name, weight in (("value", 10), ("heatmap", 1000), ("jacobian", 10)):
        wanted = weight * np.abs(seen[name].numpy() - heard[name].numpy()).mean()
        assert float(found[name]) == pytest.approx(wanted, rel=1e-5)
    assert not any(eamm_losses.speech_terms(seen, seen).values())


def test_emotion_loss_by_hand():
    """Point after point, as the authors add them up."""
    seen, heard, displaced = key_points(7), key_points(8), key_points(9, points=4)
    found = eamm_losses.emotion_terms(seen, heard, displaced)
    for name in ("value", "jacobian"):
        parts = [
            np.abs((seen[name][:, point] - heard[name][:, point] - displaced[name][:, index]).numpy()).mean()
            for index, point in enumerate((1, 4, 6, 8))
        ]
        assert float(found[name]) == pytest.approx(10 * sum(parts), rel=1e-5)
    exact = {name: (seen[name] - heard[name])[:, [1, 4, 6, 8]] for name in ("value", "jacobian")}
    assert sum(eamm_losses.emotion_terms(seen, heard, exact).values()) < 1e-5


def test_looks_are_compared_at_four_sizes_without_weights():
    rng = np.random.default_rng(0)
    made, real = (torch.from_numpy(rng.uniform(size=(2, 3, 128, 128))).float() for _ in range(2))
    means, difference = [], (made - real).numpy() * 2
    for _ in range(7):
        means.append(np.abs(difference).mean())
        difference = difference.reshape(2, 3, len(difference[0, 0]) // 2, 2, -1, 2).mean(axis=(3, 5))
    wanted = sum(sum(means[size : size + 4]) for size in range(4))
    assert float(eamm_losses.unlikeness(Pixels(), made, real)) == pytest.approx(wanted, rel=1e-4)
    assert float(eamm_losses.unlikeness(Pixels(), real, real)) == 0
