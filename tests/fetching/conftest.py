"""A server that misbehaves on request, and nothing between us and it."""

from collections.abc import Iterator

import pytest
from loopback import Loopback, loopback, network
from one_film import CONTENT

from speak.fetching.http import download
from speak.fetching.wanted import Wanted


@pytest.fixture
def server(monkeypatch) -> Iterator[Loopback]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with loopback() as state:
        yield state


@pytest.fixture
def film(server, tmp_path):
    """``film()`` asks once for the file, whose version the server knows; returns the target's path."""
    server.files["a/film.mp4"], server.versions["a/film.mp4"] = CONTENT, '"one"'
    target = tmp_path / "root" / "a" / "film.mp4"

    def ask(address: str | None = None, **changes):
        wanted = Wanted(path="a/film.mp4", address=address or server.address("a/film.mp4"), way="http", **changes)
        assert download(wanted, target, network()) == target.stat().st_size
        return target

    ask.target = target
    return ask
