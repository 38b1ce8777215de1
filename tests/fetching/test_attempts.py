"""The ledger of attempts: nothing is lost, whenever the process ends."""

import shutil
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from speak.errors import UserError
from speak.fetching.attempts import Attempt, Attempts, attempt_at, read_attempts
from speak.fetching.wanted import Blocked, Wanted

START = datetime(2026, 5, 1, 22, 30, tzinfo=UTC)


def attempt(number: int, path: str = "a.mp4", **changes) -> Attempt:
    plain = {
        "path": path, "address": "http://x/a.mp4", "way": "http", "outcome": "failed", "reason": "500",
        "num_bytes": None, "sha256": None, "started_at": START + timedelta(seconds=number), "seconds": 1.5,
        "number": number,
    }  # fmt: skip
    return Attempt(**plain | changes)


def test_the_table_says_what_was_written(tmp_path):
    rows = [attempt(1), attempt(2, outcome="obtained", reason=None, num_bytes=7, sha256="ab"), attempt(3, "b.mp4")]
    with Attempts(tmp_path) as attempts:
        for row in rows:
            attempts.append(row)
        assert attempts.latest == {"a.mp4": rows[1], "b.mp4": rows[2]}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["attempts.parquet", "lock"]
    table = pd.read_parquet(tmp_path / "attempts.parquet")
    assert list(table.outcome) == ["failed", "obtained", "failed"]
    assert table.started_at[0] == pd.Timestamp(START + timedelta(seconds=1))
    assert read_attempts(tmp_path) == rows


def test_what_a_killed_run_wrote_is_there_for_the_next(tmp_path):
    """A killed process leaves the table of the run before and a journal, whose last line may be torn."""
    with Attempts(tmp_path / "a") as attempts:
        attempts.append(attempt(1))
    with Attempts(tmp_path / "a") as attempts:
        attempts.append(attempt(2))
        with open(tmp_path / "a" / "journal.jsonl", "ab") as journal:
            journal.write(b'{"path": "c.mp4", "addr')
        shutil.copytree(tmp_path / "a", tmp_path / "killed")
        assert read_attempts(tmp_path / "a") == [attempt(1), attempt(2)]
    with Attempts(tmp_path / "killed") as attempts:
        assert attempts.latest == {"a.mp4": attempt(2)}
        attempts.append(attempt(3))
    assert read_attempts(tmp_path / "killed") == [attempt(1), attempt(2), attempt(3)]


def test_killed_between_the_table_and_the_journals_end(tmp_path):
    """Then both hold the same rows, which count once."""
    with Attempts(tmp_path) as attempts:
        attempts.append(attempt(1))
        attempts.append(attempt(2))
        shutil.copy(tmp_path / "journal.jsonl", tmp_path / "kept")
    (tmp_path / "kept").rename(tmp_path / "journal.jsonl")
    assert read_attempts(tmp_path) == [attempt(1), attempt(2)]
    with Attempts(tmp_path) as attempts:
        attempts.append(attempt(3))
    assert read_attempts(tmp_path) == [attempt(1), attempt(2), attempt(3)]


def test_one_run_at_a_time(tmp_path):
    with Attempts(tmp_path), pytest.raises(UserError, match="another run is fetching"), Attempts(tmp_path):
        pass
    with Attempts(tmp_path):
        pass


def test_no_secret_is_written_down(tmp_path):
    wanted = Wanted(
        path="a.mp4", address="https://me:secret@Host.org:8000/a/b.mp4?v=abc&token=secret&id=1#secret", way="http"
    )
    row = attempt_at(wanted, tmp_path, Blocked("two\nlines"), started_at=START, seconds=0.12345, number=1)
    assert row.address == "https://host.org:8000/a/b.mp4?v=abc&token=...&id=1"
    assert row.reason == "two lines"


@pytest.mark.parametrize("address", ["film.mp4", "http://[::1", ""])
def test_addresses_that_are_none(address, tmp_path):
    wanted = Wanted(path="a.mp4", address=address, way="http")
    row = attempt_at(wanted, tmp_path, Blocked("x"), started_at=START, seconds=0.0, number=1)
    assert row.address == "(not an address)"
