"""One file over HTTP: resumed where it stopped, checked, and in its place whole or not at all.

What has arrived lies in a hidden file beside the target, with a note of the server's validator (RFC 9110, section 8.8)
and length. Only with a strong validator is a file continued, so that two versions are never glued together. A server
that states a shorter length than the file has cannot be told from an honest one, unless the dataset states the size or
the hash.
"""

import contextlib
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import responses
from pathlib import Path, PurePosixPath

import requests
import urllib3
from requests import exceptions

from speak.fetching.network import NetworkConfig
from speak.fetching.wanted import Blocked, Failed, Gone, NotObtained, Wanted
from speak.files import sha256_of

AGENT = "speak-bench"
MOST_REDIRECTS = 10
BLOCK_BYTES = 1 << 18
HEAD_BYTES = 512
PAGE_TYPES = ("text/html", "application/xhtml+xml")
PAGE_STARTS = (b"<!doctype html", b"<html", b"<head")
PAGE_SUFFIXES = (".html", ".htm")
A_PAGE = "a web page came in place of the file (a login, a notice or a limit); open its address in a browser"
CONTENT_RANGE = re.compile(r"bytes (?P<first>\d+)-\d+/(?P<total>\d+|\*)")
GONE = (404, 410)
TEMPORARY = (408, 416, 425, 429)
"""Client errors that may pass; so may every server error (5xx) and whatever carries Retry-After."""


@dataclass(frozen=True)
class Begun:
    """An unfinished file: its bytes so far, all bytes (None: not stated), and the version they belong to."""

    num_bytes: int
    total_bytes: int | None
    validator: str


def download(wanted: Wanted, target: Path, network: NetworkConfig) -> int:
    """Fetch one file to ``target``; returns its bytes.

    Raises:
        NotObtained: as Gone, Blocked or Failed, with the reason.
        OSError: the disk's, not the network's.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    begun = _begun(target)
    if begun is None or begun.num_bytes != begun.total_bytes:
        _receive(wanted, target, begun, network)
    partial = partial_of(target)
    try:
        _check(partial, wanted)
    except NotObtained:
        _forget(target)
        raise
    num_bytes = partial.stat().st_size
    with open(partial, "rb") as stream:
        os.fsync(stream.fileno())
    os.replace(partial, target)
    _note_of(target).unlink(missing_ok=True)
    return num_bytes


def partial_of(target: Path) -> Path:
    """Where the bytes of an unfinished file lie."""
    return target.with_name(f".{target.name}.partial")


def _note_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.resume")


def _begun(target: Path) -> Begun | None:
    try:
        note = json.loads(_note_of(target).read_text(encoding="utf-8"))
        num_bytes = partial_of(target).stat().st_size
    except (FileNotFoundError, ValueError):
        return None
    return Begun(num_bytes=num_bytes, **note) if num_bytes else None


def _forget(target: Path) -> None:
    _note_of(target).unlink(missing_ok=True)
    partial_of(target).unlink(missing_ok=True)


def _receive(wanted: Wanted, target: Path, begun: Begun | None, network: NetworkConfig) -> None:
    """Ask for the file, or for the rest of it, and append what comes."""
    headers = {"Accept-Encoding": "identity", "User-Agent": AGENT}
    if begun:
        headers |= {"Range": f"bytes={begun.num_bytes}-", "If-Range": begun.validator}
    with _asked(wanted.address, headers, network) as response:
        if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            _forget(target)
        _refuse(response)
        if response.status_code == HTTPStatus.PARTIAL_CONTENT:
            _check_rest(response, begun, target)
        else:
            _forget(target)
            _check_start(response, wanted)
            _note(response, target)
        with open(partial_of(target), "ab") as stream:
            for block in _blocks(response, network):
                stream.write(block)
                if wanted.num_bytes is not None and stream.tell() > wanted.num_bytes:
                    break  # _check says what is wrong with it
    held = _begun(target)
    if held and held.total_bytes is not None and held.num_bytes < held.total_bytes:
        raise Failed(f"{held.num_bytes} of {held.total_bytes} bytes came")


@contextlib.contextmanager
def _asked(address: str, headers: dict[str, str], network: NetworkConfig) -> Iterator[requests.Response]:
    """The answer to a GET; whatever the network does to it becomes a reason, in words of our own.

    The libraries' messages hold addresses with their keys, so none of them is passed on.
    """
    try:
        with requests.Session() as session:
            session.max_redirects = MOST_REDIRECTS
            with session.get(address, headers=headers, stream=True, timeout=network.timeout_s) as response:
                yield response
    except (exceptions.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise Failed(f"no answer within {network.timeout_s:g} s") from error
    except exceptions.TooManyRedirects as error:
        raise Failed(f"redirected more than {MOST_REDIRECTS} times") from error
    except (exceptions.InvalidSchema, exceptions.InvalidURL, exceptions.MissingSchema) as error:
        raise Blocked("its address, or where that redirects to, is not one of http or https") from error
    except (exceptions.SSLError, urllib3.exceptions.SSLError) as error:
        raise Failed("no secure connection; the server's certificate was not accepted") from error
    except (exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
        raise Failed(f"the connection broke: {_cause(error)}") from error


def _cause(error: BaseException | None) -> str:
    """The system's word for what went wrong (``Connection refused``)."""
    while error:
        if isinstance(error, OSError) and error.strerror:
            return error.strerror
        error = error.__cause__ or error.__context__
    return "it ended before the file did"


def _refuse(response: requests.Response) -> None:
    """Raise for every status but the two that bring the file."""
    status = response.status_code
    if status in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        return
    reason = f"the server answered {status} {responses.get(status, '')}".rstrip()
    after_s = _after_s(response.headers.get("Retry-After"))
    if status in GONE:
        raise Gone(reason)
    if after_s is None and 400 <= status < 500 and status not in TEMPORARY:
        raise Blocked(reason)
    raise Failed(reason, after_s)


def _after_s(text: str | None) -> float | None:
    """Seconds of a Retry-After header, which holds seconds or a date (RFC 9110, section 10.2.3)."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _check_start(response: requests.Response, wanted: Wanted) -> None:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in PAGE_TYPES and not _may_be_page(wanted):
        raise Blocked(A_PAGE)
    length = _length(response)
    if None not in (length, wanted.num_bytes) and length != wanted.num_bytes:
        raise Failed(f"the server has {length} bytes, the dataset states {wanted.num_bytes}")


def _check_rest(response: requests.Response, begun: Begun | None, target: Path) -> None:
    """Only the rest of the very same version may follow what is there."""
    part = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if begun is None or part is None or int(part["first"]) != begun.num_bytes:
        _forget(target)
        raise Failed("the server sent another part than the one asked for")
    same_length = begun.total_bytes is None or part["total"] in ("*", str(begun.total_bytes))
    if not same_length or _validator(response) not in (None, begun.validator):
        _forget(target)
        raise Failed("the file changed at the server while it was being fetched")


def _note(response: requests.Response, target: Path) -> None:
    """Write down what a later try needs to go on from here; a note that was cut short is none."""
    if validator := _validator(response):
        note = {"total_bytes": _length(response), "validator": validator}
        _note_of(target).write_text(json.dumps(note), encoding="utf-8")


def _validator(response: requests.Response) -> str | None:
    etag = response.headers.get("ETag")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified")


def _length(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() else None


def _blocks(response: requests.Response, network: NetworkConfig) -> Iterator[bytes]:
    """The body as it comes, as it was sent. Raises Failed when it only drips."""
    began, num_bytes = time.monotonic(), 0
    while block := response.raw.read1(BLOCK_BYTES, decode_content=False):
        yield block
        num_bytes += len(block)
        seconds = time.monotonic() - began
        if seconds > network.timeout_s:
            if num_bytes < network.slowest_bytes_s * seconds:
                raise Failed(f"slower than {network.slowest_bytes_s:g} bytes a second for {network.timeout_s:g} s")
            began, num_bytes = time.monotonic(), 0


def _check(partial: Path, wanted: Wanted) -> None:
    """Raise unless a complete file is what was wanted."""
    num_bytes = partial.stat().st_size
    if not num_bytes:
        raise Failed("the server sent 0 bytes")
    if wanted.num_bytes is not None and num_bytes > wanted.num_bytes:
        raise Failed(f"longer than the {wanted.num_bytes} bytes that the dataset states")
    if wanted.num_bytes is not None and num_bytes < wanted.num_bytes:
        raise Failed(f"{num_bytes} bytes came, the dataset states {wanted.num_bytes}")
    with open(partial, "rb") as stream:
        head = stream.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith(PAGE_STARTS) and not _may_be_page(wanted):
        raise Blocked(A_PAGE)
    if wanted.sha256 is not None and (digest := sha256_of(partial)) != wanted.sha256.lower():
        raise Failed(f"wrong content: sha256 {digest[:12]}..., the dataset states {wanted.sha256[:12]}...")


def _may_be_page(wanted: Wanted) -> bool:
    return PurePosixPath(wanted.path).suffix.lower() in PAGE_SUFFIXES
