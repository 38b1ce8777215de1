"""How long to wait before another try."""

import random

from speak.fetching.network import Backoff


def pause_s(tried: int, backoff: Backoff, rng: random.Random) -> float:
    """A pause after the ``tried``-th try (1 and up): exponential back-off with full jitter.

    Uniform between 0 and the bound, so that many files that failed together do not come back together
    (M. Brooker, "Exponential Backoff And Jitter", 2015).
    """
    return rng.uniform(0.0, min(backoff.longest_s, backoff.first_s * 2.0 ** (tried - 1)))
