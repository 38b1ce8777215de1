"""The exact ground truth of a rendered file, stored beside the mirror of its dataset.

``truth/<clip>.npz`` holds arrays with one row per frame of the media file, ``truth/<clip>.json`` everything
else. Times and rows are those of the media file; where a clip is only an interval of it, ``start_s`` and
``end_s`` say which.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from speak.corpus.shot import Shot
from speak.data.clip import file_stem
from speak.files import atomic_path, write_text

FOLDER = "truth"


def truth_path(mirror: Path, clip_id: str) -> Path:
    """The ``.npz`` of a clip; the ``.json`` has the same stem. ``mirror`` holds the datasets' folders."""
    return mirror / FOLDER / f"{file_stem(clip_id)}.npz"


def write_truth(mirror: Path, shot: Shot, arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> None:
    """Write both files for each clip of a shot."""
    whole = (0.0, shot.take.duration_s)
    for clip_id, (start_s, end_s) in zip(shot.clip_ids, shot.intervals or [whole], strict=True):
        path = truth_path(mirror, clip_id)
        with atomic_path(path) as temporary:
            np.savez_compressed(temporary, **arrays)
        place = {
            "video": f"{shot.dataset}/{shot.video}",
            "fps": shot.take.fps,
            "start_s": start_s,
            "end_s": end_s,
        }
        record = {"clip_id": clip_id, "dataset": shot.dataset, "person": shot.person, **place, **meta}
        write_text(path.with_suffix(".json"), json.dumps(record, indent=1, sort_keys=True) + "\n")


def face_boxes(mirror: Path, shot: Shot) -> np.ndarray:
    """(T, 4) left, top, right, bottom of the true face in each frame of a shot's file, pixels."""
    with np.load(truth_path(mirror, shot.clip_ids[0])) as arrays:
        return arrays["face_box"]
