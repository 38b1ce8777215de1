"""Wav2Lip's networks against the same sums written here, layer by layer, from their weights."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from weight_lists import seeded

from benchmarks.methods.wav2lip_network import QualityDiscriminator, SyncExpert, Wav2Lip

WIDTH = 16
TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


class Sums:
    """Functional layers that look their weights up by key."""

    def __init__(self, state: dict[str, Tensor]):
        self.state = state

    def block(self, key: str, x: Tensor, *, stride=1, padding=1, grow=None) -> Tensor:
        """Convolution, batch statistics of evaluation mode, ReLU."""
        weight, bias = (self.state[f"{key}.conv_block.0.{part}"] for part in ("weight", "bias"))
        if grow is None:
            x = functional.conv2d(x, weight, bias, stride=stride, padding=padding)
        else:
            x = functional.conv_transpose2d(x, weight, bias, stride=stride, padding=padding, output_padding=grow)
        return torch.relu(self.normalised(key, x))

    def residual(self, key: str, x: Tensor) -> Tensor:
        weight, bias = (self.state[f"{key}.conv_block.0.{part}"] for part in ("weight", "bias"))
        return torch.relu(x + self.normalised(key, functional.conv2d(x, weight, bias, padding=1)))

    def normalised(self, key: str, x: Tensor) -> Tensor:
        scale, shift, mean, variance = (
            self.state[f"{key}.conv_block.1.{part}"][:, None, None]
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        return (x - mean) / (variance + 1e-5).sqrt() * scale + shift

    def chain(self, key: str, x: Tensor, steps: list) -> Tensor:
        """``steps``: "r" for a residual block, else (stride, padding)."""
        for index, step in enumerate(steps):
            name = f"{key}.{index}"
            x = self.residual(name, x) if step == "r" else self.block(name, x, stride=step[0], padding=step[1])
        return x


AUDIO_START = [(1, 1), "r", "r", ((3, 1), 1), "r", "r", (3, 1), "r", "r", ((3, 2), 1)]
FACE = [
    [(1, 3)], [(2, 1), "r", "r"], [(2, 1), "r", "r", "r"], [(2, 1), "r", "r"], [(2, 1), "r", "r"], [(2, 1), "r"],
    [(1, 0), (1, 0)],
]  # fmt: skip


def test_generator():
    network = Wav2Lip(WIDTH).eval()
    sums = Sums(seeded(network))
    audio, faces = 4 * torch.rand(2, 1, 80, 16) - 2, torch.rand(2, 6, 96, 96)
    seen, x = [], faces
    for index, steps in enumerate(FACE):
        x = sums.chain(f"face_encoder_blocks.{index}", x, steps)
        seen.append(x)
    assert [x.shape[-1] for x in seen] == [96, 48, 24, 12, 6, 3, 1]
    x = sums.chain("audio_encoder", audio, [*AUDIO_START, "r", (1, 0), (1, 0)])
    x = sums.chain("face_decoder_blocks.0", x, [(1, 0)])
    for index in range(1, 7):
        key, first = f"face_decoder_blocks.{index}", index == 1
        x = torch.cat((x, seen[7 - index]), 1)
        x = sums.block(f"{key}.0", x, stride=1 if first else 2, padding=0 if first else 1, grow=0 if first else 1)
        x = sums.residual(f"{key}.1", x)
        x = x if first else sums.residual(f"{key}.2", x)
    x = sums.block("output_block.0", torch.cat((x, seen[0]), 1))
    expected = torch.sigmoid(
        functional.conv2d(x, sums.state["output_block.1.weight"], sums.state["output_block.1.bias"])
    )
    with torch.no_grad():
        torch.testing.assert_close(network(audio, faces), expected, **TOLERANCE)
    assert expected.std() > 0.01


def test_clips_are_frames_side_by_side():
    network = Wav2Lip(WIDTH).eval()
    seeded(network)
    audio, faces = torch.randn(2, 5, 1, 80, 16), torch.rand(2, 6, 5, 96, 96)
    with torch.no_grad():
        whole = network(audio, faces)
        assert whole.shape == (2, 3, 5, 96, 96)
        for frame in range(5):
            torch.testing.assert_close(whole[:, :, frame], network(audio[:, frame], faces[:, :, frame]), **TOLERANCE)


def test_discriminator():
    network = QualityDiscriminator(WIDTH).eval()
    state, clips = seeded(network), torch.rand(2, 3, 3, 96, 96)
    strides = [[1], [(1, 2), 1], [2, 1], [2, 1], [2, 1], [2, 1], [1, 1]]
    judged = []
    for moment in range(3):
        for clip in range(2):
            x = clips[clip, :, moment, 48:].unsqueeze(0)
            for block, numbers in enumerate(strides):
                for index, stride in enumerate(numbers):
                    key = f"face_encoder_blocks.{block}.{index}.conv_block.0"
                    weight = state[f"{key}.weight"]
                    padding = 0 if block == 6 else weight.shape[-1] // 2
                    x = functional.conv2d(x, weight, state[f"{key}.bias"], stride=stride, padding=padding)
                    x = torch.maximum(x, 0.01 * x)
            assert x.shape[2:] == (1, 1)
            logit = (state["binary_pred.0.weight"].flatten() * x.flatten()).sum() + state["binary_pred.0.bias"]
            judged.append(1 / (1 + torch.exp(-logit)))
    with torch.no_grad():
        torch.testing.assert_close(network(clips), torch.stack(judged), **TOLERANCE)
        upper = clips.clone()
        upper[:, :, :, :48] = 0.5
        assert torch.equal(network(upper), network(clips)), "the upper half is not looked at"


def test_expert():
    network = SyncExpert(WIDTH).eval()
    sums = Sums(seeded(network))
    audio, faces = torch.randn(2, 1, 80, 16), torch.rand(2, 15, 48, 96)
    steps = [(1, 3), ((1, 2), 1), "r", "r", (2, 1), "r", "r", "r", (2, 1), "r", "r", (2, 1), "r", "r"]
    steps += [(2, 1), (1, 0), (1, 0)]
    seen = sums.chain("face_encoder", faces, steps).flatten(1)
    heard = sums.chain("audio_encoder", audio, [*AUDIO_START, "r", "r", (1, 0), (1, 0)]).flatten(1)
    with torch.no_grad():
        made = network(audio, faces)
    for ours, sums_ in zip(made, (heard, seen), strict=True):
        torch.testing.assert_close(ours, sums_ / sums_.norm(dim=1, keepdim=True), **TOLERANCE)
        assert (ours >= 0).all()


@pytest.mark.parametrize("width", [1, 4])
def test_sizes(width):
    with torch.device("meta"):
        audio, faces = torch.empty(2, 1, 80, 16), torch.empty(2, 6, 96, 96)
        assert Wav2Lip(width)(audio, faces).shape == (2, 3, 96, 96)
        assert QualityDiscriminator(width)(torch.empty(2, 3, 5, 96, 96)).shape == (10, 1)
        heard, seen = SyncExpert(width)(audio, torch.empty(2, 15, 48, 96))
        assert heard.shape == seen.shape == (2, 512 // width)
