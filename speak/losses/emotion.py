"""Eq. 4: a generated face has the emotion code of the clip that its emotion came from; see ``pose``."""

from torch import Tensor

from speak.losses.distance import both
from speak.models.exchange import Exchange


def emotion_loss(exchange: Exchange) -> Tensor:
    """Eq. 4; scalar."""
    return both(
        (exchange.target_seen.emotion, exchange.target_mixed.emotion),
        (exchange.source_seen.emotion, exchange.source_mixed.emotion),
    )
