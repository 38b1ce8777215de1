"""Parameters of preprocessing, and the recipe that names a set of them."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from speak.errors import UserError
from speak.faces.crop import CropConfig
from speak.faces.follow import FollowConfig
from speak.faces.search import SearchConfig
from speak.files import sha256_of
from speak.media.cuts import CutConfig
from speak.media.video import VideoCodec

RECIPE_VERSION = 3
"""Part of every clip's recipe; raise it when the code makes different clips from the same parameters."""


@dataclass(frozen=True, kw_only=True)
class QualityConfig:
    """What a finished clip must be like; every limit is None for no limit. Units: see ``Quality``.

    Attributes:
        sync_network: checkpoint of a sync network (stage ``train_sync``) that measures offset and confidence; None
            leaves both unmeasured.
        min_sync_windows: clips with fewer windows that show a face have neither offset nor confidence.
    """

    min_sharpness: float | None
    min_brightness: float | None
    max_brightness: float | None
    min_audio_dbfs: float | None
    min_speech_share: float | None
    min_sync_conf: float | None
    max_sync_offset: int | None
    sync_network: str | None
    min_sync_windows: int

    def __post_init__(self):
        if self.sync_network is None and (self.min_sync_conf is not None or self.max_sync_offset is not None):
            raise ValueError("min_sync_conf and max_sync_offset need a sync_network")


@dataclass(frozen=True, kw_only=True)
class PreprocessConfig:
    """How clips are made.

    Attributes:
        size: side of the square frames in pixels.
        sample_rate: of the sound, in Hz.
        codec: frame rate and quality of the clips' video; good enough to serve as ground truth (crf 12 to
            16).
        search: how faces are looked for.
        cuts: where one shot ends and the next begins.
        follow: when a run of one face ends.
        crop: how the fixed box follows from the faces.
        min_found_share: share of the finished frames in which landmarks must be found.
        min_duration_s: shorter clips are not used.
        max_duration_s: only this much is taken from the start of the item's interval.
        missing_audio: what to do with a video without sound (or with digital silence): ``reject`` it, or keep
            it with ``silence``. Sound that is there but cannot be read is always a reason to reject.
        max_silent_end_s: how much earlier than the picture the sound may end (it is padded with silence); a
            longer clip is cut where its sound ends.
        quality: what the finished clip must be like.
    """

    size: int
    sample_rate: int
    codec: VideoCodec
    search: SearchConfig
    cuts: CutConfig
    follow: FollowConfig
    crop: CropConfig
    min_found_share: float
    min_duration_s: float
    max_duration_s: float
    missing_audio: Literal["reject", "silence"]
    max_silent_end_s: float
    quality: QualityConfig


def recipe_hash(config: PreprocessConfig) -> str:
    """16 hex digits that change with any parameter, with the sync network's weights and with ``RECIPE_VERSION``.

    Raises:
        UserError: there is no such sync network.
    """
    content = json.dumps([RECIPE_VERSION, asdict(config), _weights(config.quality.sync_network)], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _weights(network: str | None) -> str | None:
    if network is None:
        return None
    if not Path(network).is_file():
        raise UserError(f"preprocess.quality.sync_network: {network}: no such checkpoint; train it or set null")
    return sha256_of(Path(network))
