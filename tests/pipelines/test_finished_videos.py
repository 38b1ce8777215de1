"""A folder of finished videos takes part: named in params.yaml, checked clip by clip, scored like any method."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_clips import drawn_folder

from benchmarks.protocol import GenerateConfig, Pairing
from pipelines.cluster import ClusterConfig
from pipelines.entrants import Entrant, entrants
from pipelines.generate import generate
from pipelines.paths import Paths
from pipelines.runs import adapter_of, runs
from pipelines.stage import Stage
from speak.data.clip import file_stem
from speak.errors import UserError
from speak.media.video import VideoCodec, encode_video, read_clip

CODEC = VideoCodec(fps=30.0, crf=20, preset="ultrafast")
ALONE = ClusterConfig(workers=1, serial_below=1, retries=0, item_timeout_s=60.0, trainings_serial_below=1)
STAGE = Stage(
    "generate", "made_up", Paths("made_up"), ALONE, {"generate": GenerateConfig(codec=CODEC, sample_rate=16_000)}, ""
)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def params(methods: str) -> None:
    Path("params.yaml").write_text(f"profile: demo\nmethods:\n  reference: [still]\n  others: {methods}\n")


def test_a_group_of_folders_is_read_from_the_parameters():
    params("{mine: path/to/videos, yours-2: /elsewhere}")
    mine, yours = (
        Entrant("others", "mine", 0, Path("path/to/videos")),
        Entrant("others", "yours-2", 0, Path("/elsewhere")),
    )
    assert entrants() == [Entrant("reference", "still"), mine, yours]
    assert entrants("others") == runs([mine, yours], (0, 1)) == [mine, yours]
    assert (adapter_of(mine).name, adapter_of(mine).label, adapter_of(yours).label) == ("mine", "mine", "yours-2")


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        ("{mine: 3}", r"params\.yaml:methods\.others\.mine: expected Path, got int 3"),
        ("{mine: [a, b]}", r"params\.yaml:methods\.others\.mine: expected Path, got list"),
        ("{7: videos}", r"params\.yaml:methods\.others: expected str, got int 7"),
        ("{../mine: videos}", r"params\.yaml:methods\.others\.\.\./mine: not a name"),
        ("[{mine: videos}]", r"params\.yaml:methods\.others\[0\]: expected str, got dict"),
        ("videos", r"params\.yaml:methods\.others: expected a list, got str"),
        ("{still: videos}", r"params\.yaml:methods\.others\.still: another method has this name"),
    ],
)
def test_a_malformed_group_is_refused_by_name(methods, message):
    params(methods)
    with pytest.raises(UserError, match=message):
        entrants("reference")


def test_videos_may_not_bear_a_methods_name():
    with pytest.raises(UserError, match="wav/videos: ground_truth is a method of its own"):
        runs([Entrant("others", "ground_truth", 0, Path("wav/videos"))], (0,))


def test_each_clip_has_a_row_and_each_extra_file_another():
    clips = drawn_folder(Path("clips"), 4)
    folder, black = Path("videos"), np.zeros((50, 64, 96, 3), np.uint8)
    folder.mkdir()
    for clip_id, num_frames in zip(clips[:2], (38, 20), strict=True):
        content = encode_video(black[:num_frames], VideoCodec(fps=25.0, crf=20, preset="ultrafast"))
        (folder / f"{file_stem(clip_id)}.mp4").write_bytes(content)
    (folder / f"{file_stem(clips[2])}.mp4").write_text("not a video")
    (folder / "stranger.mp4").touch()
    mine = Entrant("others", "mine", 0, folder)
    chosen = [Pairing(clip_id=c, dataset="drawn", person=c[6:8], identity_clip_id=c, rule="") for c in clips]
    generate([mine], chosen, [Path("clips")], STAGE)
    rows = pd.read_parquet(STAGE.paths.generated(mine) / "index.parquet")
    assert list(rows.clip_id) == clips and list(rows.file.notna()) == [True, False, False, False]
    assert read_clip(STAGE.paths.generated(mine) / rows.file[0]).shape == (45, 256, 256, 3)
    for reason, part in zip(rows.reason[1:], ("wrong length: 0.80 s", "cannot be opened", "missing: no"), strict=True):
        assert part in reason
    extra = pd.read_csv(STAGE.paths.generated(mine) / "extra.csv")
    assert extra.to_dict("records") == [{"file": "stranger.mp4", "reason": "no test clip has this name"}]


def test_a_missing_folder_ends_the_stage_with_its_name():
    clips = drawn_folder(Path("clips"), 2)
    chosen = [Pairing(clip_id=clips[0], dataset="drawn", person="p0", identity_clip_id=clips[0], rule="")]
    with pytest.raises(UserError, match="nowhere: no such folder of finished videos"):
        generate([Entrant("others", "mine", 0, Path("nowhere"))], chosen, [Path("clips")], STAGE)
