"""Public files and folders of Google Drive, through gdown.

A folder's address gives a table of the files in it (``path,address``, all levels), a file's address the file.
Nothing is logged in and no cookies are kept. A proxy is taken from the environment (``HTTPS_PROXY``): gdown
would print one it is given.
"""

import contextlib
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import gdown
import requests
from gdown.exceptions import DownloadError, FileURLRetrievalError

from speak.fetching.network import NetworkConfig
from speak.fetching.wanted import Blocked, Failed, NotObtained, Wanted, by_status
from speak.files import sha256_of, write_text

FOLDER = re.compile(r"https://drive\.google\.com/drive/(?:u/\d+/)?folders/[-\w]+.*")
FILE = "https://drive.google.com/uc?id="
STATUS = re.compile(r"status code (\d+)")


def download(wanted: Wanted, target: Path, network: NetworkConfig) -> int:
    """Obtain a file, or a folder's table; returns its size in bytes.

    Raises:
        NotObtained: by kind, see ``wanted``. A file that too many people asked for today is ``Blocked``.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _told():
        if FOLDER.fullmatch(wanted.address):
            write_text(target, _table(wanted.address, network))
        else:
            _file(wanted, target, network)
    return target.stat().st_size


def _table(address: str, network: NetworkConfig) -> str:
    files = gdown.download_folder(
        url=address, skip_download=True, quiet=True, use_cookies=False, timeout=network.timeout_s
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("path", "address"))
    writer.writerows(sorted((file.path, f"{FILE}{file.id}") for file in files))
    return text.getvalue()


def _file(wanted: Wanted, target: Path, network: NetworkConfig) -> None:
    draft = target.with_name(f".{target.name}.drive")
    gdown.download(
        url=wanted.address,
        output=str(draft),
        quiet=True,
        use_cookies=False,
        resume=True,
        timeout=network.timeout_s,
    )
    size = draft.stat().st_size
    wrong_size = wanted.num_bytes is not None and size != wanted.num_bytes
    if wrong_size or (wanted.sha256 is not None and sha256_of(draft) != wanted.sha256):
        draft.unlink()
        raise Failed(f"Google Drive: not the file that was published ({size} bytes came)")
    draft.replace(target)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """gdown's errors as ours, without its advice."""
    try:
        yield
    except FileURLRetrievalError as error:
        raise Blocked("Google Drive does not give the file: not public, or too many asked for it today") from error
    except DownloadError as error:
        status = STATUS.search(str(error))
        raise _refused(int(status[1]) if status else None) from error
    except requests.HTTPError as error:
        raise _refused(error.response.status_code) from error
    except requests.RequestException as error:
        raise Failed(f"Google Drive: {type(error).__name__}") from error
    except (KeyError, AssertionError) as error:  # gdown takes headers for granted
        raise Failed("Google Drive: an answer that gdown does not understand") from error


def _refused(status: int | None) -> NotObtained:
    return by_status(status, f"Google Drive: {status or 'the download broke off'}")
