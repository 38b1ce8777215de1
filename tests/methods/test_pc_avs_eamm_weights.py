"""PC-AVS and EAMM at their published sizes: names, shapes and types of the weights, and of what goes in and out."""

import gzip
import json
from pathlib import Path

import pytest
import torch

from benchmarks.methods.networks import NETWORKS
from benchmarks.methods.weights import load_weights
from speak.errors import UserError

MANIFESTS = Path(__file__).parent / "manifests"
NAMES = [
    "pcavs_netG",
    "pcavs_netV",
    "pcavs_netE",
    "pcavs_netA_sync",
    "eamm_generator",
    "eamm_kp_detector",
    "eamm_kp_detector_a",
    "eamm_audio_feature",
    "eamm_emo_detector",
]
POINTS = {"value": torch.zeros(1, 10, 2), "jacobian": torch.eye(2).expand(1, 10, 2, 2)}


def manifest(name):
    return json.loads(gzip.decompress((MANIFESTS / f"{name}.json.gz").read_bytes()))


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_those_of_the_published_files(name):
    network = NETWORKS[name]()
    wanted = manifest(name)
    found = [[key, list(tensor.shape), str(tensor.dtype)] for key, tensor in network.state_dict().items()]
    assert found == [
        [key, shape, f"torch.{dtype.removeprefix('torch.')}"] for key, shape, dtype in wanted["parameters"]
    ]
    assert [key for key, _ in network.named_buffers()] == wanted["buffers"]


@pytest.mark.parametrize("name", ["eamm_kp_detector_a", "eamm_audio_feature", "eamm_emo_detector"])
def test_unused_weights_do_not_matter(name):
    """Not a number in every unused weight leaves the result finite; one in the others would not."""
    network, unused = NETWORKS[name](width=8).eval(), manifest(name)["unused"]
    with torch.no_grad():
        for key, tensor in network.state_dict().items():
            if any(key.startswith(start.removesuffix("*")) for start in unused) and tensor.is_floating_point():
                tensor.fill_(torch.nan)
        inputs = {
            "eamm_kp_detector_a": (torch.zeros(1, 7, 64, 64),),
            "eamm_audio_feature": (torch.zeros(1, 3, 256, 256), torch.zeros(1, 2, 28, 12), torch.zeros(1, 2, 6)),
            "eamm_emo_detector": (torch.zeros(1, 3, 256, 256), *POINTS.values()),
        }
        result = network(*inputs[name])
    for tensor in leaves(result):
        assert torch.isfinite(tensor).all()


def test_a_head_for_other_speakers_is_left_out(tmp_path, monkeypatch):
    """The identity encoder's file may have been trained with any number of them; all else must fit."""
    monkeypatch.setenv("SPEAK_CACHE", str(tmp_path))
    theirs, ours = NETWORKS["pcavs_netV"](width=32, classes=5), NETWORKS["pcavs_netV"](width=32, classes=3)
    torch.save(theirs.state_dict(), tmp_path / "weights.pth")
    assert load_weights(ours, tmp_path / "weights.pth", "pcavs_netV") == ["fc.weight", "fc.bias"]
    assert torch.equal(ours.model.conv1.weight, theirs.model.conv1.weight)
    torch.save({**theirs.state_dict(), "model.fc.bias": torch.zeros(7)}, tmp_path / "weights.pth")
    with pytest.raises(UserError, match=r"model\.fc\.bias is 7 where 1000 is wanted$"):
        load_weights(ours, tmp_path / "weights.pth", "pcavs_netV")


def leaves(result):
    if isinstance(result, torch.Tensor):
        return [result]
    values = result.values() if isinstance(result, dict) else result
    return [leaf for value in values for leaf in leaves(value)]


FULL_SIZE = {
    "pcavs_netG": (
        lambda: ([torch.zeros(1, 2560)], torch.zeros(1, 512, 7, 7)),
        [(1, 3, 224, 224), *[(1, 1, count, 1, 1) for count in (512, 512, 512, 512, 256, 128)]],
    ),
    "pcavs_netV": (lambda: (torch.zeros(1, 3, 224, 224),), [(1, 2048), (1, 512, 7, 7), (1, 5830)]),
    "pcavs_netE": (lambda: (torch.zeros(1, 3, 224, 224),), [(1, 512), (1, 5830)]),
    "pcavs_netA_sync": (lambda: (torch.zeros(2, 1, 80, 20),), [(2, 512), (2, 5830)]),
    "eamm_generator": (
        lambda: (torch.zeros(1, 3, 256, 256), POINTS, POINTS),
        [(1, 3, 256, 256), (1, 3, 256, 256), (1, 11, 3, 64, 64), (1, 11, 64, 64), (1, 1, 64, 64)],
    ),
    "eamm_kp_detector": (lambda: (torch.zeros(1, 3, 256, 256),), [(1, 10, 2), (1, 10, 58, 58), (1, 10, 2, 2)]),
    "eamm_kp_detector_a": (lambda: (torch.zeros(1, 35, 64, 64),), [(1, 10, 2), (1, 10, 58, 58), (1, 10, 2, 2)]),
    "eamm_audio_feature": (
        lambda: (torch.zeros(1, 3, 256, 256), torch.zeros(1, 3, 28, 12), torch.zeros(1, 3, 6)),
        [(1, 3, 35, 64, 64)],
    ),
    "eamm_emo_detector": (
        lambda: (torch.zeros(1, 3, 256, 256), *POINTS.values()),
        [(1, 4, 2), (1, 4, 2, 2), (1, 8)],
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_one_forward_pass_at_full_size(name):
    make_inputs, shapes = FULL_SIZE[name]
    network = NETWORKS[name]().eval()
    with torch.inference_mode():
        result = network(*make_inputs())
    assert [tuple(tensor.shape) for tensor in leaves(result)] == shapes
    assert all(torch.isfinite(tensor).all() for tensor in leaves(result))


@pytest.mark.parametrize("name", NAMES)
def test_width_divides_the_weights(name):
    full, narrow = NETWORKS[name](), NETWORKS[name](width=4)
    assert list(narrow.state_dict()) == list(full.state_dict())
    counts = [sum(parameter.numel() for parameter in network.parameters()) for network in (narrow, full)]
    assert counts[0] < counts[1] / 3


def test_speaker_heads_and_picture_size_can_be_small():
    """The parts fit together at any width, with few speakers and small pictures."""
    generator = NETWORKS["pcavs_netG"](width=16, size=56)
    identity = NETWORKS["pcavs_netV"](width=16, classes=3)
    motion = NETWORKS["pcavs_netE"](width=16, classes=3, size=64)
    speech = NETWORKS["pcavs_netA_sync"](width=16, classes=3)
    for network in (generator, identity, motion, speech):
        network.eval()
    pictures = torch.zeros(2, 3, 64, 64)
    vector, features, scores = identity(pictures)
    mouth = motion.mouth_embed(1.2 * speech.forward_feature(torch.zeros(2, 1, 80, 20)))
    picture, _ = generator([torch.cat([vector, mouth, motion.headpose(pictures)], dim=1)], features)
    assert picture.shape == (2, 3, 56, 56) and scores.shape == (2, 3)
