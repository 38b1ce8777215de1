"""E_i, E_e and E_p at the paper's size: ResNet50 (section 4.2) ending in a code instead of classes.

Weights start at random; nothing is fetched. ResNet18 is there for budgets below the paper's.
"""

from typing import Literal

import torchvision
from torch import Tensor, nn

Resnet = Literal["resnet18", "resnet50"]

RESNETS = {"resnet18": torchvision.models.resnet18, "resnet50": torchvision.models.resnet50}


class FaceEncoder(nn.Module):
    """Picture to code."""

    def __init__(self, code: int, resnet: Resnet):
        super().__init__()
        self.resnet = RESNETS[resnet](weights=None)
        self.resnet.fc = nn.Linear(self.resnet.fc.in_features, code)

    def forward(self, frame: Tensor) -> Tensor:
        """(N, 3, H, W) in [-1, 1] to (N, code)."""
        return self.resnet(frame)
