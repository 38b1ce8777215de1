"""Names, types and shapes of the authors' weights: ``manifests/<network>.txt``, one weight a line.

    face_encoder_blocks.0.0.conv_block.0.weight float32 16x6x7x7

A single number has the shape ``-``.
"""

from pathlib import Path

import torch
from torch import Tensor, nn

MANIFESTS = Path(__file__).parent / "manifests"
NAMES = sorted(path.stem for path in MANIFESTS.glob("*.txt"))


def weight_list(name: str) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Key to type and shape."""
    lines = (MANIFESTS / f"{name}.txt").read_text().splitlines()
    return {key: (kind, shape_of(shape)) for key, kind, shape in (line.split() for line in lines)}


def shape_of(text: str) -> tuple[int, ...]:
    return () if text == "-" else tuple(int(side) for side in text.split("x"))


def seeded(network: nn.Module, seed: int = 0) -> dict[str, Tensor]:
    """Give every weight and every batch statistic a seeded value, unlike those a constructor gives."""
    generator = torch.Generator().manual_seed(seed)
    state = network.state_dict()
    for name, value in state.items():
        if name.endswith("running_var"):
            value.uniform_(0.5, 2.0, generator=generator)
        elif value.is_floating_point():
            spread = value[0].numel() ** -0.5 if value.ndim > 1 else 0.3
            value.normal_(1.0 if is_scale(name, state) else 0.0, spread, generator=generator)
    network.load_state_dict(state)
    return state


def is_scale(name: str, state: dict[str, Tensor]) -> bool:
    """The multiplier of a normalisation layer."""
    return name.removesuffix("weight") + "running_var" in state
