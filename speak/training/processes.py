"""A training's place among the processes that train together; alone, everything is rank 0 of 1."""

from torch import distributed

from speak.errors import UserError


def rank() -> int:
    """This process's number, from 0."""
    return distributed.get_rank() if _together() else 0


def count() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if _together() else 1


def share(total: int) -> int:
    """This process's part of ``total`` samples. Raises UserError where they cannot be shared equally."""
    if total % count():
        raise UserError(f"a batch of {total} cannot be shared equally by {count()} workers; change batch or workers")
    return total // count()


def _together() -> bool:
    return distributed.is_available() and distributed.is_initialized()
