"""Eqs. 5-7: a face made of its own three codes is that face.

The equations compare with I_d, a generated frame; the text says "between generated and original frames", which is
built: nothing else ties the codes to the data.
"""

from torch import Tensor

from speak.losses.distance import both
from speak.models.exchange import Exchange


def self_loss(exchange: Exchange, source: Tensor, target: Tensor) -> Tensor:
    """Eq. 7, the sum of eqs. 5 and 6; scalar.

    Args:
        exchange: B pairs.
        source, target: the original frames S and T, (B, *frame).
    """
    return both((exchange.source_self, source), (exchange.target_self, target))
