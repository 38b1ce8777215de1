"""The ledger of attempts: every time a file was asked for, and what became of it.

While a run is going, each attempt is one line at the end of a journal, written at once, so that a killed process loses
none; when a run begins and when it ends, the journal is folded into ``attempts.parquet``. Beside the stages' outputs,
never part of them, since it holds times.
"""

import dataclasses
import fcntl
import json
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from speak.errors import UserError
from speak.fetching.address import printable
from speak.fetching.wanted import Blocked, Failed, Gone, NotObtained, Wanted
from speak.files import atomic_path, sha256_of

OBTAINED, GONE, BLOCKED, FAILED = "obtained", "gone", "blocked", "failed"
OUTCOMES = {Gone: GONE, Blocked: BLOCKED, Failed: FAILED}
ROWS_AT_ONCE = 10_000
"""Rows that are Python dictionaries at a time, which take ten times the memory of the table's."""
SCHEMA = pa.schema(
    {
        "path": pa.string(),
        "address": pa.string(),
        "way": pa.string(),
        "outcome": pa.string(),
        "reason": pa.string(),
        "num_bytes": pa.int64(),
        "sha256": pa.string(),
        "started_at": pa.timestamp("us", tz="UTC"),
        "seconds": pa.float64(),
        "number": pa.int64(),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One time a file was asked for.

    Attributes:
        path: of the file, under the dataset's root.
        address: without secrets.
        reason: why it was not obtained; None if it was.
        num_bytes, sha256: of the file; None if it was not obtained.
        started_at: UTC.
        number: which try of its run, from 1; 0 for a file that was found complete.
    """

    path: str
    address: str
    way: str
    outcome: Literal["obtained", "gone", "blocked", "failed"]
    reason: str | None
    num_bytes: int | None
    sha256: str | None
    started_at: datetime
    seconds: float
    number: int


def attempt_at(
    wanted: Wanted, target: Path, problem: NotObtained | None, *, started_at: datetime, seconds: float, number: int
) -> Attempt:
    """The row of a try that has ended, with the file in its place (``problem`` is None) or not."""
    obtained = problem is None
    return Attempt(
        path=wanted.path,
        address=printable(wanted.address),
        way=wanted.way,
        outcome=OBTAINED if obtained else OUTCOMES[type(problem)],
        reason=None if obtained else " ".join(str(problem).split()),
        num_bytes=target.stat().st_size if obtained else None,
        sha256=(wanted.sha256 or sha256_of(target)).lower() if obtained else None,
        started_at=started_at,
        seconds=round(seconds, 3),
        number=number,
    )


class Attempts:
    """The attempts of one dataset, open for one run at a time.

    Attributes:
        latest: by path, the last attempt at each file.
    """

    def __init__(self, folder: Path) -> None:
        self.latest: dict[str, Attempt] = {}
        self._folder = folder
        self._writing = threading.Lock()

    def __enter__(self) -> "Attempts":
        self._folder.mkdir(parents=True, exist_ok=True)
        self._claim = open(self._folder / "lock", "a")
        try:
            fcntl.flock(self._claim, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a killed process lets go of it
        except BlockingIOError:
            self._claim.close()
            raise UserError(f"{self._folder}: another run is fetching this dataset; wait for it or end it") from None
        self._fold()
        self.latest = {attempt.path: attempt for attempt in read_attempts(self._folder)}
        return self

    def __exit__(self, *_: object) -> None:
        self._fold()
        self._claim.close()

    def append(self, attempt: Attempt) -> None:
        """Write one attempt down for good. May be called by several threads."""
        line = json.dumps(dataclasses.asdict(attempt) | {"started_at": attempt.started_at.isoformat()}) + "\n"
        with self._writing, open(_journal(self._folder), "ab") as journal:
            journal.write(line.encode())
        self.latest[attempt.path] = attempt

    def _fold(self) -> None:
        """Move the journal into the table. Killed in between, the journal's lines are known by the table's end."""
        with self._writing:
            if rows := _journal_rows(self._folder):
                with atomic_path(_table(self._folder)) as temporary:
                    pq.write_table(_joined(_read_table(self._folder), rows), temporary)
            _journal(self._folder).unlink(missing_ok=True)


def read_attempts(folder: Path) -> list[Attempt]:
    """All attempts of a dataset in the order in which they ended; also while a run is going."""
    table = _joined(_read_table(folder), _journal_rows(folder))
    return [Attempt(**row) for batch in table.to_batches(ROWS_AT_ONCE) for row in batch.to_pylist()]


def _table(folder: Path) -> Path:
    return folder / "attempts.parquet"


def _journal(folder: Path) -> Path:
    return folder / "journal.jsonl"


def _read_table(folder: Path) -> pa.Table:
    return pq.read_table(_table(folder)) if _table(folder).is_file() else SCHEMA.empty_table()


def _joined(table: pa.Table, rows: list[dict]) -> pa.Table:
    """The table with the journal's rows that it does not hold yet."""
    end = table.slice(max(0, len(table) - len(rows))).to_pylist()
    known = {(row["path"], row["started_at"]) for row in end}
    fresh = [row for row in rows if (row["path"], row["started_at"]) not in known]
    return pa.concat_tables([table, pa.Table.from_pylist(fresh, SCHEMA)])


def _journal_rows(folder: Path) -> list[dict]:
    """The journal's lines; one that a full disk or a crash has torn is left out, and its file asked for again."""
    journal, rows = _journal(folder), []
    for line in journal.read_text(encoding="utf-8", errors="replace").splitlines() if journal.is_file() else []:
        try:
            row = json.loads(line)
            rows.append(row | {"started_at": datetime.fromisoformat(row["started_at"])})
        except (ValueError, TypeError, KeyError):
            continue
    return rows
