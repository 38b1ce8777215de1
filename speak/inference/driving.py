"""A video that leads head pose or emotion, prepared exactly as the training clips were.

Its sound does not matter. Whatever its size and rate, the face is followed, cut out by one fixed box, and brought to
the rate of the video that is made.
"""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from speak.errors import UserError
from speak.faces.crop import CropConfig
from speak.faces.follow import FollowConfig
from speak.faces.landmarker import Landmarker
from speak.faces.search import SearchConfig
from speak.media.cuts import CutConfig
from speak.media.video import VideoCodec, read_clip
from speak.preprocess import PreprocessConfig, QualityConfig, Rejected, process
from speak.sources.item import Item

LONGEST_S = 60.0
"""Only this much of a driving video is used; its frames are held in memory."""

CUT = PreprocessConfig(
    size=256,
    sample_rate=16_000,
    codec=VideoCodec(fps=30.0, crf=12, preset="veryfast"),
    search=SearchConfig(every_s=0.2, view_px=640, region_scale=3.0, tile_levels=2, tiles_every_s=1.0),
    cuts=CutConfig(max_likeness=0.6, times_neighbours=3.0, window_s=0.2),
    follow=FollowConfig(min_iou=0.25, max_gap_s=0.5),
    crop=CropConfig(enlarge=0.3, lift=0.08, min_face_px=48),
    min_found_share=0.5,
    min_duration_s=0.0,
    max_duration_s=LONGEST_S,
    missing_audio="silence",
    max_silent_end_s=1e9,
    quality=QualityConfig(
        min_sharpness=None,
        min_brightness=None,
        max_brightness=None,
        min_audio_dbfs=None,
        min_speech_share=None,
        min_sync_conf=None,
        max_sync_offset=None,
        sync_network=None,
        min_sync_windows=1,
    ),
)
"""As in the profiles, but short clips, lost faces and missing sound are no reason to refuse."""


def read_driving(
    path: Path, role: str, landmarker: Landmarker, *, fps: float, longest_s: float
) -> tuple[np.ndarray, np.ndarray]:
    """Read a driving video.

    Args:
        path: any video file.
        role: ``pose`` or ``emotion``, for error messages.
        landmarker: finds the face.
        fps: wanted rate.
        longest_s: how much is needed; never more than ``LONGEST_S`` is read.

    Returns:
        frames (T, 256, 256, 3) uint8 RGB and landmarks (T, 478, 3) pixels, NaN rows where no face was found.

    Raises:
        UserError: no such file, not a video, or no face in it.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such {role} video")
    item = Item(
        item_id=f"driving/{path.name}",
        dataset="driving",
        person=path.stem,
        video=path.name,
    )
    frame_s = math.floor(1000 / fps) / 1000  # at least one frame
    config = replace(
        CUT,
        codec=replace(CUT.codec, fps=fps),
        min_duration_s=frame_s,
        max_duration_s=min(longest_s, LONGEST_S),
    )
    made = process(item, path.parent, config, landmarker)
    if isinstance(made, Rejected):
        raise UserError(f"{path}: cannot lead the {role}: {made.reason}")
    return read_clip(made.video), made.landmarks
