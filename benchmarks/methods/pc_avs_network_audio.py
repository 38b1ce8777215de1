"""PC-AVS, netA_sync: what is said. A residual network with squeeze-and-excitation and attention over time."""

from torch import Tensor, nn
from torch.nn import functional

CHANNELS = (32, 64, 128, 256)
BLOCKS = (3, 4, 6, 3)
BANDS = 80
REDUCTION = 8
ATTENTION = 128
FEATURES = 512
CLASSES = 5830
LEAST = 8
"""Channels that a narrow network keeps: the first rectifier is not normalised and may silence one or two for good."""


class SqueezeExcite(nn.Module):
    """Scales each channel by a number in (0, 1) found from all channels' means."""

    def __init__(self, channels: int):
        super().__init__()
        squeezed = max(1, channels // REDUCTION)
        narrow, widen = nn.Linear(channels, squeezed), nn.Linear(squeezed, channels)
        self.fc = nn.Sequential(narrow, nn.ReLU(), widen, nn.Sigmoid())

    def forward(self, hidden: Tensor) -> Tensor:
        """(N, C, H, W)."""
        return hidden * self.fc(hidden.mean(dim=(2, 3)))[..., None, None]


class Block(nn.Module):
    """Residual block. The first convolution is rectified and then normalised; the second only normalised."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.se = SqueezeExcite(outputs)
        self.downsample = nn.Identity()
        if stride != 1 or inputs != outputs:
            shortcut = nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(outputs))

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H / stride, W / stride), sizes rounded up."""
        hidden = self.bn1(functional.relu(self.conv1(inputs)))
        hidden = self.se(self.bn2(self.conv2(hidden)))
        return functional.relu(hidden + self.downsample(inputs))


class SpeechNet(nn.Module):
    """Spectrogram to a feature: four stages, then the sum over time weighted by a softmax for each row.

    Args:
        width: divides channels and features.
    """

    def __init__(self, width: int = 1):
        super().__init__()
        channels = [max(LEAST, count // width) for count in CHANNELS]
        self.conv1 = nn.Conv2d(1, channels[0], 3, padding=1)
        self.bn1 = nn.BatchNorm2d(channels[0])
        before = channels[0]
        for index, (after, count) in enumerate(zip(channels, BLOCKS, strict=True)):
            first = Block(before, after, stride=1 if index == 0 else 2)
            stage = nn.Sequential(first, *(Block(after, after, stride=1) for _ in range(count - 1)))
            self.add_module(f"layer{index + 1}", stage)
            before = after
        rows, hidden = before * BANDS // 8, ATTENTION // width
        ask, answer = nn.Conv1d(rows, hidden, 1), nn.Conv1d(hidden, rows, 1)
        self.attention = nn.Sequential(ask, nn.ReLU(), nn.BatchNorm1d(hidden), answer, nn.Softmax(dim=2))
        self.fc = nn.Linear(rows, FEATURES // width)

    def forward(self, spectrogram: Tensor) -> Tensor:
        """(N, 1, 80, T) to (N, 512 / width)."""
        hidden = self.bn1(functional.relu(self.conv1(spectrogram)))
        hidden = self.layer4(self.layer3(self.layer2(self.layer1(hidden))))
        hidden = hidden.flatten(1, 2)
        return self.fc((hidden * self.attention(hidden)).sum(dim=2))


class SpeechEncoder(nn.Module):
    """``SpeechNet`` and a speaker classifier that only the original's training uses.

    Args:
        width: divides channels and features.
        classes: speakers.
    """

    def __init__(self, width: int = 1, classes: int = CLASSES):
        super().__init__()
        self.model = SpeechNet(width)
        self.fc = nn.Linear(FEATURES // width, classes)

    def forward_feature(self, spectrogram: Tensor) -> Tensor:
        """(N, 1, 80, 20), or (N, K, 1, 80, 20) for clips of K windows, to (N or N · K, 512 / width)."""
        if spectrogram.ndim == 5:
            spectrogram = spectrogram.flatten(0, 1)
        return self.model(spectrogram)

    def forward(self, spectrogram: Tensor) -> tuple[Tensor, Tensor]:
        """The feature and speaker scores (N, classes)."""
        feature = self.forward_feature(spectrogram)
        return feature, self.fc(feature)
