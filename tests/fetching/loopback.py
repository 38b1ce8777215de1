"""A server on loopback that serves bytes, and misbehaves as it is told."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from speak.fetching.network import Backoff, HostLimit, NetworkConfig

Fault = Callable[["Handler"], None]
"""Answers one request in its own way."""


def network(**changes) -> NetworkConfig:
    """Impatient settings: what takes minutes out there takes hundredths of a second here."""
    plain = {
        "threads": 4,
        "host": HostLimit(at_once=4, per_second=1000.0),
        "hosts": {},
        "tries": 4,
        "backoff": Backoff(first_s=0.01, longest_s=0.05),
        "longest_wait_s": 5.0,
        "give_up_after": 50,
        "timeout_s": 1.0,
        "slowest_bytes_s": 1.0,
        "youtube": {},
    }
    return NetworkConfig(**plain | changes)


@dataclass
class Loopback:
    """What the server serves and has seen.

    Attributes:
        files: content by path; a path that is not there answers 404.
        versions: ETag by path; without one a file cannot be continued.
        faults: by path, what happens to its next requests, one after the other.
        ignore_ranges: answer with the whole file whatever was asked for.
        asked: (path, Range header or None) of every request.
        most_at_once: requests that were answered at the same time, at most.
    """

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    ignore_ranges: bool = False
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    most_at_once: int = 0
    at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def times(self, path: str) -> int:
        """How often a file was asked for."""
        return sum(asked == path for asked, _ in self.asked)


class Handler(BaseHTTPRequestHandler):
    loopback: Loopback

    def do_GET(self) -> None:
        state, path = self.loopback, self.path.lstrip("/").partition("?")[0]
        with state.lock:
            state.asked.append((path, self.headers["Range"]))
            state.at_once += 1
            state.most_at_once = max(state.most_at_once, state.at_once)
            fault = state.faults[path].pop(0) if state.faults.get(path) else None
        try:
            with contextlib.suppress(ConnectionError):
                (fault or Handler.serve)(self)
        finally:
            with state.lock:
                state.at_once -= 1

    def serve(self) -> None:
        """As a good server does it, with ranges for those files that have a version."""
        path = self.path.lstrip("/").partition("?")[0]
        content, version = self.loopback.files.get(path), self.loopback.versions.get(path)
        if content is None:
            self.answer(404, b"not here")
            return
        headers = {"ETag": version} if version else {}
        start = self.headers["Range"] and int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        if start and version and self.headers["If-Range"] == version and not self.loopback.ignore_ranges:
            if start >= len(content):
                self.answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
                return
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self.answer(206, content[start:], headers)
        else:
            self.answer(200, content, headers)

    def answer(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        """Headers (with the length, unless they bring their own) and all of ``content``."""
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def status(code: int, **headers: str) -> Fault:
    return lambda handler: handler.answer(code, b"no", {name.replace("_", "-"): v for name, v in headers.items()})


def says(content: bytes, **headers: str) -> Fault:
    """200 with this content and these headers."""
    return lambda handler: handler.answer(200, content, {name.replace("_", "-"): v for name, v in headers.items()})


def stops_after(num_bytes: int, *, reset: bool = False) -> Fault:
    """The right headers, the first bytes, and then nothing: an end, or a reset connection."""

    def fault(handler: Handler) -> None:
        path = handler.path.lstrip("/")
        content = handler.loopback.files[path]
        headers = {"Content-Length": str(len(content))}
        if version := handler.loopback.versions.get(path):
            headers["ETag"] = version
        handler.answer(200, content[:num_bytes], headers)
        handler.wfile.flush()
        if reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        handler.connection.close()

    return fault


def hangs(handler: Handler) -> None:
    """No answer while the server lives."""
    handler.loopback.closing.wait()


def drips(handler: Handler) -> None:
    """One byte now and then, of a great many."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not handler.loopback.closing.wait(0.02):
        handler.wfile.write(b"x")


def waits(seconds: float) -> Fault:
    """Serves well, later."""

    def fault(handler: Handler) -> None:
        handler.loopback.closing.wait(seconds)
        handler.serve()

    return fault


@contextlib.contextmanager
def loopback() -> Iterator[Loopback]:
    """A running server on a free port."""
    state = Loopback()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"loopback": state}))
    state.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.closing.set()
        server.shutdown()
        server.server_close()
