"""PC-AVS, netV: who it is. A ResNeXt-50 (32x4d) that gives a vector for the style and a map for the generator."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.resnet import Bottleneck

BLOCKS = (3, 4, 6, 3)
GROUPS, GROUP_WIDTH = 32, 4
CLASSES = 5830
"""Speakers of the original's training set; the classifying head is used in training only."""
IMAGENET_CLASSES = 1000
MAP_CHANNELS, MAP_SIZE = 512, 7


class ResNeXt(nn.Module):
    """torchvision's resnext50_32x4d with its channels and groups divided by ``width``; ``fc`` is stored, not used."""

    def __init__(self, width: int = 1):
        super().__init__()
        planes = 64 // width
        self.conv1 = nn.Conv2d(3, planes, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        before = planes
        for index, count in enumerate(BLOCKS):
            stage = _stage(before, planes << index, count, stride=1 if index == 0 else 2, width=width)
            self.add_module(f"layer{index + 1}", stage)
            before = (planes << index) * Bottleneck.expansion
        self.fc = nn.Linear(before, IMAGENET_CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) to (N, 2048 / width, H / 32, W / 32)."""
        hidden = functional.relu(self.bn1(self.conv1(images)))
        hidden = functional.max_pool2d(hidden, 3, stride=2, padding=1)
        return self.layer4(self.layer3(self.layer2(self.layer1(hidden))))


def _stage(before: int, planes: int, count: int, stride: int, width: int) -> nn.Sequential:
    after = planes * Bottleneck.expansion
    shortcut = nn.Sequential(nn.Conv2d(before, after, 1, stride=stride, bias=False), nn.BatchNorm2d(after))
    # Fewer groups of the same size: a group's channels are planes * base_width / 64.
    sizes = {"groups": GROUPS // width, "base_width": GROUP_WIDTH * width}
    first = Bottleneck(before, planes, stride, shortcut, **sizes)
    return nn.Sequential(first, *(Bottleneck(after, planes, **sizes) for _ in range(count - 1)))


class IdentityEncoder(nn.Module):
    """Identity pictures to a vector, a map and class scores, each averaged over the pictures of a person.

    Args:
        width: divides the channels.
        classes: speakers that the training head tells apart.
        inputs: pictures of each person; the batch holds them one after another.
    """

    def __init__(self, width: int = 1, classes: int = CLASSES, inputs: int = 1):
        super().__init__()
        self.model = ResNeXt(width)
        features = self.model.fc.in_features
        self.conv1x1 = nn.Conv2d(features, MAP_CHANNELS // width, 1)
        self.fc = nn.Linear(features, classes)
        self.inputs = inputs

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Encode.

        Args:
            images: (B · inputs, 3, H, W) in [-1, 1] RGB.

        Returns:
            vector (B, 2048 / width), map (B, 512 / width, 7, 7), scores (B, classes).
        """
        features = self.model(images)
        reduced = functional.adaptive_avg_pool2d(self.conv1x1(features), MAP_SIZE)
        vector = self._mean(features.mean(dim=(2, 3)))
        return vector, self._mean(reduced), self.fc(vector)

    def _mean(self, encoded: Tensor) -> Tensor:
        return torch.unflatten(encoded, 0, (-1, self.inputs)).mean(dim=1)
