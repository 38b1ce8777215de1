"""Real files through the path of ``make folder``: a clip, or a reason that a person agrees with; nothing is lost.

The whole collection takes minutes and is marked ``realdata``; the awkward files and the three with known sync offsets
are tried with the fast tests, too.
"""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import correlate, correlation_lags

from pipelines import preprocess
from pipelines.cluster import ClusterConfig
from pipelines.stage import load
from speak.data.ledger import CLIP, OBTAINED, LedgerRow, account
from speak.data.shards import METADATA_COLUMNS, read_rows
from speak.media.audio import decode_flac
from speak.media.video import read_clip
from speak.sources import SOURCES

NO_FACE = r"no face found in \d+ frames looked at"

NO_CLIP = {
    "awkward/audio_ends_badly.mp4": NO_FACE,
    "awkward/audio_only.mp4": "no video stream",
    "awkward/corrupted_midstream.mp4": r"video cannot be decoded beyond 2\.70 s \(28 frames\): .+",
    "awkward/empty_0_bytes.mp4": r"the file is empty \(0 bytes\)",
    "awkward/flv_vp6_no_audio.flv": NO_FACE,  # a face of some thirty pixels is none
    "awkward/no_detectable_face_8khz.mp4": NO_FACE,  # a face of some thirty pixels is none
    "awkward/no_face.mp4": NO_FACE,
    "awkward/rotation_minus90.mov": r"too short: 0\.10 s of picture, 1\.0 s needed",
    "cremad_lfs_pointers/VideoFlash/1001_DFA_ANG_XX.flv": "a Git LFS pointer, not the file itself .+",
}
"""Files that give no clip, and why; all others must give one."""

LONGEST_S = {"awkward/face_then_no_face.mov": 3.0, "awkward/several_people_hamilton.mp4": 5.0}
"""Clips that must be shorter than their files: a cartoon follows the face; a cut to other people."""

SILENT = (
    "awkward/face_then_no_face.mov",  # in the part with the face
    "awkward/no_audio_night_596x336.mp4",
    "awkward/silent_audio_track_d3.mp4",
    "mead_crops256/",
    "ravdess/Actor_01/02-01-01-01-01-01-01.mp4",
    "wild/edtalk_expression_source_noaudio.mp4",
    "wild/styletalk_furious_talk1_clip2_noaudio.mp4",
    "wild/styletalk_happyenglish_clip2_noaudio.mp4",
)
"""Files (and a folder) without a sound track or with nothing on it: clips with silence, as the profile wants them."""

OFFSETS_S = {"test_offset_0": 0.0, "test_offset_5": 0.2, "test_offset_12": 0.48}
"""By how much the sound is late in three versions of one take, by their authors."""

ALONE = ClusterConfig(workers=1, serial_below=1, retries=0, item_timeout_s=600.0, trainings_serial_below=1)


def preprocessed(root: Path, folder: Path, chosen: str) -> tuple[list[LedgerRow], dict[str, dict]]:
    """Rows of the files whose path begins with ``chosen``, and the clips that they gave, by file."""
    items = [item for item in SOURCES["folder"].catalogue(root) if item.video.startswith(chosen)]
    rows = [LedgerRow(item=item, root=str(root), status=OBTAINED, stage=None, reason=None) for item in items]
    params = load("folder", "demo", preprocess.SECTIONS).params
    rows = preprocess.preprocess(rows, folder / "clips", folder / "partial", params, ALONE)
    columns = [*METADATA_COLUMNS, "audio", "video"]
    return rows, {row["source_file"]: row for row in read_rows([folder / "clips"], columns)}


def assert_as_agreed(rows: list[LedgerRow], clips: dict[str, dict]) -> None:
    counts = account(rows)
    assert counts["expected"] == len(rows) == counts["clips"] + counts["quarantined"] + counts["missing"]
    assert counts["clips"] == len(clips)
    surprises = []
    for row in rows:
        pattern = NO_CLIP.get(row.item.video)
        agreed = row.status == CLIP if pattern is None else re.fullmatch(pattern, row.reason or "")
        if not agreed:
            surprises.append((row.item.video, row.status, row.reason))
    assert not surprises
    silent = {file for file, clip in clips.items() if clip["audio_dbfs"] is None}
    assert silent == {file for file in clips if file.startswith(SILENT)}
    for file, longest_s in LONGEST_S.items():
        assert clips[file]["num_frames"] / clips[file]["fps"] < longest_s


@pytest.fixture(scope="module")
def sync_clips(realdata, tmp_path_factory) -> dict[str, dict]:
    _, clips = preprocessed(realdata, tmp_path_factory.mktemp("sync"), "sync_offsets/")
    return {Path(file).stem: clip for file, clip in clips.items()}


def test_awkward_files(realdata, tmp_path):
    rows, clips = preprocessed(realdata, tmp_path, "awkward/")
    assert {row.item.video for row in rows} == {f"awkward/{path.name}" for path in (realdata / "awkward").iterdir()}
    assert_as_agreed(rows, clips)


@pytest.mark.realdata
def test_every_file(realdata, tmp_path):
    rows, clips = preprocessed(realdata, tmp_path, "")
    with open(realdata / "manifest.csv", newline="") as stream:
        files = {line["file"] for line in csv.DictReader(stream) if line["kind"] != "pair"}
    assert {row.item.video for row in rows} == files
    assert_as_agreed(rows, clips)
    assert min(clip["face_share"] for clip in clips.values()) >= 0.9


def lag_s(one: np.ndarray, other: np.ndarray, rate: float) -> float:
    """By how many seconds what is in ``one`` comes later in ``other`` (both (N,), anything)."""
    one, other = ((each - each.mean()) / each.std() for each in (one, other))
    lags = correlation_lags(len(other), len(one))
    return float(lags[correlate(other, one).argmax()] / rate)


def movement(video: bytes) -> np.ndarray:
    """(T,) how much each frame differs from the one three frames before (repeated frames differ from none)."""
    grey = read_clip(video)[:, ::4, ::4].mean(axis=3)
    return np.abs(grey[3:] - grey[:-3]).mean(axis=(1, 2))


@pytest.mark.parametrize("name", ["test_offset_5", "test_offset_12"])
def test_sync_offsets_of_real_files_survive(name, sync_clips):
    """Sound against the first version's sound, picture against its picture: no sync network is asked."""
    first, clip = sync_clips["test_offset_0"], sync_clips[name]
    sounds = [np.abs(decode_flac(each["audio"])[0]) for each in (first, clip)]
    pictures = [movement(each["video"]) for each in (first, clip)]
    late = lag_s(*sounds, 16_000) - lag_s(*pictures, 30)
    assert late == pytest.approx(OFFSETS_S[name], abs=1 / 30)
