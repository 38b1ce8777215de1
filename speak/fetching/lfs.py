"""Files in Git LFS: the repository holds a short pointer text, a media server holds the file.

The pointer says the file's SHA-256 and size; the repository's batch interface says where it lies
(https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md). Both are checked by the ordinary download.
"""

import dataclasses
import re
from pathlib import Path
from typing import Any

import requests

from speak.fetching import http
from speak.fetching.network import NetworkConfig
from speak.fetching.wanted import Blocked, Failed, NotObtained, Wanted, by_status

POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-.*\n)*oid sha256:([0-9a-f]{64})\nsize (\d+)\n"
)
LARGEST_POINTER_BYTES = 1024
"""The specification's own bound (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md)."""
MEDIA_TYPE = "application/vnd.git-lfs+json"
GITHUB_RAW = re.compile(r"https://raw\.githubusercontent\.com/([^/]+/[^/]+)/.+")
RAW = re.compile(r"(https?://[^?]+?)/raw/.+")


def download(wanted: Wanted, target: Path, network: NetworkConfig) -> int:
    """Obtain the file behind the pointer at ``wanted.address``; returns its size in bytes.

    Raises:
        NotObtained: by kind, see ``wanted``; an address that gives no pointer is ``Failed``.
    """
    sha256, num_bytes = _pointer(wanted, target, network)
    address = _address_of(_batch(endpoint(wanted.address), sha256, num_bytes, network))
    file = dataclasses.replace(wanted, address=address, way="http", num_bytes=num_bytes, sha256=sha256)
    return http.download(file, target, network)


def endpoint(address: str) -> str:
    """Where the repository of a pointer's address answers batch requests.

    Understood are ``raw.githubusercontent.com/<owner>/<name>/<ref>/<path>`` and, as most git servers have it,
    ``<repository>/raw/<ref>/<path>``. Raises Failed for any other.
    """
    if match := GITHUB_RAW.fullmatch(address):
        return f"https://github.com/{match[1]}.git/info/lfs/objects/batch"
    if match := RAW.fullmatch(address):
        return f"{match[1]}.git/info/lfs/objects/batch"
    raise Failed("its address names no repository: expected <repository>/raw/<ref>/<path>")


def _pointer(wanted: Wanted, target: Path, network: NetworkConfig) -> tuple[str, int]:
    draft = target.with_name(f".{target.name}.pointer")
    plain = dataclasses.replace(wanted, way="http", num_bytes=None, sha256=None)
    try:
        size = http.download(plain, draft, network)
        match = POINTER.fullmatch(draft.read_bytes()) if size <= LARGEST_POINTER_BYTES else None
    finally:
        draft.unlink(missing_ok=True)
    if match is None:
        raise Failed("its address gives no Git LFS pointer")
    return match[1].decode(), int(match[2])


def _batch(address: str, sha256: str, num_bytes: int, network: NetworkConfig) -> dict[str, Any]:
    """The server's answer about one object."""
    question = {
        "operation": "download",
        "transfers": ["basic"],
        "objects": [{"oid": sha256, "size": num_bytes}],
    }
    headers = {"Accept": MEDIA_TYPE, "Content-Type": MEDIA_TYPE}
    try:
        answer = requests.post(address, json=question, headers=headers, timeout=network.timeout_s)
        content = answer.json()
    except requests.JSONDecodeError:
        raise _refused(answer.status_code, "no JSON") from None
    except requests.RequestException as error:
        raise Failed(f"Git LFS: {type(error).__name__}") from error
    if not answer.ok:
        raise _refused(answer.status_code, _message(content))
    objects = content.get("objects") if isinstance(content, dict) else None
    if not isinstance(objects, list) or len(objects) != 1 or not isinstance(objects[0], dict):
        raise Failed("Git LFS: the answer is not about the object asked for")
    return objects[0]


def _address_of(found: dict[str, Any]) -> str:
    if isinstance(error := found.get("error"), dict):
        raise _refused(error.get("code"), _message(error))
    try:
        action = found["actions"]["download"]
        address = str(action["href"])
    except (KeyError, TypeError):
        raise Failed("Git LFS: the answer names no download") from None
    if action.get("header"):
        raise Blocked("Git LFS: the media server wants a login; clone the repository with git-lfs instead")
    return address


def _message(content: Any) -> str:
    return " ".join(str(content.get("message", "")).split()) if isinstance(content, dict) else ""


def _refused(status: int, message: str) -> NotObtained:
    return by_status(status, f"Git LFS: {status} {message}".strip())
