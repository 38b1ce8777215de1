import dataclasses

import pytest
import torch
from paper_parts import FULL_IRFD, NARROW_IRFD

from speak import config as configuration
from speak.errors import UserError
from speak.losses.disentanglement import TERMS, Pairs, Shown, disentanglement_terms
from speak.losses.identity import IdentityLossConfig
from speak.losses.weighting import weighted_sum
from speak.models import irfd
from speak.models.irfd import FaceEncoders, IrfdConfig, face_parts

S, T = torch.Generator().manual_seed(1), torch.Generator().manual_seed(2)
SOURCE, TARGET = torch.randn(3, 3, 32, 32, generator=S), torch.randn(3, 3, 32, 32, generator=T)
BOTH = torch.cat([SOURCE, TARGET])
CHOICE = torch.tensor([0, 1, 2])


@pytest.fixture
def network() -> irfd.Irfd:
    torch.manual_seed(0)
    return irfd.build(NARROW_IRFD)


def test_shapes(network):
    codes = network.encode(SOURCE)
    assert codes.identity.shape == codes.emotion.shape == codes.pose.shape == (3, 12)
    assert network.decode(codes).shape == SOURCE.shape
    assert network.classifier(codes.emotion).shape == (3, 8)


def test_codes_are_summed_where_asked_for():
    network = irfd.build(dataclasses.replace(NARROW_IRFD, fusion="sum"))
    assert network.generator.generator.fusion.mlp is None
    assert network.decode(network.encode(SOURCE)).shape == SOURCE.shape


def test_full_size_shapes():
    with torch.device("meta"):
        network = irfd.build(FULL_IRFD)
        pair = torch.empty(2, 3, 256, 256)
        four = torch.cat([pair, pair])
        made = network(four, four, four, torch.empty(2, dtype=torch.long))
    assert made.source_face.shape == made.target_self.shape == (2, 3, 256, 256)
    assert made.source.identity.shape == (2, 512) and made.source_logits.shape == (2, 8)


def test_forward_is_figure_2_step_by_step(network):
    network.eval()
    made = network(BOTH, BOTH, BOTH, CHOICE)
    own, other = network.encode(SOURCE), network.encode(TARGET)
    mixed = own.swapped_each(other, CHOICE)
    face = network.decode(mixed)
    for found, expected in [
        (made.source.pose, own.pose),
        (made.source_mixed.emotion, mixed.emotion),
        (made.source_face, face),
        (made.target_face, network.decode(other.swapped_each(own, CHOICE))),
        (made.source_seen.identity, network.encode(face).identity),
        (made.source_self, network.decode(own)),
        (made.target_self, network.decode(other)),
        (made.target_logits, network.classifier(other.emotion)),
    ]:
        assert torch.allclose(found, expected, atol=1e-4)


def test_each_code_is_read_where_its_factor_is_shown(network):
    network.eval()
    elsewhere = torch.randn(6, 3, 32, 32, generator=torch.Generator().manual_seed(3))
    made = network(elsewhere, BOTH, BOTH, CHOICE)
    assert torch.allclose(made.target.identity, network.encode(elsewhere[3:]).identity, atol=1e-4)
    assert torch.allclose(made.target.pose, network.encode(TARGET).pose, atol=1e-4)


def test_one_step_reaches_every_weight(network):
    labels = torch.tensor([1, -1, 2]), torch.tensor([-1, -1, 3])
    pairs = Pairs(SOURCE, TARGET, Shown(BOTH, BOTH, BOTH), *labels, torch.tensor([True, True, False]))
    margin = IdentityLossConfig(form="triplet", margin=0.5)
    terms = disentanglement_terms(network(BOTH, BOTH, BOTH, CHOICE), pairs, margin)
    weighted_sum(terms, dict.fromkeys(TERMS, 1.0)).backward()
    for name, weight in network.named_parameters():
        assert weight.grad is not None and torch.isfinite(weight.grad).all(), name


def test_speak_keeps_the_encoders_and_nothing_else(network):
    encoders = FaceEncoders(face_parts(NARROW_IRFD).encoder)
    encoders.adopt(network.state_dict())
    assert not any(name.startswith(("generator", "classifier")) for name in encoders.state_dict())
    network.eval(), encoders.eval()
    assert torch.equal(encoders.encode(SOURCE).pose, network.encode(SOURCE).pose)


def test_encoders_of_another_size_are_refused(network):
    other = FaceEncoders(face_parts(dataclasses.replace(NARROW_IRFD, code=5)).encoder)
    with pytest.raises(UserError, match="do not fit"):
        other.adopt(network.state_dict())


def test_frozen_encoders_keep_weights_and_statistics():
    encoders = FaceEncoders(face_parts(NARROW_IRFD).encoder)
    encoders.freeze(True)
    encoders.train()
    before = {name: value.clone() for name, value in encoders.state_dict().items()}
    encoders.encode(SOURCE)
    assert all(torch.equal(before[name], value) for name, value in encoders.state_dict().items())
    assert not any(weight.requires_grad for weight in encoders.parameters())
    encoders.freeze(False)
    encoders.train()
    encoders.encode(SOURCE)
    assert all(weight.requires_grad for weight in encoders.parameters())
    assert any(not torch.equal(before[name], value) for name, value in encoders.state_dict().items())


def test_parameters_come_from_yaml():
    built = configuration.build(IrfdConfig, dataclasses.asdict(NARROW_IRFD), "test.yaml:irfd")
    assert built == NARROW_IRFD
    with pytest.raises(UserError, match="section small is missing"):
        configuration.build(IrfdConfig, dataclasses.asdict(NARROW_IRFD) | {"parts": "small"}, "test.yaml:irfd")
