"""Losses of EAMM and of the first-order motion model, which renders for it; weights as in the authors' settings."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.methods.eamm_driving import KeyPoints
from benchmarks.training.eamm_warps import Warp

SCALES = 4
"""Sizes at which pictures are compared: full, half, quarter, eighth."""
EQUIVARIANCE_WEIGHTS = {"value": 10.0, "jacobian": 10.0}
SPEECH_WEIGHTS = {"value": 10.0, "heatmap": 1000.0, "jacobian": 10.0}
EMOTION_WEIGHTS = {"value": 10.0, "jacobian": 10.0}
EMOTION_POINTS = (1, 4, 6, 8)


def unlikeness(looks: nn.Module, made: Tensor, real: Tensor) -> Tensor:
    """Σ over sizes and features of mean |difference|; scalar.

    Args:
        looks: from ``benchmarks.training.looks.build``; its own weights are not used, as published.
        made, real: (N, 3, H, W) in [0, 1].
    """
    total = torch.zeros((), device=made.device)
    for size in range(SCALES):
        if size:
            made, real = (functional.avg_pool2d(pictures, 2) for pictures in (made, real))
        with torch.no_grad():
            wanted = looks(real * 2 - 1)
        pairs = zip(looks(made * 2 - 1), wanted, strict=True)
        total = total + sum((have - want).abs().mean() for (_, have), (_, want) in pairs)
    return total


def equivariance_terms(warp: Warp, own: KeyPoints, warped: KeyPoints) -> dict[str, Tensor]:
    """Key points of a picture are the warp of those of the warped picture (first-order motion model, eq. 9 to 11).

    Args:
        warp: see ``Warp.pictures``.
        own, warped: key points of the picture and of the warped one.
    """
    matrices = torch.inverse(own["jacobian"]) @ warp.jacobian(warped["value"]) @ warped["jacobian"]
    off = {
        "value": (own["value"] - warp.points(warped["value"])).abs().mean(),
        "jacobian": (torch.eye(2, device=matrices.device) - matrices).abs().mean(),
    }
    return {f"equivariance_{name}": weight * off[name] for name, weight in EQUIVARIANCE_WEIGHTS.items()}


def speech_terms(seen: KeyPoints, heard: KeyPoints) -> dict[str, Tensor]:
    """Mean |difference| of places, maps and matrices, weighted."""
    return {name: weight * (heard[name] - seen[name]).abs().mean() for name, weight in SPEECH_WEIGHTS.items()}


def emotion_terms(seen: KeyPoints, heard: KeyPoints, displacements: KeyPoints) -> dict[str, Tensor]:
    """The same of four displaced key points, summed over the four.

    Args:
        seen, heard: value (N, 10, 2) and jacobian (N, 10, 2, 2).
        displacements: value (N, 4, 2) and jacobian (N, 4, 2, 2).
    """
    points = list(EMOTION_POINTS)
    off = {name: heard[name][:, points] + displacements[name] - seen[name][:, points] for name in EMOTION_WEIGHTS}
    return {name: weight * len(points) * off[name].abs().mean() for name, weight in EMOTION_WEIGHTS.items()}
