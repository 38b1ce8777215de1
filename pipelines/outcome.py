"""What became of one item of work, carried between processes: a value, an error, or a mistake of the user."""

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from speak.errors import UserError, disk_mistake


@dataclass(frozen=True)
class Outcome:
    """What became of one item: a value, or one line that says why there is none."""

    value: Any = None
    error: str | None = None


def first_error(outcomes: Iterable[Outcome]) -> None:
    """Raise RuntimeError with the first error, for work that is not allowed to fail."""
    for outcome in outcomes:
        if outcome.error is not None:
            raise RuntimeError(outcome.error)


@dataclass(frozen=True)
class UserMistake:
    """A mistake that ends the run, in its own words."""

    message: str


def checked(outcome: Outcome) -> Outcome:
    """The outcome itself. Raises UserError when it holds a user's mistake."""
    if isinstance(outcome.value, UserMistake):
        raise UserError(outcome.value.message)
    return outcome


def guarded(function: Callable, item: Any) -> Outcome:
    """Call a function; what it raises becomes the outcome, a user's mistake one that ``checked`` raises again."""
    try:
        return Outcome(value=function(item))
    except UserError as error:
        return Outcome(value=UserMistake(str(error)))
    except Exception as error:
        if isinstance(error, OSError) and (mistake := disk_mistake(error)):
            return Outcome(value=UserMistake(str(mistake)))
        traceback.print_exc()
        return Outcome(error=f"{type(error).__name__}: {' '.join(str(error).split()) or 'no message'}")
