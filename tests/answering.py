"""A server on this machine whose answers a test writes down, and how to behave towards it."""

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from speak.fetching.network import Backoff, HostLimit, NetworkConfig

NETWORK = NetworkConfig(
    threads=1,
    host=HostLimit(at_once=1, per_second=100),
    hosts={},
    tries=1,
    backoff=Backoff(first_s=0, longest_s=0),
    longest_wait_s=0,
    give_up_after=1,
    timeout_s=5,
    slowest_bytes_s=0,
    youtube={},
)


@dataclass
class Asked:
    """One request: ``method``, ``path``, ``headers``, ``body``."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Server:
    address: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def serving(answer: Callable[[Asked], Answer]) -> Iterator[Server]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length))
            server.asked.append(asked)
            found = answer(asked)
            self.send_response(found.status)
            for name, value in {"Content-Length": str(len(found.body)), **found.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(found.body)

        do_GET = do_POST = do_HEAD = _answer

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        server = Server(f"http://127.0.0.1:{listening.server_port}")
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        try:
            yield server
        finally:  # else a test that expects an error leaves a thread that asks a closed socket for ever
            listening.shutdown()
