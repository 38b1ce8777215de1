"""Videos of YouTube (and of whatever else yt-dlp knows), through yt-dlp's Python interface.

YouTube offers picture and sound of the better qualities in separate files only; they are downloaded one after
the other and joined here, so that no ffmpeg program is needed. Options such as cookies or a proxy are
yt-dlp's own, from ``network.youtube`` in the parameters, and are never printed.
"""

import contextlib
import logging
import re
import shutil
from pathlib import Path
from typing import Any

import yt_dlp
from yt_dlp.utils import GeoRestrictedError, UnsupportedError, YoutubeDLError

from speak.errors import UserError, disk_mistake
from speak.fetching.network import NetworkConfig
from speak.fetching.wanted import Blocked, Failed, Gone, NotObtained, Wanted
from speak.files import atomic_path
from speak.media.container import opened
from speak.media.errors import MediaError
from speak.media.joining import join

FORMAT = "bv*[vcodec^=avc1][height<=?1080]/bv*[ext=mp4][height<=?1080]/b,ba[ext=m4a]"
"""The best picture up to 1080 lines, H.264 if there is any, and the best sound that goes into MP4."""
REFUSED = frozenset(
    ("postprocessors", "external_downloader", "ffmpeg_location", "plugin_dirs", "download_archive", "simulate")
)
"""Options that would run programs or foreign code, or leave no file."""
LOG = logging.getLogger(__name__)
LOG.addHandler(logging.NullHandler())

KINDS: tuple[tuple[re.Pattern[str], type[NotObtained]], ...] = (
    (re.compile(r"requested format is not available|ffmpeg is not installed", re.I), Blocked),
    (re.compile(r"rate-limited|try again later|HTTP Error (429|5\d\d)|timed? ?out", re.I), Failed),
    (
        re.compile(
            r"sign in|log in|private|members|registered users|confirm your age|age-restricted|captcha|DRM"
            r"|your (country|location)|payment|purchase|\brent|HTTP Error 40[13]|HTTP Error 451",
            re.I,
        ),
        Blocked,
    ),
    (
        re.compile(
            r"unavailable|not available|isn.t available|no longer|removed|terminated|deleted|does(n.t| not) exist"
            r"|truncated|HTTP Error 4(04|10)",
            re.I,
        ),
        Gone,
    ),
)
"""What yt-dlp and YouTube say, and what it means; the first that fits counts, and what fits none has failed."""
NOISE = re.compile(r"\x1b\[[0-9;]*m|^ERROR: |;? ?please report this issue.*|\.? +Use --.*|Caused by.*", re.I | re.S)
LOGIN = re.compile(r"(?<=://)[^/\s@]+@")
REASON_CHARACTERS = 200


def download(wanted: Wanted, target: Path, network: NetworkConfig) -> int:
    """Obtain one video with its sound as an MP4 file; returns its size in bytes.

    What an interrupted download has left beside ``target`` is gone on with.

    Raises:
        NotObtained: by kind, see ``wanted``.
        OSError: the disk's, not the network's.
        UserError: ``network.youtube`` has an option that is not the user's to set.
    """
    folder = target.with_name(f".{target.name}.youtube")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with yt_dlp.YoutubeDL(options(network, folder)) as downloader:
            found = downloader.extract_info(wanted.address) or {}
    except YoutubeDLError as error:
        with contextlib.suppress(OSError):
            folder.rmdir()  # unless a part has come
        raise _told(error) from error
    files = [Path(one["filepath"]) for one in found.get("requested_downloads", ())]
    try:
        with atomic_path(target) as temporary:
            _assemble(files, temporary)
    finally:
        shutil.rmtree(folder)  # what does not fit together is not to be found again by the next try
    return target.stat().st_size


def options(network: NetworkConfig, folder: Path) -> dict[str, Any]:
    """yt-dlp's options for a download into ``folder``, which gets one file per format."""
    ours = {
        "outtmpl": {"default": f"{str(folder).replace('%', '%%')}/%(format_id)s.%(ext)s"},
        "logger": LOG,
        "ignoreerrors": False,
        "noplaylist": True,
        "cachedir": False,
        "quiet": True,
        "noprogress": True,
    }
    if refused := sorted((REFUSED | ours.keys()) & network.youtube.keys()):
        raise UserError(f"network.youtube.{refused[0]}: not to be set; remove that line")
    return {"format": FORMAT, "socket_timeout": network.timeout_s, **network.youtube, **ours}


def _assemble(files: list[Path], target: Path) -> None:
    """One file as it is; of two, the picture of one and the sound of the other."""
    try:
        if len(files) == 1:
            with opened(files[0]):
                files[0].replace(target)
            return
        pictures = [file for file in files if _has(file, "video")]
        sounds = [file for file in files if file not in pictures[:1] and _has(file, "audio")]
        if not pictures or not sounds:
            raise Failed(f"{len(files)} files came, without a picture and a sound to join")
        join(pictures[0], sounds[0], target)
    except MediaError as error:
        raise Failed(f"what came is no video: {error}") from error


def _has(file: Path, kind: str) -> bool:
    with opened(file) as container:
        return any(stream.type == kind for stream in container.streams)


def _told(error: YoutubeDLError) -> NotObtained | OSError:
    """yt-dlp's error as one of ours, its message without colours, hints for its command line and passwords."""
    cause = (getattr(error, "exc_info", None) or (None, error))[1]
    if isinstance(cause, OSError) and disk_mistake(cause):
        return cause
    text = LOGIN.sub("", NOISE.sub("", str(error)))
    reason = f"yt-dlp: {' '.join(text.split())[:REASON_CHARACTERS]}"
    if isinstance(cause, GeoRestrictedError):
        return Blocked(reason)
    if isinstance(cause, UnsupportedError):
        return Gone(reason)
    return next((kind(reason) for pattern, kind in KINDS if pattern.search(text)), Failed(reason))
