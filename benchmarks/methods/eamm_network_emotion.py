"""EAMM, emo_detector: how an emotion displaces four of the key points that the sound gives."""

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.resnet import BasicBlock

from benchmarks.methods.eamm_network_blocks import COLOURS, KEYPOINTS, Hourglass, Quarter

FIRST, MOST, DEPTH = 32, 1024, 5
PLANES = (64, 128, 256, 512)
OCTAVES = 10
EMOTIONS = 8
NUMBERS = 6
"""Of a key point: two of its place, four of its matrix."""
ENCODED = NUMBERS * (1 + 2 * OCTAVES)
DISPLACED = 4
"""Key points 1, 4, 6 and 8."""
JOINT = 64


class EmotionDisplacement(nn.Module):
    """Emotional face and key points to displacements and the emotion's class.

    ``fc``, ``fc_n``, ``final_4`` and ``final_10`` are stored with the original's weights and not used.

    Args:
        width: divides the channels.
    """

    def __init__(self, width: int = 1):
        super().__init__()
        planes = [count // width for count in PLANES]
        features = planes[-1]
        self.predictor = Hourglass(COLOURS, FIRST // width, MOST // width, DEPTH)
        self.down = Quarter()
        self.conv1 = nn.Conv2d(self.predictor.outputs, planes[0], 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes[0])
        for index, count in enumerate(planes):
            self.add_module(f"layer{index + 1}", _stage(planes[max(index - 1, 0)], count))
        self.fc = nn.Linear(features, EMOTIONS)
        self.fc_p = _rectified(KEYPOINTS * ENCODED, 1024 // width, features)
        self.fc_n = _rectified(KEYPOINTS * NUMBERS, 128 // width, features)
        self.fc_all = _rectified(2 * features, features, 256 // width, JOINT)
        self.final = _displacement_head()
        self.final_4 = _stored_head(DISPLACED, DISPLACED)
        self.final_10 = _stored_head(2 * DISPLACED, KEYPOINTS)
        self.classify = nn.Module()
        self.classify.last_fc = nn.Linear(features, EMOTIONS)

    def feature(self, x: Tensor) -> Tensor:
        """(N, 3, 256, 256) in [0, 1] RGB to (N, 512 / width)."""
        hidden = functional.relu(self.bn1(self.conv1(self.predictor(self.down(x)))))
        hidden = functional.max_pool2d(hidden, 3, stride=2, padding=1)
        return self.layer4(self.layer3(self.layer2(self.layer1(hidden)))).mean(dim=(2, 3))

    def forward(self, x: Tensor, value: Tensor, jacobian: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """Displace.

        Args:
            x: (N, 3, 256, 256) in [0, 1] RGB, the emotional face with its mouth hidden.
            value, jacobian: (N, 10, 2) and (N, 10, 2, 2), the key points of the sound.

        Returns:
            value (N, 4, 2) and jacobian (N, 4, 2, 2) to add to key points 1, 4, 6 and 8; logits (N, 8).
        """
        face = self.feature(x)
        points = octaves(torch.cat([value, jacobian.flatten(2)], dim=2)).flatten(1)
        joint = self.fc_all(torch.cat([face, self.fc_p(points)], dim=1))
        shift = self.final(joint[:, None])
        moved = {"value": shift[..., :2], "jacobian": shift[..., 2:].unflatten(2, (2, 2))}
        return moved, self.classify.last_fc(face)


def octaves(numbers: Tensor) -> Tensor:
    """(..., D) to (..., 21 D): the numbers, then sine and cosine of 1, 2, 4, ... 512 times them."""
    parts = [numbers]
    for octave in range(OCTAVES):
        parts += [torch.sin(numbers * 2**octave), torch.cos(numbers * 2**octave)]
    return torch.cat(parts, dim=-1)


def _stage(before: int, after: int) -> nn.Sequential:
    """Two residual blocks; all stages but the first halve the size."""
    if before == after:
        return nn.Sequential(BasicBlock(after, after), BasicBlock(after, after))
    shortcut = nn.Sequential(nn.Conv2d(before, after, 1, stride=2, bias=False), nn.BatchNorm2d(after))
    return nn.Sequential(BasicBlock(before, after, 2, shortcut), BasicBlock(after, after))


def _rectified(*sizes: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers)


def _displacement_head() -> nn.Sequential:
    """(N, 1, 64) to (N, 4, 6)."""
    return nn.Sequential(
        nn.Conv1d(1, 2, 4, stride=2, padding=1),
        nn.MaxPool1d(2),
        nn.ReLU(),
        nn.Conv1d(2, DISPLACED, 4, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv1d(DISPLACED, DISPLACED, 3),
    )


def _stored_head(hidden: int, outputs: int) -> nn.Sequential:
    shrink = [nn.Conv1d(DISPLACED, hidden, 3, padding=1), nn.MaxPool1d(2), nn.ReLU()]
    return nn.Sequential(*shrink, nn.Conv1d(hidden, outputs, 3))
