"""The stage: from a project's score files, videos and submissions to a site, anew each time."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.scores import Provenance, Subject, scores_of, write_scores
from benchmarks.statistics import StatisticsConfig
from pipelines import leaderboard
from pipelines.cluster import ClusterConfig
from pipelines.entrants import Entrant
from pipelines.leaderboard import LeaderboardConfig
from pipelines.paths import Paths
from pipelines.seeds import AblationsConfig
from pipelines.stage import Stage
from speak.errors import UserError
from speak.metrics import METRICS, Measurement

METHODS = ("ground_truth", "still", "mouth", "speak_no_pose")
CLIPS = [(f"{person}{i}", person) for person in "ab" for i in range(3)]
ORIGIN = Provenance(checkpoint=None, params="p", split="s", recipe="r", code="c")
PARAMS = {
    "leaderboard": LeaderboardConfig(videos_per_dataset=2),
    "statistics": StatisticsConfig(resamples=50, level=0.95, seed=0, min_scored_share=0.5),
    "ablations": AblationsConfig(seeds=(0,)),
}
ALONE = ClusterConfig(workers=1, serial_below=1, retries=0, item_timeout_s=60.0, trainings_serial_below=1)
STAGE = Stage("leaderboard", "made_up", Paths("made_up"), ALONE, PARAMS, "a test")
SITE = Path("reports/leaderboard/made_up")


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """Scores and videos of four methods; the mouth could not make its last clip."""
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text(f"methods: {{all: [{', '.join(METHODS)}]}}\n")
    Path("profiles").mkdir()
    Path("profiles/made_up.yaml").write_text("stamp: a test\n")
    for method in METHODS:
        entrant = Entrant("all", method)
        folder = STAGE.paths.generated(entrant)
        folder.mkdir(parents=True)
        rows, scores = [], []
        for clip_id, person in CLIPS:
            missing = method == "mouth" and clip_id == "b2"
            subject = Subject(method=method, seed=0, dataset="mead", clip_id=clip_id, person=person)
            scores += scores_of(subject, measured(subject, missing), ORIGIN)
            file, reason = (None, "no sound") if missing else (f"{clip_id}.mp4", None)
            rows.append({"clip_id": clip_id, "dataset": "mead", "file": file, "reason": reason})
            if file:
                (folder / file).write_bytes(f"{method} {clip_id}".encode())
        pd.DataFrame(rows).to_parquet(folder / "index.parquet")
        write_scores(STAGE.paths.scores(entrant), scores)


def measured(subject, missing):
    rng = np.random.default_rng(sum(map(ord, subject.method + subject.clip_id)))
    names = ("ssim", "psnr", "sync_conf")
    return {
        METRICS[name].id: Measurement(None, "no sound") if missing else Measurement(float(rng.uniform(1, 2)))
        for name in names
    }


def test_a_run_becomes_a_site_anew_each_time():
    (SITE / "methods").mkdir(parents=True)
    (SITE / "methods" / "gone.html").write_text("of a method that is no longer there")
    leaderboard.run(STAGE)
    assert sorted(path.stem for path in SITE.glob("methods/*")) == sorted(METHODS)
    assert sorted(path.name for path in SITE.glob("videos/*")) == ["ground_truth", "mouth", "still"]
    assert sorted(path.name for path in SITE.glob("videos/still/*")) == ["a0.mp4", "b0.mp4"]
    page = (SITE / "index.html").read_text()
    assert "a test" in page and METRICS["ssim"].id in page and ">s</code>" in page
    assert "no sound" in (SITE / "methods" / "mouth.html").read_text()
    first = {path: path.read_bytes() for path in SITE.rglob("*") if path.is_file()}
    leaderboard.run(STAGE)
    assert first == {path: path.read_bytes() for path in SITE.rglob("*") if path.is_file()}


def test_a_submission_that_cannot_be_read_is_one_line_and_leaves_the_site_alone():
    leaderboard.run(STAGE)
    card = Path("benchmarks/submissions/mine/1.json")
    card.parent.mkdir(parents=True)
    card.write_text("{")
    before = (SITE / "index.html").read_bytes()
    with pytest.raises(UserError, match=r"mine/1\.json: not a JSON file"):
        leaderboard.run(STAGE)
    assert (SITE / "index.html").read_bytes() == before


def test_no_videos_at_all_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        LeaderboardConfig(videos_per_dataset=0)
