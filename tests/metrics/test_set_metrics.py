"""Fréchet and kernel distance against torchmetrics on seeded random features, and by hand."""

import numpy as np
import pytest
import torch

from speak.metrics.frechet import frechet_distance
from speak.metrics.kernel_distance import kernel_distance

WIDTH = 12


class Flat(torch.nn.Module):
    """In torchmetrics' place of the Inception network: features are the pictures' own numbers."""

    num_features = WIDTH

    def forward(self, pictures):
        return pictures.flatten(1)[:, :WIDTH]


def sets(n, m, seed=0):
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(WIDTH, WIDTH))
    return rng.normal(size=(n, WIDTH)).astype(np.float32), (rng.normal(size=(m, WIDTH)) @ mix + 0.5).astype(np.float32)


def theirs(metric, one, other):
    def as_pictures(rows):
        return torch.from_numpy(rows).view(len(rows), 3, 2, 2)

    metric.update(as_pictures(one), real=True)
    metric.update(as_pictures(other), real=False)
    return metric.compute()


@pytest.mark.parametrize("sizes", [(60, 45), (8, 9), (500, 6)])
def test_frechet_equals_torchmetrics(sizes):
    image = pytest.importorskip("torchmetrics.image.fid", reason="torchmetrics is not installed (extra: dev)")
    metric = image.FrechetInceptionDistance(feature=Flat(), input_img_size=(3, 2, 2), normalize=True).set_dtype(
        torch.float64
    )
    one, other = sets(*sizes)
    assert frechet_distance(one, other) == pytest.approx(float(theirs(metric, one, other)), rel=1e-4)


@pytest.mark.filterwarnings("ignore:Metric `Kernel")
def test_kernel_equals_torchmetrics():
    image = pytest.importorskip("torchmetrics.image.kid", reason="torchmetrics is not installed (extra: dev)")
    one, other = sets(50, 50)
    metric = image.KernelInceptionDistance(feature=Flat(), subsets=1, subset_size=50, normalize=True)
    assert kernel_distance(one, other) == pytest.approx(float(theirs(metric, one, other)[0]), rel=1e-4)


def test_frechet_by_hand():
    """In one dimension: (0 - 3)² + (1 - 2)² for deviations 1 and 2."""
    one, other = np.array([[-1.0], [0], [1]]), np.array([[1.0], [3], [5]])
    assert frechet_distance(one, other) == pytest.approx(10.0)
    assert frechet_distance(one, one) == pytest.approx(0.0, abs=1e-12)


def test_kernel_by_hand():
    """Rows 0 and 1 against 2 and 2 in one dimension: kernels (xy + 1)³."""
    one, other = np.array([[0.0], [1.0]]), np.array([[2.0], [2.0]])
    assert kernel_distance(one, other) == pytest.approx(1 + 125 - 2 * (1 + 27) / 2)


def test_kernel_has_no_bias_and_frechet_has():
    same = [sets(6, 6, seed)[0] for seed in range(300)]
    kernel = [kernel_distance(a, b) for a, b in zip(same[::2], same[1::2], strict=True)]
    assert abs(np.mean(kernel)) < 4 * np.std(kernel) / np.sqrt(len(kernel))
    assert np.mean([frechet_distance(a, b) for a, b in zip(same[::2], same[1::2], strict=True)]) > 1


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
def test_one_row_is_too_few(distance):
    with pytest.raises(ValueError, match="two rows"):
        distance(np.ones((1, 3)), np.ones((5, 3)))
