"""One file that a dataset's source wants from somewhere else, and the ways in which it may not be had.

A source turns its metadata into a list of wanted files (several items may lie in one of them: the intervals of a
speech, the takes of an archive); the ways of fetching know nothing of datasets.
"""

from dataclasses import dataclass
from typing import Literal

Way = Literal["http", "lfs", "youtube", "drive"]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A file to obtain.

    Attributes:
        path: where it goes, under the dataset's root, with ``/``.
        address: its URL.
        way: how it is asked for.
        num_bytes: its size as the dataset states it; None where unknown.
        sha256: its hash as the dataset states it, 64 hex digits; None where unknown.
        archive: what is unpacked from it, beside it; None where it is used as it is.
    """

    path: str
    address: str
    way: Way
    num_bytes: int | None = None
    sha256: str | None = None
    archive: Literal["tar", "zip"] | None = None


class NotObtained(Exception):
    """A wanted file could not be had; the message is the reason, fit for a ledger row (no credentials in it)."""


class Gone(NotObtained):
    """It does not exist any more (404, 410, a deleted video): asking again is no use."""


class Blocked(NotObtained):
    """It exists but not for us, now (401, 403, a region, an age check, a login): somebody has to do something."""


class Failed(NotObtained):
    """Something broke on the way (a dropped connection, 429, 5xx, wrong bytes): worth another try.

    Attributes:
        after_s: the server asked not to come back sooner; None when it said nothing.
    """

    def __init__(self, reason: str, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


def by_status(status: int | None, reason: str) -> NotObtained:
    """The kind of an answer's status code (None: there was none)."""
    if status in (404, 410):
        return Gone(reason)
    return Blocked(reason) if status in (401, 403) else Failed(reason)
