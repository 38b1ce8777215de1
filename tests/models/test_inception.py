"""The features behind FID and KID, with random weights in place of the published ones."""

import numpy as np
import pytest
import torch

from speak.errors import UserError
from speak.models.inception import Inception

theirs = pytest.importorskip(
    "torch_fidelity.feature_extractor_inceptionv3", reason="torch-fidelity is not installed (extra: perceptual)"
)


@pytest.fixture(scope="module")
def network():
    """torch-fidelity's own network as its constructor leaves it."""
    torch.manual_seed(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(theirs, "load_state_dict_from_url", lambda *_, **__: {})
        patch.setattr(theirs.FeatureExtractorInceptionV3, "load_state_dict", lambda *_: None)
        return theirs.FeatureExtractorInceptionV3("random", ["2048"])


def test_features_are_those_of_torch_fidelity(network, tmp_path):
    torch.save(network.state_dict(), tmp_path / "weights.pth")
    frames = np.random.default_rng(0).integers(0, 256, (3, 64, 48, 3), dtype=np.uint8)
    features = Inception(tmp_path / "weights.pth").features(frames)
    (wanted,) = network(torch.from_numpy(frames.transpose(0, 3, 1, 2).copy()))
    assert features.shape == (3, 2048)
    np.testing.assert_allclose(features, wanted, rtol=1e-4, atol=1e-5)


def test_another_file_is_refused(tmp_path):
    (tmp_path / "weights.pth").write_bytes(b"no weights")
    with pytest.raises(UserError, match="not the Inception weights"):
        Inception(tmp_path / "weights.pth")
