"""Several codes of a face become one vector: the paper's mlp(f_I, f_P, ...) of eq. 9, or the sum of eq. 5.

The text says the codes are "concatenated", eq. 5 adds them, eq. 9 passes them through an mlp. Default: concatenate,
then mlp; ``sum`` is eq. 5 to the letter and has no weights.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from speak.models.codes import Codes

FusionKind = Literal["mlp", "sum"]


class Fusion(nn.Module):
    """Fuses the named factors.

    Args:
        factors: which codes enter, e.g. ("identity", "pose").
        code: length C of each code and of the result.
        kind: ``mlp`` or ``sum``.
    """

    def __init__(self, factors: tuple[str, ...], code: int, kind: FusionKind):
        super().__init__()
        self.factors = factors
        self.mlp = None
        if kind == "mlp":
            self.mlp = nn.Sequential(nn.Linear(len(factors) * code, code), nn.LeakyReLU(0.2), nn.Linear(code, code))

    def forward(self, codes: Codes) -> Tensor:
        """Codes of N faces to (N, C)."""
        chosen = [getattr(codes, factor) for factor in self.factors]
        return sum(chosen) if self.mlp is None else self.mlp(torch.cat(chosen, dim=1))
