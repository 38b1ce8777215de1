"""A study brought to life: its design, its database, and a server."""

import contextlib
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from benchmarks.study.app import Served, make_app
from benchmarks.study.design import FILE, VIDEOS, Design, read_design
from benchmarks.study.guard import LOG
from benchmarks.study.invitations import read_tokens
from benchmarks.study.storage import Store, sqlite_url
from speak.errors import UserError
from speak.files import sha256_of


@contextlib.contextmanager
def opened(folder: Path, database: str | None) -> Iterator[tuple[Design, Store]]:
    """A study's design and its ratings.

    Args:
        folder: of the study.
        database: an SQLAlchemy URL; None for SQLite in the folder.

    Raises:
        UserError: there is no such study, its design was changed, or the database cannot be used.
    """
    design = read_design(folder)
    store = Store(database or sqlite_url(folder), design.study)
    try:
        store.begin(sha256_of(folder / FILE), list(design.sequences))
        yield design, store
    finally:
        store.close()


def serve_study(folder: Path, host: str, port: int, url: str, database: str | None) -> None:
    """Serve until interrupted. ``url`` is where participants see it; posts from other places are refused.

    Raises:
        UserError: as ``opened``, or a video is missing or was changed, or the port is taken.
    """
    with opened(folder, database) as (design, store):
        _check_videos(folder, design)
        app = make_app(Served(folder, design, store, read_tokens(folder)), url)
        _log_refusals()
        # No line for each request: it would hold tokens, and addresses of participants.
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
        with _listening(host, port) as listener:
            uvicorn.Server(config).run(sockets=[listener])


def origin_of(url: str) -> str:
    """An address as browsers name a page's origin. Raises UserError when it is more or less than that."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/") or parts.query:
        raise UserError(f"{url}: not an address of a whole site; give one such as https://study.example.org")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise UserError(f"{host}:{port}: {error.strerror or error}; name another --host or --port") from error


def _check_videos(folder: Path, design: Design) -> None:
    for item in design.items:
        path = folder / VIDEOS / f"{item.name}.mp4"
        if not path.is_file():
            raise UserError(f"{path}: missing; put the study's videos back, or make another study")
        if sha256_of(path) != item.sha256:
            raise UserError(f"{path}: was changed after the study was made; put it back, or make another study")


def _log_refusals() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    LOG.addHandler(handler)
    LOG.setLevel(logging.WARNING)
