"""The Clip record: one talking head, 256×256 at 30 fps with 16 kHz mono sound, and everything known about it.

One row per clip in Parquet. The heavy columns (``video``, ``audio``, ``landmarks``, ``blendshapes``) are separate, so
that reading landmarks never reads videos (column projection in ``speak.data.shards``).
"""

import dataclasses
import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

EMOTIONS = ("angry", "contempt", "disgusted", "fear", "happy", "neutral", "sad", "surprised")
"""The eight classes in MEAD's folder names; other datasets' labels are mapped to these."""

NUM_LANDMARKS = 478
NUM_BLENDSHAPES = 52


@dataclass(frozen=True, kw_only=True)
class Clip:
    """One preprocessed clip; also the schema of the Parquet shards (``SCHEMA``).

    Attributes:
        clip_id: stable name made of the source's own names, e.g. ``mead/M003/front/happy/level_1/001``.
        emotion: one of ``EMOTIONS`` or None when the dataset has no label.
        level: intensity 1 to 3, or None.
        video: H.264 in MP4, 256×256, constant ``fps``.
        audio: FLAC, 16 kHz mono 16 bit; sample 0 belongs to the start of frame 0.
        landmarks: (T, 478, 3) float32, pixels of the 256×256 frame, z in the same scale; NaN where no face was found.
        head_pose: (T, 3) float32 degrees: yaw, pitch, roll; NaN where no face was found.
        blendshapes: (T, 52) float32 in [0, 1]; NaN where no face was found.
        box: left, top, right, bottom of the crop in source pixels; may leave the source frame.
        face_share ... unmeasured: how good the clip is, see ``speak.preprocess.quality.Quality``; None where it could
            not be measured, and ``unmeasured`` says why.
        recipe: hash of the preprocessing parameters and code.
    """

    clip_id: str
    dataset: str
    person: str
    emotion: str | None
    level: int | None
    sentence: str | None
    num_frames: int
    fps: float
    video: bytes
    audio: bytes
    landmarks: np.ndarray
    head_pose: np.ndarray
    blendshapes: np.ndarray
    box: tuple[float, float, float, float]
    face_share: float
    sharpness: float
    brightness: float
    audio_dbfs: float | None
    speech_share: float | None
    sync_offset: int | None
    sync_conf: float | None
    unmeasured: str | None
    source_file: str
    source_sha256: str
    source_url: str | None
    source_start_s: float
    source_end_s: float
    recipe: str


SCHEMA = pa.schema(
    [
        ("clip_id", pa.string()),
        ("dataset", pa.string()),
        ("person", pa.string()),
        ("emotion", pa.string()),
        ("level", pa.int32()),
        ("sentence", pa.string()),
        ("num_frames", pa.int32()),
        ("fps", pa.float64()),
        ("video", pa.large_binary()),
        ("audio", pa.large_binary()),
        ("landmarks", pa.large_binary()),
        ("head_pose", pa.large_binary()),
        ("blendshapes", pa.large_binary()),
        ("box", pa.list_(pa.float64(), 4)),
        ("face_share", pa.float64()),
        ("sharpness", pa.float64()),
        ("brightness", pa.float64()),
        ("audio_dbfs", pa.float64()),
        ("speech_share", pa.float64()),
        ("sync_offset", pa.int32()),
        ("sync_conf", pa.float64()),
        ("unmeasured", pa.string()),
        ("source_file", pa.string()),
        ("source_sha256", pa.string()),
        ("source_url", pa.string()),
        ("source_start_s", pa.float64()),
        ("source_end_s", pa.float64()),
        ("recipe", pa.string()),
    ]
)
"""Arrays are stored as little-endian float32 bytes; their shapes follow from ``num_frames``."""

ARRAY_SHAPES = {"landmarks": (NUM_LANDMARKS, 3), "head_pose": (3,), "blendshapes": (NUM_BLENDSHAPES,)}


def to_row(clip: Clip) -> dict:
    """The clip as a dictionary that fits ``SCHEMA``."""
    row = {field.name: getattr(clip, field.name) for field in dataclasses.fields(clip)}
    for name, shape in ARRAY_SHAPES.items():
        array = np.ascontiguousarray(row[name], dtype="<f4")
        if array.shape != (clip.num_frames, *shape):
            raise ValueError(f"{clip.clip_id}: {name} has shape {array.shape}, expected {(clip.num_frames, *shape)}")
        row[name] = array.tobytes()
    row["box"] = list(clip.box)
    return row


def array_of(row: dict, name: str) -> np.ndarray:
    """Decode an array column of a row back to ``(T, ...) float32``."""
    return np.frombuffer(row[name], dtype="<f4").reshape(row["num_frames"], *ARRAY_SHAPES[name]).copy()


def file_stem(clip_id: str) -> str:
    """A file name without suffix for a clip id: safe on every file system and distinct for distinct ids.

    ``/`` becomes ``__``; anything but letters, digits, ``-``, ``.`` and single underscores is percent-encoded.
    """
    encoded = re.sub(r"[^A-Za-z0-9./_-]|__+|^\.", lambda m: "".join(f"%{byte:02X}" for byte in m[0].encode()), clip_id)
    return encoded.replace("/", "__")
