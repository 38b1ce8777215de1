"""The features behind FID and KID: the Inception network of the original TensorFlow graph, as torch-fidelity has it."""

import tempfile
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch

from speak.errors import UserError

FEATURES = "2048"
"""The last pooling, in torch-fidelity's words."""
BATCH = 16


class Inception:
    """Features of pictures.

    Args:
        weights: the asset ``inception``.

    Raises:
        UserError: the file does not hold its weights.
    """

    def __init__(self, weights: Path):
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3  # of an optional extra

        try:
            state = torch.load(weights, map_location="cpu", weights_only=True)
            with tempfile.TemporaryDirectory(prefix="speak-inception-") as folder:
                plain = Path(folder) / weights.name  # torch-fidelity unpickles what it reads: it gets a file of ours
                torch.save(state, plain)
                self.network = FeatureExtractorInceptionV3(
                    "speak", [FEATURES], feature_extractor_weights_path=str(plain)
                )
        except (RuntimeError, UnpicklingError, KeyError, TypeError, EOFError, OSError) as error:
            raise UserError(f"{weights}: not the Inception weights of FID: {type(error).__name__}") from error

    def features(self, frames: np.ndarray) -> np.ndarray:
        """(T, H, W, 3) uint8 RGB to (T, 2048) float32."""
        pictures = torch.from_numpy(np.ascontiguousarray(frames.transpose(0, 3, 1, 2)))
        with torch.inference_mode():
            found = [self.network(pictures[start : start + BATCH])[0].numpy() for start in range(0, len(frames), BATCH)]
        return np.concatenate([np.empty((0, int(FEATURES)), np.float32), *found])
