"""A run of the queue on files that a loopback server has, and what came of it."""

import random
from pathlib import Path

from loopback import Loopback, network

from speak.fetching.attempts import Attempts, read_attempts
from speak.fetching.http import download
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
