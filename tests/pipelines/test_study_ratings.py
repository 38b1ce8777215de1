"""Ratings in the report: where they lie, and whose they must be."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks" / "study"))

from fake_ratings import CLIPS, CONFIG, QUALITY, as_people, simulated, with_design, write_ratings

from pipelines.paths import Paths
from pipelines.ratings import read_study
from speak.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
INDEX = pd.DataFrame(
    [(dataset, clip) for dataset, own in CLIPS.items() for clip, _ in own], columns=["dataset", "clip_id"]
)


def placed(folder, ratings):
    write_ratings(folder / "ratings.parquet", with_design(folder, ratings))
    return folder


def test_each_profile_may_have_ratings_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(Paths("demo").study) == "study/demo"
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "ratings.parquet").touch()
    assert str(Paths("demo").study) == "study"
    (tmp_path / "study" / "demo").mkdir()
    assert str(Paths("demo").study) == "study/demo" and str(Paths("paper").study) == "study"


@pytest.mark.parametrize("folder", ["study", "study/demo"])
def test_of_a_study_dvc_sees_ratings_and_design_alone(folder):
    names = ["ratings.parquet", "design.json", "study.db", "study.db-wal", "invitations.csv", "videos/a.mp4"]
    paths = [f"{folder}/{name}" for name in names]
    dvc = [sys.executable, "-m", "dvc", "check-ignore", *paths]
    found = subprocess.run(dvc, cwd=ROOT, capture_output=True, text=True, check=False)
    assert sorted(found.stdout.split()) == sorted(paths[2:]), found.stderr
    git = subprocess.run(["git", "check-ignore", *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    assert sorted(git.stdout.split()) == sorted([paths[0], *paths[2:]]), git.stderr


def test_no_file_and_no_rows_are_no_study(tmp_path):
    assert read_study(tmp_path, QUALITY, INDEX, CONFIG) is None
    write_ratings(tmp_path / "ratings.parquet", simulated().iloc[:0])
    assert read_study(tmp_path, QUALITY, INDEX, CONFIG) is None


def test_a_study_is_analysed(tmp_path):
    study = read_study(placed(tmp_path, as_people(simulated())), QUALITY, INDEX, CONFIG)
    assert study.account.participants == 20 and study.clips == {"mead": 10, "crema_d": 10}


def test_ratings_of_another_run_are_refused(tmp_path):
    placed(tmp_path, simulated())
    with pytest.raises(UserError, match="method speak: not a method of this run"):
        read_study(tmp_path, set(QUALITY) - {"speak"}, INDEX, CONFIG)
    with pytest.raises(UserError, match="mead/a/1 is no test clip of this run"):
        read_study(tmp_path, QUALITY, INDEX[INDEX.clip_id != "mead/a/1"], CONFIG)


def test_ratings_without_their_design_are_refused(tmp_path):
    write_ratings(tmp_path / "ratings.parquet", simulated())
    with pytest.raises(UserError, match=r"design\.json: no such study"):
        read_study(tmp_path, QUALITY, INDEX, CONFIG)
