"""Our LPIPS against the authors' package: its own linear weights, a seeded random AlexNet under both."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision

from speak.assets import ASSETS
from speak.errors import UserError
from speak.files import sha256_of
from speak.models.lpips import load_lpips

lpips = pytest.importorskip("lpips", reason="the lpips package is not installed (extra: dev)")


@pytest.fixture(scope="module")
def linear():
    path = Path(lpips.__file__).parent / "weights/v0.1/alex.pth"
    assert sha256_of(path) == ASSETS["lpips_alex"].sha256
    return path


@pytest.fixture(scope="module")
def alexnet(tmp_path_factory):
    torch.manual_seed(3)
    path = tmp_path_factory.mktemp("alexnet") / "alexnet.pth"
    torch.save(torchvision.models.alexnet(weights=None).state_dict(), path)
    return path


@pytest.fixture(scope="module")
def theirs(alexnet):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = lpips.LPIPS(net="alex", pnet_rand=True, verbose=False)
    state = torch.load(alexnet, weights_only=True)
    for part in (network.net.slice1, network.net.slice2, network.net.slice3, network.net.slice4, network.net.slice5):
        part.load_state_dict({name: state[f"features.{name}"] for name in part.state_dict()})
    return network


def test_equals_the_package(alexnet, linear, theirs):
    rng = np.random.default_rng(0)
    one = rng.integers(0, 256, (3, 96, 128, 3), dtype=np.uint8)
    other = np.clip(one + rng.normal(0, 25, one.shape), 0, 255).astype(np.uint8)
    ours = load_lpips(alexnet, linear).distances(one, other)
    signal = [torch.from_numpy(part.transpose(0, 3, 1, 2).copy()).float() / 127.5 - 1 for part in (one, other)]
    with torch.inference_mode():
        wanted = theirs(*signal).flatten().numpy()
    assert wanted.min() > 1e-4
    np.testing.assert_allclose(ours, wanted, rtol=1e-5)


def test_equal_frames_and_batches(alexnet, linear):
    network = load_lpips(alexnet, linear)
    frames = np.random.default_rng(1).integers(0, 256, (19, 64, 64, 3), dtype=np.uint8)
    assert (network.distances(frames, frames) == 0).all()
    ways = network.distances(frames, frames[::-1]), network.distances(frames[::-1], frames)
    np.testing.assert_allclose(*ways, rtol=1e-6)
    alone = [network.distances(frames[i : i + 1], frames[::-1][i : i + 1])[0] for i in (0, 17)]
    np.testing.assert_allclose(ways[0][[0, 17]], alone, rtol=1e-5)
    assert network.distances(frames[:0], frames[:0]).shape == (0,)


def test_other_files_are_refused(alexnet, tmp_path):
    (tmp_path / "damaged.pth").write_bytes(b"no weights")
    with pytest.raises(UserError, match="not LPIPS's weights"):
        load_lpips(alexnet, tmp_path / "damaged.pth")
    with pytest.raises(UserError, match="not LPIPS's weights"):
        load_lpips(alexnet, alexnet)
