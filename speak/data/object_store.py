"""Files in an object store: S3, or whatever else fsspec has an address for.

An object is named by the SHA-256 of its content, so it is never overwritten, and what is there already is not sent
again. Stores show an object once it is complete: an upload that breaks off leaves none.

Credentials and the endpoint come from the store's usual environment variables (``AWS_ACCESS_KEY_ID``,
``AWS_SECRET_ACCESS_KEY``, ``AWS_ENDPOINT_URL``, ...); they are never written down here.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fsspec import available_protocols
from fsspec.core import url_to_fs

from speak.errors import UserError
from speak.files import sha256_of

CLIENT_LIBRARIES = ("aiobotocore", "aiohttp", "botocore")
"""Their errors are the network's or the store's, like OSError."""


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file in a store, as a manifest names it."""

    url: str
    num_bytes: int
    sha256: str


def check_address(address: str) -> None:
    """Raise ValueError unless it is ``protocol://place`` with a protocol of fsspec's, and without credentials."""
    protocol, _, place = address.partition("://")
    if "@" in address:
        raise ValueError("an address must not hold credentials; they belong into the environment (docs/cluster.md)")
    if protocol not in available_protocols() or not place:
        raise ValueError(f"{address!r} is not an address such as s3://bucket/prefix")


def check_reachable(address: str) -> None:
    """Raise UserError unless the store answers and lets us in, before hours of work are done for it."""
    with _plain_errors(address):
        store, place = url_to_fs(address)
        store.exists(f"{place}/anything")


def send(path: Path, address: str) -> StoredFile:
    """Put a file under ``address`` unless it is there; raises UserError when the store does not take it."""
    digest, num_bytes = sha256_of(path), path.stat().st_size
    url = f"{address.rstrip('/')}/{digest}{path.suffix}"
    with _plain_errors(url):
        store, place = url_to_fs(url)
        if not store.exists(place) or store.size(place) != num_bytes:
            store.put_file(str(path), place)
    return StoredFile(url=url, num_bytes=num_bytes, sha256=digest)


@contextlib.contextmanager
def open_stored(file: StoredFile) -> Iterator[BinaryIO]:
    """Yield the file, open for reading: each read asks the store for just these bytes.

    Raises:
        UserError: the store does not answer, has no such object, or one of another size.
    """
    with _plain_errors(file.url):
        store, place = url_to_fs(file.url)
        with store.open(place, "rb", cache_type="none") as stream:
            if stream.size != file.num_bytes:
                raise UserError(f"{file.url}: {stream.size} bytes instead of {file.num_bytes}; run its stage again")
            yield stream


@contextlib.contextmanager
def _plain_errors(url: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:  # fsspec knows the protocol, but its client is not installed
        raise UserError(f"{url}: {error}; for S3: pip install 'speak-bench[s3]'") from error
    except Exception as error:
        if not isinstance(error, OSError) and type(error).__module__.partition(".")[0] not in CLIENT_LIBRARIES:
            raise
        what = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"{url}: {what}; check the address, the endpoint and the credentials") from error
