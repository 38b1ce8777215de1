"""The stage on drawn clips, with a stand-in for the landmarker: every row is there, and says what it should."""

import numpy as np
import pandas as pd
import pytest
from drawn_clips import drawn_clip

from benchmarks.degradation.config import DegradeConfig
from benchmarks.degradation.registry import DEGRADATIONS, UNSPOILED
from benchmarks.degradation.trials import COLUMNS
from benchmarks.degradation.verdicts import Verdict, findings
from benchmarks.protocol import GenerateConfig, ProtocolConfig
from pipelines import degrade, pairs
from pipelines.cluster import ClusterConfig
from pipelines.paths import Paths
from pipelines.stage import Stage
from speak.data.shards import write_shards
from speak.data.split import SplitConfig
from speak.faces.track import FaceTrack
from speak.media.writing import VideoCodec
from speak.metrics import METRICS, Judges, MetricConfig

ALONE = ClusterConfig(workers=1, serial_below=1, retries=0, item_timeout_s=60.0, trainings_serial_below=1)
LEVELS = {name: (2.0, 6.0) for name, degradation in DEGRADATIONS.items() if degradation.unit} | {"compression": (45.0,)}
CONFIG = DegradeConfig(
    clips_per_dataset=2, frames=8, levels=LEVELS, seed=0, least_share=0.05, standard_errors=2.0, min_measured_share=0.5
)
PARAMS = {
    "split": SplitConfig(roles={"mead": "test"}, test_share=0.5, seed=0),
    "protocol": ProtocolConfig(datasets=("mead",), ablations=(), clips_per_dataset=None),
    "generate": GenerateConfig(codec=VideoCodec(fps=30.0, crf=16, preset="ultrafast"), sample_rate=16_000),
    "score": MetricConfig(min_found_share=0.5, sync_min_windows=5),
    "degrade": CONFIG,
}
STAGE = Stage("degrade", "made_up", Paths("made_up"), ALONE, PARAMS, "")


def no_face(frames):
    """What a landmarker that finds nothing returns."""
    shapes = {"landmarks": (478, 3), "head_pose": (3,), "blendshapes": (52,)}
    return FaceTrack(**{name: np.full((len(frames), *shape), np.nan, np.float32) for name, shape in shapes.items()})


@pytest.fixture
def table(tmp_path, monkeypatch):
    """``degradations.parquet`` of two persons with one clip each."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(degrade, "face_of", no_face)
    for module in (degrade, pairs):
        monkeypatch.setattr(module, "judges", lambda _files: Judges())
    clips = [
        drawn_clip(f"mead/{name}", seed, person=name, emotion="happy", num_frames=12) for seed, name in enumerate("AB")
    ]
    write_shards(clips, STAGE.paths.clips("mead"), shard_bytes=1 << 26)
    rows = [{"clip_id": clip.clip_id, "dataset": "mead", "person": clip.person, "split": "test"} for clip in clips]
    pd.DataFrame(rows).to_parquet(STAGE.paths.split)

    def run():
        degrade.run(STAGE)
        return STAGE.paths.degradations.read_bytes(), pd.read_parquet(STAGE.paths.degradations)

    return run


def test_every_clip_degradation_level_and_metric_has_a_row_and_twice_the_same_bytes(table):
    content, rows = table()
    assert tuple(rows.columns) == COLUMNS
    levels = 1 + sum(len(CONFIG.levels_of(name)) for name in DEGRADATIONS)
    assert len(rows) == 2 * levels * len(METRICS)
    assert not rows.duplicated(["clip_id", "degradation", "level", "metric"]).any()
    assert (rows.value.isna() == rows.reason.notna()).all()
    degrade._unspoiled.cache_clear()
    assert table()[0] == content


def test_numbers_and_reasons_are_those_of_the_spoiled_clip(table):
    _, rows = table()
    psnr = (
        rows[rows.metric == METRICS["psnr"].id].set_index(["degradation", "level"]).value.groupby(level=[0, 1]).mean()
    )
    assert psnr[UNSPOILED, 0.0] > psnr["blur", 2.0] > psnr["blur", 6.0]
    assert psnr[UNSPOILED, 0.0] == psnr["late_sound", 6.0]
    reasons = rows.set_index(["degradation", "metric"]).reason
    assert set(reasons["swapped_emotion"]) == {"no long enough test clip of this person with another emotion"}
    assert "8 frames" in reasons["blur", METRICS["f_lmd"].id].iloc[0]
    found = {(f.metric, f.degradation): f.verdict for f in findings(rows, CONFIG)}
    assert found["psnr", "noise"] is found["ssim", "swapped_person"] is found["psnr", "early_sound"] is Verdict.EXPECTED
    assert found["m_lmd", "shift"] is found["psnr", "swapped_emotion"] is Verdict.UNMEASURED
