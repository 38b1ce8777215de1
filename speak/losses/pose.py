"""Eq. 3: a generated face has the pose code of the clip that its pose came from.

The equation is written for one exchange; here the mixed codes say where the pose came from, whatever was exchanged.
"""

from torch import Tensor

from speak.losses.distance import both
from speak.models.exchange import Exchange


def pose_loss(exchange: Exchange) -> Tensor:
    """Eq. 3; scalar."""
    return both(
        (exchange.target_seen.pose, exchange.target_mixed.pose), (exchange.source_seen.pose, exchange.source_mixed.pose)
    )
