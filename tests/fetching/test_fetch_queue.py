"""Many files from servers that misbehave, with threads: what is there is right, and the ledger says the rest."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from loopback import Loopback, hangs, network, status, stops_after, waits

from speak.errors import UserError
from speak.fetching.attempts import Attempts, read_attempts
from speak.fetching.http import download
from speak.fetching.network import HostLimit
from speak.fetching.queue import fetch_all
from speak.fetching.wanted import Wanted

WAYS = {"http": download}


def publish(server: Loopback, count: int, num_bytes: int = 2000) -> list[Wanted]:
    """Files of random bytes on the server, with versions."""
    rng = random.Random(count)
    for i in range(count):
        server.files[f"{i}.bin"], server.versions[f"{i}.bin"] = rng.randbytes(num_bytes + i), f'"{i}"'
    return [Wanted(path=f"in/{name}", address=server.address(name), way="http") for name in server.files]


def fetch(wanted: list[Wanted], folder: Path, *, again: bool = False, ways=WAYS, **changes) -> dict[str, str]:
    with Attempts(folder / "attempts") as attempts:
        return fetch_all(wanted, folder / "root", ways, network(**changes), attempts, again=again, label="fetching")


def outcomes(folder: Path) -> dict[str, str]:
    """The last outcome by name."""
    return {Path(row.path).name: row.outcome for row in read_attempts(folder / "attempts")}


def assert_there(server: Loopback, folder: Path, names=None) -> None:
    for name in names or server.files:
        assert (folder / "root" / "in" / name).read_bytes() == server.files[name]


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


SCRIPT = """
import signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from loopback import network
from speak.fetching.attempts import Attempts
from speak.fetching.http import download
from speak.fetching.queue import fetch_all
from speak.fetching.wanted import Wanted
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job's children would ignore it
folder, port, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
wanted = [
    Wanted(path=f"in/{i}.bin", address=f"http://127.0.0.1:{port}/{i}.bin", way="http") for i in range(count)
]
try:
    with Attempts(folder / "attempts") as attempts:
        fetch_all(wanted, folder / "root", {"http": download}, network(), attempts, again=False, label="fetching")
except KeyboardInterrupt:
    sys.exit(130)
"""


def start(server: Loopback, folder: Path, count: int) -> subprocess.Popen:
    """A real process that fetches; its children, of which there are none, would die with it."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "NO_PROXY": "127.0.0.1"}
    arguments = [str(folder), str(server.port), str(count), str(Path(__file__).parent)]
    return subprocess.Popen([sys.executable, "-c", SCRIPT, *arguments], env=environment)


@pytest.mark.parametrize("seed", range(3))
def test_killed_in_the_middle_and_started_again(server, tmp_path, seed):
    """Whatever the moment: the same bytes, nothing that was obtained asked for twice, every row of the ledger there."""
    count, size = 24, 400_000
    wanted = publish(server, count, num_bytes=size)
    server.faults = {name: [slowly(size // 4)] for name in server.files}
    process = start(server, tmp_path, count)
    enough = random.Random(seed).randint(5, 16)
    assert server_has_been_asked(server, enough, process)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    complete = {path.name for path in (tmp_path / "root/in").iterdir() if not path.name.startswith(".")}
    held = {path.name[1 : -len(".partial")]: path.stat().st_size for path in (tmp_path / "root/in").glob(".*.partial")}
    before = read_attempts(tmp_path / "attempts")
    assert complete and len(complete) < count
    assert {Path(row.path).name for row in before if row.outcome == "obtained"} <= complete
    assert_there(server, tmp_path, complete)
    server.faults.clear()
    server.asked.clear()
    assert fetch(wanted, tmp_path) == {}
    assert_there(server, tmp_path)
    assert not {path for path, _ in server.asked} & complete, "obtained, and asked for again"
    assert read_attempts(tmp_path / "attempts")[: len(before)] == before
    assert set(outcomes(tmp_path).values()) == {"obtained"} and len(outcomes(tmp_path)) == count
    asked = dict(server.asked)
    for name, num_bytes in held.items():
        if num_bytes == len(server.files[name]):
            assert name not in asked, "all of it was there, but for its name"
        else:
            assert asked[name] == (f"bytes={num_bytes}-" if num_bytes else None), "what was begun is gone on with"
    assert not list((tmp_path / "root").rglob(".*"))


def test_interrupted_from_the_keyboard(server, tmp_path):
    """What is running is not waited for, what is there stays, and the next run goes on."""
    wanted = publish(server, 8)
    server.faults = {f"{i}.bin": [hangs] for i in range(4, 8)}
    process = start(server, tmp_path, 8)
    assert server_has_been_asked(server, 8, process)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert not (tmp_path / "attempts" / "journal.jsonl").exists()
    assert {name for name, outcome in outcomes(tmp_path).items() if outcome == "obtained"} == {
        "0.bin", "1.bin", "2.bin", "3.bin",
    }  # fmt: skip
    server.faults.clear()
    server.asked.clear()
    fetch(wanted, tmp_path)
    assert sorted(path for path, _ in server.asked) == [f"{i}.bin" for i in range(4, 8)]


def slowly(block: int):
    """Serve in blocks with a little pause after each."""

    def fault(handler) -> None:
        name = handler.path.lstrip("/")
        content = handler.loopback.files[name]
        handler.answer(200, b"", {"Content-Length": str(len(content)), "ETag": handler.loopback.versions[name]})
        for first in range(0, len(content), block):
            handler.wfile.write(content[first : first + block])
            handler.wfile.flush()
            handler.loopback.closing.wait(0.03)

    return fault


def server_has_been_asked(server: Loopback, times: int, process: subprocess.Popen) -> bool:
    """Wait until the server has seen so many requests, or the process has ended."""
    while len(server.asked) < times and process.poll() is None:
        server.closing.wait(0.005)
    return len(server.asked) >= times
