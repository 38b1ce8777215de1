"""Many files from servers that misbehave, with threads: what is there is right, and the ledger says the rest."""

import hashlib
import threading
from pathlib import Path

import pytest
from fetch_runs import assert_there, fetch, outcomes, publish
from loopback import hangs, status, stops_after, waits

from speak.errors import UserError
from speak.fetching.attempts import read_attempts
from speak.fetching.http import download
from speak.fetching.network import HostLimit
from speak.fetching.wanted import Wanted


def test_everything_that_goes_wrong_at_once(server, tmp_path):
    wanted = publish(server, 12, num_bytes=300_000)
    server.faults = {
        "0.bin": [status(500), status(503)],
        "1.bin": [stops_after(100_000), stops_after(50_000, reset=True)],
        "2.bin": [status(429, Retry_After="1")],
        "3.bin": [status(403)],
        "4.bin": [status(404)],
        "5.bin": [status(500)] * 9,
        "6.bin": [hangs],
    }
    assert fetch(wanted, tmp_path, timeout_s=0.5) == {}
    expected = dict.fromkeys(server.files, "obtained") | {"3.bin": "blocked", "4.bin": "gone", "5.bin": "failed"}
    assert outcomes(tmp_path) == expected
    assert_there(server, tmp_path, [name for name, outcome in expected.items() if outcome == "obtained"])
    rows = read_attempts(tmp_path / "attempts")
    assert len(rows) == len(server.asked)
    assert [row.number for row in rows if row.path == "in/5.bin"] == [1, 2, 3, 4]
    for row in rows:
        if row.outcome == "obtained":
            content = server.files[Path(row.path).name]
            assert (row.num_bytes, row.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        else:
            assert row.reason and row.sha256 is None
    assert all(row.started_at.utcoffset().total_seconds() == 0 for row in rows)
    hidden = [path.name for path in (tmp_path / "root").rglob(".*")]
    assert hidden == []


def test_a_second_run_asks_only_for_what_is_open(server, tmp_path):
    wanted = publish(server, 6)
    server.faults = {"1.bin": [status(404)], "2.bin": [status(403)], "3.bin": [status(500)] * 4}
    fetch(wanted, tmp_path)
    server.asked.clear()
    fetch(wanted, tmp_path)
    assert sorted(path for path, _ in server.asked) == ["2.bin", "3.bin"]
    server.asked.clear()
    fetch(wanted, tmp_path, again=True)
    assert [path for path, _ in server.asked] == ["1.bin"]
    server.asked.clear()
    fetch(wanted, tmp_path, again=True)
    assert server.asked == []
    assert_there(server, tmp_path)


def test_a_file_that_was_lost_or_damaged_is_open_again(server, tmp_path):
    wanted = publish(server, 3)
    fetch(wanted, tmp_path)
    (tmp_path / "root/in/0.bin").unlink()
    (tmp_path / "root/in/1.bin").write_bytes(b"short")
    server.asked.clear()
    fetch(wanted, tmp_path)
    assert sorted(path for path, _ in server.asked) == ["0.bin", "1.bin"]
    assert_there(server, tmp_path)


def test_a_complete_file_without_a_row_is_taken_as_it_is(server, tmp_path):
    """The run was killed after the new name and before the row."""
    wanted = publish(server, 2)
    target = tmp_path / "root/in/0.bin"
    target.parent.mkdir(parents=True)
    target.write_bytes(server.files["0.bin"])
    fetch(wanted, tmp_path)
    assert [path for path, _ in server.asked] == ["1.bin"]
    row = next(row for row in read_attempts(tmp_path / "attempts") if row.path == "in/0.bin")
    assert (row.outcome, row.number) == ("obtained", 0)
    assert row.sha256 == hashlib.sha256(server.files["0.bin"]).hexdigest()


def test_another_version_than_was_obtained_is_wanted_now(server, tmp_path):
    (one,) = publish(server, 1)
    fetch([one], tmp_path)
    server.files["0.bin"], server.versions["0.bin"] = b"new", '"new"'
    digest = hashlib.sha256(b"new").hexdigest()
    fetch([Wanted(path=one.path, address=one.address, way="http", sha256=digest)], tmp_path)
    assert_there(server, tmp_path)


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_requests_at_once_than_a_host_may_get(server, tmp_path, at_once):
    wanted = publish(server, 12)
    server.faults = {name: [waits(0.05)] for name in server.files}
    fetch(wanted, tmp_path, threads=8, host=HostLimit(at_once=at_once, per_second=1000.0))
    assert server.most_at_once == at_once
    assert_there(server, tmp_path)


def test_no_more_threads_than_are_allowed_over_all_hosts(server, tmp_path):
    wanted = publish(server, 12)
    wanted = [
        Wanted(path=one.path, address=one.address.replace("127.0.0.1", f"127.0.0.{1 + i % 3}"), way="http")
        for i, one in enumerate(wanted)
    ]
    most, running, lock = 0, 0, threading.Lock()

    def counted(*arguments) -> int:
        nonlocal most, running
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.03)
        with lock:
            running -= 1
        return download(*arguments)

    fetch(wanted, tmp_path, threads=2, ways={"http": counted})
    assert most == 2


def test_a_host_that_is_down_is_left_alone_and_the_rest_stays_open(server, tmp_path):
    wanted = publish(server, 20)
    server.faults = {name: [status(500)] * 9 for name in server.files}
    gave_up = fetch(wanted, tmp_path, give_up_after=6, threads=1)
    assert list(gave_up.values()) == [f"6 tries in a row went wrong at 127.0.0.1:{server.port}"]
    assert len(server.asked) == 6
    server.faults.clear()
    assert fetch(wanted, tmp_path) == {}
    assert_there(server, tmp_path)


def test_a_path_that_leads_out_is_refused(server, tmp_path):
    with pytest.raises(UserError, match=r"'\.\./x' *: leads out"):
        fetch([Wanted(path="../x", address=server.address("x"), way="http")], tmp_path)
    assert server.asked == []


def test_a_full_disk_ends_the_run_in_one_line(server, tmp_path):
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device", "film.mp4")

    with pytest.raises(UserError, match="no space left; make room and run again"):
        fetch(publish(server, 3), tmp_path, ways={"http": full})
    assert_there_is_no_row(tmp_path)


def assert_there_is_no_row(folder: Path) -> None:
    assert read_attempts(folder / "attempts") == []


def test_a_fault_of_ours_costs_one_file_and_tells_no_secret(server, tmp_path, capfd):
    address = "http://me:secret@host/"

    def broken(wanted: Wanted, *arguments) -> int:
        if wanted.path == "in/1.bin":
            raise KeyError(address)
        return download(wanted, *arguments)

    fetch(publish(server, 3), tmp_path, ways={"http": broken}, tries=1)
    assert outcomes(tmp_path) == {"0.bin": "obtained", "1.bin": "failed", "2.bin": "obtained"}
    error = capfd.readouterr().err
    assert "in broken" in error and "secret" not in error
    assert not [row for row in read_attempts(tmp_path / "attempts") if "secret" in (row.reason or "")]
