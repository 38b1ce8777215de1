import copy

import pytest
import torch
import torchvision
from torch import nn

from speak.errors import UserError
from speak.losses import perceptual
from speak.losses.distance import distance
from speak.losses.perceptual import PerceptualConfig, perceptual_loss
from speak.models.irfd import FaceEncoders


def tiny_encoders() -> FaceEncoders:
    torch.manual_seed(0)
    return FaceEncoders(lambda factor: nn.Linear(5, 3))


class TwoDepths(nn.Module):
    def forward(self, frame):
        return [(1.0, frame), (0.5, 2 * frame)]


def test_weighted_distances_by_hand():
    # every element differs by 0.3 and by 0.6: 0.3 + 0.5 * 0.6
    loss = perceptual_loss(TwoDepths(), torch.full((2, 7), 0.3), torch.zeros(2, 7))
    assert float(loss) == pytest.approx(0.6)


def test_encoders_see_the_frame_and_its_codes():
    encoders = tiny_encoders()
    features = perceptual.build(PerceptualConfig(features="encoders", weights=None), copy.deepcopy(encoders))
    made, real = torch.randn(2, 5), torch.randn(2, 5)
    # A code weighs a tenth of the frame: with equal weights the three codes outvoted it (docs/log.md).
    expected = distance(made, real).mean() + 0.1 * sum(
        distance(layer(made), layer(real)).mean()
        for layer in (encoders.identity_encoder, encoders.emotion_encoder, encoders.pose_encoder)
    )
    assert perceptual_loss(features, made, real).item() == pytest.approx(expected.item())
    assert not any(weight.requires_grad for weight in features.parameters())


def test_zero_and_finite_gradient_at_perfect():
    features = perceptual.build(PerceptualConfig(features="encoders", weights=None), tiny_encoders())
    made = torch.randn(2, 5, requires_grad=True)
    loss = perceptual_loss(features, made, made.detach().clone())
    loss.backward()
    assert loss.item() == 0.0 and torch.isfinite(made.grad).all()


def test_untrained_encoders_and_missing_weights_are_refused(tmp_path):
    with pytest.raises(UserError, match="train IRFD first"):
        perceptual.build(PerceptualConfig(features="encoders", weights=None), None)
    with pytest.raises(UserError, match="no VGG19 weights here"):
        perceptual.build(PerceptualConfig(features="vgg19", weights=str(tmp_path / "vgg19.pth")), None)
    with pytest.raises(ValueError, match="needs a weights file"):
        PerceptualConfig(features="vgg19", weights=None)
    torch.save({"features.0.weight": torch.zeros(1)}, tmp_path / "other.pth")
    (tmp_path / "text.pth").write_text("<html>not found</html>")
    for name in ("other.pth", "text.pth"):
        with pytest.raises(UserError, match="not VGG19 weights"):
            perceptual.build(PerceptualConfig(features="vgg19", weights=str(tmp_path / name)), None)


def test_vgg_features_are_those_of_torchvision(tmp_path):
    torch.manual_seed(0)
    vgg = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["E"]).eval()
    torch.save({f"features.{name}": value for name, value in vgg.state_dict().items()}, tmp_path / "vgg19.pth")
    features = perceptual.build(PerceptualConfig(features="vgg19", weights=str(tmp_path / "vgg19.pth")), None)
    picture = torch.rand(1, 3, 32, 32)
    normal = torchvision.transforms.functional.normalize(picture, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    seen = features(picture * 2 - 1)
    for (_, found), depth in zip(seen, (2, 7, 12, 21, 30), strict=True):
        assert torch.allclose(found, vgg[:depth](normal), atol=1e-5)
    made = picture.clone().requires_grad_()
    perceptual_loss(features, made, torch.rand(1, 3, 32, 32)).backward()
    assert torch.isfinite(made.grad).all() and made.grad.abs().sum() > 0
