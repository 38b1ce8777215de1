"""PC-AVS, netE: what a face does. A face-alignment hourglass whose feature is split into mouth and head pose."""

import torch
from torch import Tensor, nn
from torch.nn import functional

FEATURES = 512
POSE = 12
LANDMARKS = 68
DEPTH = 4
CLASSES = 5830


class Branches(nn.Module):
    """Three chained 3x3 convolutions of 1/2, 1/4 and 1/4 of the channels, joined and added to the input.

    Each is normalised and rectified before it, as in the face-alignment network (Bulat and Tzimiropoulos 2017).
    """

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        half, quarter = outputs // 2, outputs // 4
        for index, (before, after) in enumerate([(inputs, half), (half, quarter), (quarter, quarter)], start=1):
            self.add_module(f"bn{index}", nn.BatchNorm2d(before))
            self.add_module(f"conv{index}", nn.Conv2d(before, after, 3, padding=1, bias=False))
        if inputs != outputs:
            shortcut = nn.Conv2d(inputs, outputs, 1, bias=False)
            self.downsample = nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU(), shortcut)
        else:
            self.downsample = nn.Identity()

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H, W)."""
        first = self.conv1(functional.relu(self.bn1(inputs)))
        second = self.conv2(functional.relu(self.bn2(first)))
        third = self.conv3(functional.relu(self.bn3(second)))
        return torch.cat([first, second, third], dim=1) + self.downsample(inputs)


class Hourglass(nn.Module):
    """Four nested halvings; level 4 is the outermost. The upper branch loses half its values in training."""

    DROPOUT = 0.5

    def __init__(self, channels: int):
        super().__init__()
        self.dropout = nn.Dropout(self.DROPOUT)
        for level in range(DEPTH, 0, -1):
            self.add_module(f"b1_{level}", Branches(channels, channels))
            self.add_module(f"b2_{level}", Branches(channels, channels))
        self.b2_plus_1 = Branches(channels, channels)
        for level in range(1, DEPTH + 1):
            self.add_module(f"b3_{level}", Branches(channels, channels))

    def forward(self, inputs: Tensor, level: int = DEPTH) -> Tensor:
        """(N, C, H, W) to the same shape."""
        upper = self.dropout(self.get_submodule(f"b1_{level}")(inputs))
        lower = self.get_submodule(f"b2_{level}")(functional.max_pool2d(inputs, 2))
        lower = self(lower, level - 1) if level > 1 else self.b2_plus_1(lower)
        lower = self.get_submodule(f"b3_{level}")(lower)
        return upper + functional.interpolate(lower, size=upper.shape[2:], mode="bilinear", align_corners=False)


class FaceAlignment(nn.Module):
    """Picture to a vector: hourglass, 68 landmark maps, one map of an eighth of the size, one linear layer.

    Args:
        channels: of the hourglass (256 in the original).
        features: length of the vector.
        size: of the picture in pixels, a multiple of 16.
    """

    def __init__(self, channels: int, features: int, size: int):
        super().__init__()
        self.conv1 = nn.Conv2d(3, channels // 4, 7, stride=2, padding=3)
        self.bn1 = nn.BatchNorm2d(channels // 4)
        self.conv2 = Branches(channels // 4, channels // 2)
        self.conv3 = Branches(channels // 2, channels // 2)
        self.conv4 = Branches(channels // 2, channels)
        self.m0 = Hourglass(channels)
        self.top_m_0 = Branches(channels, channels)
        self.conv_last0 = nn.Conv2d(channels, channels, 1)
        self.l0 = nn.Conv2d(channels, LANDMARKS, 1)
        self.bn_end0 = nn.BatchNorm2d(channels)
        self.conv6 = nn.Conv2d(LANDMARKS, 1, 3, stride=2, padding=1)
        self.fc = nn.Linear((size // 8) ** 2, features)
        self.bn5 = nn.BatchNorm2d(LANDMARKS)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, size, size) to (N, features)."""
        hidden = functional.relu(self.bn1(self.conv1(images)))
        hidden = self.conv4(self.conv3(functional.max_pool2d(self.conv2(hidden), 2)))
        hidden = self.top_m_0(self.m0(hidden))
        maps = self.l0(functional.relu(self.bn_end0(self.conv_last0(hidden))))
        single = self.conv6(functional.relu(self.bn5(maps)))
        return self.fc(functional.relu(single.flatten(1)))


class MotionEncoder(nn.Module):
    """The feature of a face without its identity, and the mappings to mouth and head-pose codes.

    ``classifier``, ``mouth_fc`` and ``headpose_fc`` are heads of the original's training; released weights lack them.

    Args:
        width: divides channels and features; the head pose keeps its 12 numbers.
        classes: speakers that the training heads tell apart.
        size: of the picture in pixels, a multiple of 16.
    """

    def __init__(self, width: int = 1, classes: int = CLASSES, size: int = 224):
        super().__init__()
        features = FEATURES // width
        self.model = FaceAlignment(256 // width, features, size)
        self.classifier = _two_layers(features, classes)
        self.to_mouth = _two_layers(features, features)
        self.mouth_embed = nn.Sequential(nn.ReLU(), nn.Linear(features, features - POSE))
        self.mouth_fc = nn.Sequential(nn.ReLU(), nn.Linear(features, classes))
        self.to_headpose = _two_layers(features, features)
        self.headpose_embed = nn.Sequential(nn.ReLU(), nn.Linear(features, POSE))
        self.headpose_fc = nn.Sequential(nn.ReLU(), nn.Linear(POSE, classes))

    def forward_feature(self, images: Tensor) -> Tensor:
        """(N, 3, size, size) in [-1, 1] RGB to (N, 512 / width)."""
        return self.model(images)

    def headpose(self, images: Tensor) -> Tensor:
        """(N, 3, size, size) in [-1, 1] RGB to the pose code (N, 12)."""
        return self.headpose_embed(self.to_headpose(self.model(images)))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 3, size, size) to the feature (N, 512 / width) and speaker scores (N, classes)."""
        feature = self.model(images)
        return feature, self.classifier(feature)


def _two_layers(features: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(features, features), nn.ReLU(), nn.Linear(features, outputs))
