"""The weight files that the baselines' authors publish: where, under which licence, and what is inside.

None of them may be passed on by this project, and most lie behind a page that needs a browser. Their authors give no
SHA-256 either, so the content that is first used under a file's name is pinned in the user's cache, and any other
content under that name is refused afterwards.
"""

import json
import shutil
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from speak.assets import cache_folder
from speak.errors import UserError
from speak.files import atomic_path, sha256_of, write_text

URL_TIMEOUT_S = 30.0
DRIVE = "https://drive.google.com"
RESEARCH = "personal, research and non-commercial use only (trained on LRS2)"
WITHDRAWN = "its authors' links are dead since 2025; a copy from before then fits"


@dataclass(frozen=True, kw_only=True)
class OfficialFile:
    """One published file.

    Attributes:
        name: as its authors call it; files are recognised by it.
        networks: keys of ``NETWORKS`` whose weights it holds.
        page: where its authors publish it.
        url: where it can be had without a browser; None for most.
        licence: of the weights, in words.
        sha256: hex digest; None where the authors give none.
        note: what else a user must know.
    """

    name: str
    networks: tuple[str, ...]
    page: str
    url: str | None = None
    licence: str
    sha256: str | None = None
    note: str = ""


WAV2LIP_PAGE, WAV2LIP_GAN_PAGE = (
    f"{DRIVE}/drive/folders/153HLrqlBNxzZcHi17PEvP09kkAfzRshM",
    f"{DRIVE}/file/d/15G3U08c8xsCkOqQxE38Z2XXDnPcOptNk/view",
)
WAV2LIP_REPOSITORY = "https://github.com/Rudrabha/Wav2Lip"
ATVG_PAGE = f"{DRIVE}/drive/folders/1McjJsKS_yrgEZeB1fb-Og-N2gf2PQMF6"
ATVG_LICENCE = "not stated (trained on LRW); code: MIT by its README"
PC_AVS_PAGE = f"{DRIVE}/file/d/1Zehr3JLIpzdg2S5zZrhIbpYPKF-4gKU_/view"
PC_AVS_NOTE = "inside demo.zip"
EAMM_PAGE = f"{DRIVE}/file/d/1IL9LjH3JegyMqJABqMxrX3StAq_v8Gtp/view"
EAMM_LICENCE = "not stated (trained on LRW, VoxCeleb, MEAD); code: MIT"
SYNCNET_URL = "http://www.robots.ox.ac.uk/~vgg/software/lipsync/data/syncnet_v2.model"

OFFICIAL_FILES: tuple[OfficialFile, ...] = (
    OfficialFile(
        name="Wav2Lip-SD-GAN.pt", networks=("wav2lip_generator",), page=WAV2LIP_GAN_PAGE, licence=RESEARCH,
        note="trained with the quality discriminator; TorchScript",
    ),
    OfficialFile(
        name="Wav2Lip-SD-NOGAN.pt", networks=("wav2lip_generator",), page=WAV2LIP_PAGE, licence=RESEARCH,
        note="TorchScript",
    ),
    OfficialFile(
        name="wav2lip_gan.pth", networks=("wav2lip_generator",), page=WAV2LIP_REPOSITORY, licence=RESEARCH,
        note=WITHDRAWN,
    ),
    OfficialFile(
        name="wav2lip.pth", networks=("wav2lip_generator",), page=WAV2LIP_REPOSITORY, licence=RESEARCH, note=WITHDRAWN
    ),
    OfficialFile(
        name="lipsync_expert.pth", networks=("wav2lip_syncnet_color",), page=WAV2LIP_REPOSITORY, licence=RESEARCH,
        note=f"for training only; {WITHDRAWN}",
    ),
    OfficialFile(
        name="visual_quality_disc.pth", networks=("wav2lip_disc_qual",), page=WAV2LIP_REPOSITORY, licence=RESEARCH,
        note=f"for training only; {WITHDRAWN}",
    ),
    OfficialFile(name="atnet_lstm_18.pth", networks=("atvg_atnet",), page=ATVG_PAGE, licence=ATVG_LICENCE),
    OfficialFile(name="generator_23.pth", networks=("atvg_vgnet",), page=ATVG_PAGE, licence=ATVG_LICENCE),
    OfficialFile(
        name="latest_net_G.pth", networks=("pcavs_netG",), page=PC_AVS_PAGE, licence="CC-BY-4.0", note=PC_AVS_NOTE
    ),
    OfficialFile(
        name="latest_net_V.pth", networks=("pcavs_netV",), page=PC_AVS_PAGE, licence="CC-BY-4.0", note=PC_AVS_NOTE
    ),
    OfficialFile(
        name="latest_net_E.pth", networks=("pcavs_netE",), page=PC_AVS_PAGE, licence="CC-BY-4.0", note=PC_AVS_NOTE
    ),
    OfficialFile(
        name="latest_net_A_sync.pth", networks=("pcavs_netA_sync",), page=PC_AVS_PAGE, licence="CC-BY-4.0",
        note=PC_AVS_NOTE,
    ),
    OfficialFile(
        name="124_52000.pth.tar", networks=("eamm_generator", "eamm_kp_detector"), page=EAMM_PAGE, licence=EAMM_LICENCE
    ),
    OfficialFile(
        name="1-6000.pth.tar", networks=("eamm_audio_feature", "eamm_kp_detector_a"), page=EAMM_PAGE,
        licence=EAMM_LICENCE,
    ),
    OfficialFile(name="5-3000.pth.tar", networks=("eamm_emo_detector",), page=EAMM_PAGE, licence=EAMM_LICENCE),
    OfficialFile(
        name="syncnet_v2.model", networks=("syncnet_s",), page="https://www.robots.ox.ac.uk/~vgg/software/lipsync/",
        url=SYNCNET_URL, licence="not stated; code: MIT",
    ),
)  # fmt: skip


def weights_folder() -> Path:
    """Where official files are looked for and fetched to."""
    return cache_folder() / "weights"


def files_called(name: str) -> list[OfficialFile]:
    """The file of that name, or the files that hold the network of that name.

    Raises:
        UserError: there is neither.
    """
    found = [official for official in OFFICIAL_FILES if name == official.name or name in official.networks]
    if not found:
        names = ", ".join(official.name for official in OFFICIAL_FILES)
        raise UserError(f"{name}: neither a network nor a published weight file; the files are {names}")
    return found


def pinned(name: str) -> str | None:
    """SHA-256 that a file of that name must have: the authors', else the first that was used here, else None."""
    known = next((official.sha256 for official in OFFICIAL_FILES if official.name == name), None)
    return known or _pins().get(name)


def refuse_other_content(path: Path) -> str | None:
    """Compare a file with what is pinned under its name.

    Returns:
        Its SHA-256; None when its name is not that of a published file.

    Raises:
        UserError: it has other content than the pinned one.
    """
    if path.name not in {official.name for official in OFFICIAL_FILES}:
        return None
    digest, wanted = sha256_of(path), pinned(path.name)
    if wanted not in (None, digest):
        raise UserError(
            f"{path}: sha256 {digest[:12]}... is not that of the {path.name} known here ({wanted[:12]}...); "
            f"if this one is right, remove its line from {_pins_file()}"
        )
    return digest


def pin(name: str, digest: str) -> None:
    """From now on a file of that name must have this SHA-256. Raises UserError when the cache cannot be written."""
    if pinned(name) == digest:
        return
    try:
        write_text(_pins_file(), json.dumps(_pins() | {name: digest}, indent=1, sort_keys=True) + "\n")
    except OSError as error:
        raise UserError(f"{_pins_file()}: cannot be written ({error.strerror}); set SPEAK_CACHE to a folder") from error


def download(official: OfficialFile, path: Path) -> None:
    """Fetch a file that needs no browser; it appears whole or not at all.

    Raises:
        UserError: it needs a browser, or the address did not give it.
    """
    if official.url is None:
        raise UserError(by_hand(official, path))
    try:
        with (
            urllib.request.urlopen(official.url, timeout=URL_TIMEOUT_S) as response,
            atomic_path(path) as temporary,
            open(temporary, "wb") as stream,
        ):
            shutil.copyfileobj(response, stream)
    except (OSError, ValueError) as error:  # URLError, HTTPError and time-outs are OSErrors
        reason = " ".join(str(getattr(error, "reason", error)).split())
        raise UserError(f"{official.url}: not fetched ({reason}); {by_hand(official, path)}") from error


def by_hand(official: OfficialFile, path: Path) -> str:
    """What a user does with a browser."""
    note = f" ({official.note})" if official.note else ""
    return f"{official.name}{note}: open {official.page} in a browser and save it as {path}"


def _pins_file() -> Path:
    return weights_folder() / "sha256.json"


def _pins() -> dict[str, str]:
    path = _pins_file()
    if not path.is_file():
        return {}
    try:
        pins = json.loads(path.read_text())
        return {str(name): str(digest) for name, digest in pins.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise UserError(f"{path}: not a list of SHA-256; remove it") from error
