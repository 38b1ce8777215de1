"""EAMM, kp_detector and kp_detector_a: ten points with the local linear motion around each, from a picture or a sound.

A point is the mean position under a softmax of its map, and its 2x2 matrix the mean of four more maps under the same
weights (first-order motion model).
"""

import torch
from torch import Tensor, nn

from benchmarks.methods.eamm_network_blocks import COLOURS, KEYPOINTS, Hourglass, Quarter, coordinate_grid

FIRST, MOST, DEPTH = 32, 1024, 5
KERNEL = 7
TEMPERATURE = 0.1


class KeypointDetector(nn.Module):
    """Picture to key points.

    Args:
        width: divides the channels.
    """

    def __init__(self, width: int = 1):
        super().__init__()
        self.predictor = Hourglass(COLOURS, FIRST // width, MOST // width, DEPTH)
        self.kp = nn.Conv2d(self.predictor.outputs, KEYPOINTS, KERNEL)
        self.jacobian = nn.Conv2d(self.predictor.outputs, 4 * KEYPOINTS, KERNEL)
        self.down = Quarter()
        nn.init.zeros_(self.jacobian.weight)  # every matrix starts as the identity
        with torch.no_grad():
            self.jacobian.bias.copy_(torch.eye(2).flatten().repeat(KEYPOINTS))

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """(N, 3, 256, 256) in [0, 1] to what ``read`` gives."""
        return self.read(self.predictor(self.down(images)))

    def read(self, features: Tensor) -> dict[str, Tensor]:
        """Find the key points in features.

        Args:
            features: (N, 32 / width + 3, H, W).

        Returns:
            value (N, 10, 2): x, y in [-1, 1]; jacobian (N, 10, 2, 2); heatmap (N, 10, H - 6, W - 6), summing to 1.
        """
        logits = self.kp(features)
        weights = torch.softmax(logits.flatten(2) / TEMPERATURE, dim=2)
        grid = coordinate_grid(*logits.shape[2:], like=logits).flatten(0, 1)
        matrices = self.jacobian(features).flatten(2).unflatten(1, (KEYPOINTS, 4))
        return {
            "value": weights @ grid,
            "heatmap": weights.view_as(logits),
            "jacobian": (matrices * weights[:, :, None]).sum(dim=3).unflatten(2, (2, 2)),
        }


class AudioKeypointDetector(KeypointDetector):
    """Key points from features that the audio network made; hourglass and filter are stored, not used."""

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        """(N, 32 / width + 3, 64, 64) to what ``read`` gives."""
        return self.read(features)
