"""A server that misbehaves on request, and nothing between us and it."""

from collections.abc import Iterator

import pytest
from loopback import Loopback, loopback


@pytest.fixture
def server(monkeypatch) -> Iterator[Loopback]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with loopback() as state:
        yield state
