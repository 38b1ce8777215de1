import pytest
import torch
from paper_parts import NARROW_SPEAK

from speak.models import speak
from speak.models.codes import Codes

GENERATOR = torch.Generator().manual_seed(3)
IDENTITY = torch.randn(2, 3, 32, 32, generator=GENERATOR)
POSE, EMOTION = torch.randn(2, 2, 6, 3, 32, 32, generator=GENERATOR)
AUDIO = torch.randn(2, 3200, generator=GENERATOR)


@pytest.fixture
def network() -> speak.Speak:
    torch.manual_seed(0)
    return speak.build(NARROW_SPEAK)


def test_one_frame_for_every_leading_frame(network):
    assert network(IDENTITY, POSE, EMOTION, AUDIO).shape == (2, 6, 3, 32, 32)


def test_chunks_give_what_the_whole_gives(network):
    network.eval()
    with torch.no_grad():
        whole = network(IDENTITY, POSE, EMOTION, AUDIO)
        codes, heard = network.read(IDENTITY, POSE, EMOTION), network.listen(AUDIO, 6)
        parts = [
            network.render(codes.map(lambda tensor, cut=cut: tensor[:, cut]), heard[:, cut])
            for cut in (slice(0, 2), slice(2, 3), slice(3, 6))
        ]
    assert torch.allclose(torch.cat(parts, dim=1), whole, atol=1e-4)


def test_clips_of_a_batch_do_not_mix(network):
    network.eval()
    whole = network(IDENTITY, POSE, EMOTION, AUDIO)
    alone = network(IDENTITY[1:], POSE[1:], EMOTION[1:], AUDIO[1:])
    assert torch.allclose(whole[1:], alone, atol=1e-4)


def test_each_frame_follows_its_own_leaders(network):
    network.eval()
    before = network(IDENTITY, POSE, EMOTION, AUDIO)
    for index in (1, 2):
        inputs = [IDENTITY, POSE.clone(), EMOTION.clone(), AUDIO]
        inputs[index][:, 3] += 1
        changed = (network(*inputs) - before).abs().amax(dim=(0, 2, 3, 4)) > 1e-4
        assert changed.tolist() == [False, False, False, True, False, False]


def test_sound_and_identity_change_every_frame(network):
    network.eval()
    before = network(IDENTITY, POSE, EMOTION, AUDIO)
    for inputs in [(IDENTITY + 1, POSE, EMOTION, AUDIO), (IDENTITY, POSE, EMOTION, AUDIO.flip(1))]:
        assert ((network(*inputs) - before).abs().amax(dim=(2, 3, 4)) > 1e-6).all()


def test_emotion_reaches_the_generator_through_the_editing_module_only(network):
    network.eval()
    codes = network.read(IDENTITY, POSE, EMOTION).map(lambda tensor: tensor.flatten(0, 1))
    other = Codes(codes.identity, codes.emotion + 5, codes.pose)
    styles = network.editing(codes, network.listen(AUDIO, 6).flatten(0, 1))
    assert torch.equal(network.generator(codes, styles), network.generator(other, styles))


def test_one_step_reaches_every_weight(network):
    network(IDENTITY, POSE, EMOTION, AUDIO).square().mean().backward()
    for name, weight in network.named_parameters():
        if weight.requires_grad and "masked_spec_embed" not in name:
            assert weight.grad is not None and torch.isfinite(weight.grad).all(), name
