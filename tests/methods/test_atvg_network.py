"""ATVG's networks against loops over time written here, and its recurrence against PyTorch's GRU."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from weight_lists import seeded

from benchmarks.methods.atvg_network import AtNet, ConvGru, VgNet

WIDTH = 16
TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


class Sums:
    """Functional layers that look their weights up by key."""

    def __init__(self, state: dict[str, Tensor]):
        self.state = state

    def normalised(self, key: str, x: Tensor) -> Tensor:
        scale, shift, mean, variance = (
            self.state[f"{key}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
        )
        return functional.batch_norm(x, mean, variance, scale, shift, training=False)

    def conv(self, key: str, x: Tensor, stride: int = 1, padding: int = 1) -> Tensor:
        """Convolution without bias, normalisation, ReLU."""
        x = functional.conv2d(x, self.state[f"{key}.0.weight"], stride=stride, padding=padding)
        return torch.relu(self.normalised(f"{key}.1", x))

    def double(self, stem: str, index: int, x: Tensor) -> Tensor:
        """Transposed convolution, normalisation, ReLU, at two neighbouring indices."""
        weight, bias = self.state[f"{stem}.{index}.weight"], self.state.get(f"{stem}.{index}.bias")
        x = functional.conv_transpose2d(x, weight, bias, stride=2, padding=1, output_padding=1)
        return torch.relu(self.normalised(f"{stem}.{index + 1}", x))

    def linear(self, key: str, x: Tensor) -> Tensor:
        return x @ self.state[f"{key}.weight"].T + self.state[f"{key}.bias"]

    def with_bias(self, key: str, x: Tensor, padding: int) -> Tensor:
        return functional.conv2d(x, self.state[f"{key}.weight"], self.state[f"{key}.bias"], padding=padding)


def test_at_net():
    network = AtNet(WIDTH).eval()
    sums = Sums(seeded(network))
    example, audio = torch.randn(2, 6), torch.randn(2, 4, 28, 12)
    identity = torch.relu(sums.linear("lmark_encoder.2", torch.relu(sums.linear("lmark_encoder.0", example))))
    states = [[torch.zeros(2, 256 // WIDTH)] * 2 for _ in range(3)]
    outputs = []
    for moment in range(4):
        x = sums.conv("audio_eocder.1", sums.conv("audio_eocder.0", audio[:, moment][:, None]))
        x = functional.max_pool2d(x, 3, stride=(1, 2))
        for index in (3, 4, 5):
            x = sums.conv(f"audio_eocder.{index}", x)
        x = functional.max_pool2d(x, 3, stride=(2, 2))
        assert x.shape[2:] == (12, 2)
        x = torch.relu(sums.linear("audio_eocder_fc.0", x.flatten(1)))
        x = torch.cat([identity, torch.relu(sums.linear("audio_eocder_fc.2", x))], 1)
        for layer in range(3):
            hidden, cell = states[layer]
            gates = sum(
                value @ sums.state[f"lstm.weight_{path}_l{layer}"].T + sums.state[f"lstm.bias_{path}_l{layer}"]
                for path, value in (("ih", x), ("hh", hidden))
            )
            take, keep, new, give = gates.chunk(4, 1)
            cell = torch.sigmoid(keep) * cell + torch.sigmoid(take) * torch.tanh(new)
            x = torch.sigmoid(give) * torch.tanh(cell)
            states[layer] = [x, cell]
        outputs.append(sums.linear("lstm_fc.0", x))
    with torch.no_grad():
        torch.testing.assert_close(network(example, audio), torch.stack(outputs, 1), **TOLERANCE)


def test_recurrence_at_one_pixel_is_a_gru():
    """On 1x1 pictures a padded convolution sees its middle tap only."""
    ours, theirs = ConvGru(3, 5), nn.GRU(3, 5)
    with torch.no_grad():
        for name, weight in ours.named_parameters():
            middle = weight[..., 1, 1] if weight.ndim == 4 else weight
            getattr(theirs, name).copy_(middle)
        inputs = torch.randn(6, 2, 3)
        torch.testing.assert_close(ours(inputs[..., None, None])[..., 0, 0], theirs(inputs)[0], **TOLERANCE)


def test_recurrence_reaches_two_pixels():
    inputs = torch.zeros(1, 1, 1, 7, 7)
    cell = ConvGru(1, 1)
    with torch.no_grad():
        quiet = cell(inputs)
        inputs[..., 3, 3] = 1.0
        moved = (cell(inputs) - quiet)[0, 0, 0].abs() > 1e-7
    assert moved.nonzero().tolist() == [[y, x] for y in (1, 3, 5) for x in (1, 3, 5)]


def vg_frame(sums: Sums, image: Tensor, landmark: Tensor, example: Tensor, state: Tensor) -> tuple[Tensor, ...]:
    """One moment of a batch of 1: frame, attention, colour, landmarks' attention, and the recurrence's next state."""
    x = sums.conv("image_encoder1.1", functional.pad(image, (3, 3, 3, 3), mode="reflect"), padding=0)
    shallow = sums.conv("image_encoder1.3", sums.conv("image_encoder1.2", x, stride=2), stride=2)
    deep = sums.conv("image_encoder2.1", sums.conv("image_encoder2.0", shallow, stride=2), stride=2)
    drawn = [
        sums.conv("landmark_encoder_stage2.0", torch.relu(sums.linear("landmark_encoder.0", points)).view(1, 1, 8, 8))
        for points in (landmark, example)
    ]
    where = sums.double("lmark_att", 3, sums.double("lmark_att", 0, torch.cat(drawn, 1)))
    where = torch.sigmoid(sums.with_bias("lmark_att.6.0", where, 1))
    moved, still = (sums.conv("lmark_feature.0", features) for features in drawn)
    x = sums.conv("bottle_neck.0", torch.cat([deep, moved - still], 1))
    state = x = gru_step(sums.state, x, state)
    for index in range(9):
        key = f"generator1.{index}.conv_block"
        inner = functional.conv2d(x, sums.state[f"{key}.0.weight"], padding=1)
        inner = functional.conv2d(
            torch.relu(sums.normalised(f"{key}.1", inner)), sums.state[f"{key}.4.weight"], padding=1
        )
        x = x + sums.normalised(f"{key}.5", inner)
    x = sums.double("generator1", 12, sums.double("generator1", 9, x))
    x = sums.double("base", 3, sums.double("base", 0, shallow * (1 - where) + x * where))
    colour = torch.tanh(sums.with_bias("generator_color.0", x, 3))
    attention = torch.sigmoid(sums.with_bias("generator_attention.0", x, 3))
    return attention * colour + (1 - attention) * image, attention, colour, where, state


def gru_step(state: dict[str, Tensor], x: Tensor, hidden: Tensor) -> Tensor:
    given, kept = (
        functional.conv2d(
            functional.pad(value, (2, 2, 2, 2)), state[f"convGRU.weight_{path}_l0"], state[f"convGRU.bias_{path}_l0"],
            dilation=2,
        ).chunk(3, 1)
        for path, value in (("ih", x), ("hh", hidden))
    )  # fmt: skip
    reset, update = (torch.sigmoid(given[gate] + kept[gate]) for gate in range(2))
    return (1 - update) * torch.tanh(given[2] + reset * kept[2]) + update * hidden


def test_vg_net_recurs_over_the_clips_of_a_batch():
    network = VgNet(WIDTH).eval()
    sums = Sums(seeded(network))
    images, landmarks, examples = torch.rand(2, 3, 128, 128) * 2 - 1, torch.randn(2, 3, 136), torch.randn(2, 136)
    with torch.no_grad():
        made = network(images, landmarks, examples)
    for moment in range(3):
        state = torch.zeros(1, 512 // WIDTH, 8, 8)
        for clip in range(2):
            *expected, state = vg_frame(
                sums, images[clip : clip + 1], landmarks[clip, moment][None], examples[clip : clip + 1], state
            )
            for ours, loop in zip(made, expected, strict=True):
                torch.testing.assert_close(ours[clip, moment], loop[0], **TOLERANCE)


def test_frames_of_one_identity_are_independent():
    network = VgNet(WIDTH).eval()
    seeded(network)
    image, landmarks, example = torch.rand(1, 3, 128, 128), torch.randn(1, 4, 136), torch.randn(1, 136)
    with torch.no_grad():
        whole = network(image, landmarks, example)[0]
        parts = [network(image, part, example)[0] for part in landmarks.split(3, dim=1)]
    torch.testing.assert_close(whole, torch.cat(parts, 1), **TOLERANCE)


def test_full_size():
    with torch.device("meta"):
        assert AtNet()(torch.empty(2, 6), torch.empty(2, 5, 28, 12)).shape == (2, 5, 6)
        made = VgNet()(torch.empty(2, 3, 128, 128), torch.empty(2, 5, 136), torch.empty(2, 136))
    assert [tuple(part.shape) for part in made] == [
        (2, 5, 3, 128, 128), (2, 5, 1, 128, 128), (2, 5, 3, 128, 128), (2, 5, 1, 32, 32)
    ]  # fmt: skip
