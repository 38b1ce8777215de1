"""What is still to be asked for: decided by the files that are there, then by the last attempt at each."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from speak.errors import UserError
from speak.fetching.attempts import GONE, OBTAINED, Attempts, attempt_at
from speak.fetching.wanted import Wanted
from speak.files import sha256_of, stays_inside


def to_ask(wanted: Iterable[Wanted], root: Path, attempts: Attempts, *, again: bool) -> list[Wanted]:
    """Those that are neither obtained nor (but with ``again``) known to be gone, each path once.

    A complete file without a row (the run was killed between the two) gets its row now.

    Raises:
        UserError: a path leads out of ``root``.
    """
    still_open = []
    for one in {one.path: one for one in wanted}.values():
        if not stays_inside(one.path):
            raise UserError(f"{one.path!r}: leads out of {root}; the dataset's tables name it and must be put right")
        last = attempts.latest.get(one.path)
        if not is_obtained(one, root, attempts):
            if again or last is None or last.outcome != GONE:
                still_open.append(one)
        elif last is None or last.outcome != OBTAINED:
            now = datetime.now(UTC)
            attempts.append(attempt_at(one, root / one.path, None, started_at=now, seconds=0.0, number=0))
    return still_open


def is_obtained(wanted: Wanted, root: Path, attempts: Attempts) -> bool:
    """Whether a file is in its place, with the size and hash that are known of it.

    Files appear whole or not at all, so one that is there without a row is complete.
    """
    target, last = root / wanted.path, attempts.latest.get(wanted.path)
    if not target.is_file():
        return False
    size = target.stat().st_size
    written = last is not None and last.outcome == OBTAINED
    if size != (wanted.num_bytes or size) or (written and size != last.num_bytes):
        return False
    return wanted.sha256 is None or wanted.sha256.lower() == (last.sha256 if written else sha256_of(target))
