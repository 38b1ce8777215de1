"""A real process that fetches, killed in the middle or interrupted: the next run goes on where it stopped."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fetch_runs import assert_there, fetch, outcomes, publish
from loopback import Loopback, hangs

from speak.fetching.attempts import read_attempts

SCRIPT = """
import signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from fetch_runs import fetch
from speak.fetching.wanted import Wanted
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job's children would ignore it
folder, port, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
wanted = [
    Wanted(path=f"in/{i}.bin", address=f"http://127.0.0.1:{port}/{i}.bin", way="http") for i in range(count)
]
try:
    fetch(wanted, folder)
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
