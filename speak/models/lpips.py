"""LPIPS (Zhang et al. 2018), version 0.1 with AlexNet: how differently do two pictures look to a trained network?

At five depths of AlexNet (after each ReLU of a convolution) the channels of each place are brought to length 1; the
squared differences are weighted by channel with weights fitted to human judgements, and averaged over places:

    LPIPS(x, y) = Σ over depths of mean over places of Σ over channels w (x̂ - ŷ)².
"""

from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch
import torchvision
from torch import Tensor, nn

from speak.errors import UserError

SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""Of red, green and blue in [-1, 1]: ImageNet's mean and deviation."""
DEPTHS = (1, 4, 7, 9, 11)
"""AlexNet's five ReLUs among its feature layers."""
LEAST_LENGTH = 1e-10
BATCH = 16


class Lpips(nn.Module):
    """The distance, with its weights.

    Args:
        layers: AlexNet's feature layers (``torchvision.models.alexnet().features``).
        weights: of the channels of each depth, five of (C,).
    """

    def __init__(self, layers: nn.Sequential, weights: list[Tensor]):
        super().__init__()
        self.layers = layers[: DEPTHS[-1] + 1]
        self.weights = nn.ParameterList([nn.Parameter(weight, requires_grad=False) for weight in weights])
        self.register_buffer("shift", torch.tensor(SHIFT)[:, None, None])
        self.register_buffer("scale", torch.tensor(SCALE)[:, None, None])

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        """(N, 3, H, W) pictures in [-1, 1], 64 pixels or more each way, to (N,) distances."""
        pairs = zip(self.weights, self._features(one), self._features(other), strict=True)
        return sum(torch.einsum("c,nchw->n", weight, (x - y) ** 2) / x[0, 0].numel() for weight, x, y in pairs)

    def distances(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """(T, H, W, 3) uint8 RGB frames of two clips to the (T,) float64 distances between them."""
        with torch.inference_mode():
            found = [
                self(_signal(one[start : start + BATCH]), _signal(other[start : start + BATCH])).double().numpy()
                for start in range(0, len(one), BATCH)
            ]
        return np.concatenate([np.empty(0), *found])

    def _features(self, picture: Tensor) -> list[Tensor]:
        hidden, features = (picture - self.shift) / self.scale, []
        for index, layer in enumerate(self.layers):
            hidden = torch.relu(hidden) if isinstance(layer, nn.ReLU) else layer(hidden)
            if index in DEPTHS:
                features.append(hidden / (hidden.square().sum(dim=1, keepdim=True).sqrt() + LEAST_LENGTH))
        return features


def load_lpips(alexnet: Path, linear: Path) -> Lpips:
    """The published distance.

    Args:
        alexnet: torchvision's weights.
        linear: the channels' weights as the authors' package carries them.

    Raises:
        UserError: a file does not hold them.
    """
    layers = torchvision.models.alexnet(weights=None).features
    channels = [layers[depth - 1].out_channels for depth in DEPTHS]
    try:
        state = torch.load(alexnet, map_location="cpu", weights_only=True)
        layers.load_state_dict({name: state[f"features.{name}"] for name in layers.state_dict()})
        state = torch.load(linear, map_location="cpu", weights_only=True)
        weights = [state[f"lin{depth}.model.1.weight"].view(size) for depth, size in enumerate(channels)]
    except (RuntimeError, UnpicklingError, KeyError, TypeError, EOFError, OSError) as error:
        raise UserError(f"{alexnet}, {linear}: not LPIPS's weights: {type(error).__name__}") from error
    return Lpips(layers, weights).eval()


def _signal(frames: np.ndarray) -> Tensor:
    """(N, H, W, 3) uint8 to (N, 3, H, W) in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(frames.transpose(0, 3, 1, 2))).float() / 127.5 - 1
