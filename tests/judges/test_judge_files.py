"""Which judges a run has, and the reason for each that it has not."""

import dataclasses

import pytest
import torch
from face_clips import CONFIG, clips

from benchmarks.judges import files
from benchmarks.judges.faces import FaceJudge
from benchmarks.methods.syncnet_network import syncnet
from speak.errors import UserError
from speak.metrics import Missing


@pytest.fixture(autouse=True)
def bare(tmp_path, monkeypatch):
    """A machine without published weights."""
    monkeypatch.setenv("SPEAK_CACHE", str(tmp_path / "cache"))


def with_extra(monkeypatch, asset):
    monkeypatch.setattr(files.importlib.util, "find_spec", lambda _name: object())
    monkeypatch.setattr(files, "asset", asset)


def test_nothing_is_fetched_without_the_extra(monkeypatch):
    monkeypatch.setattr(files.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(files, "asset", lambda _name: pytest.fail("fetched"))
    found = files.find(files.NO_SYNC, files.NO_FACES)
    assert found == files.JudgeFiles() and found.lpips == files.NO_EXTRA
    assert all(isinstance(judge, Missing) for judge in vars(files.judges(found)).values())
    assert files.inception(found) == files.NO_EXTRA


def test_unreachable_weights_are_a_reason_without_paths(monkeypatch, tmp_path):
    def unreachable(name):
        raise UserError(f"{tmp_path}/{name}: no source")

    with_extra(monkeypatch, unreachable)
    found = files.find(files.NO_SYNC, files.NO_FACES)
    assert found.lpips == found.inception == files.NO_WEIGHTS
    assert str(tmp_path) not in found.lpips.reason


def test_assets_are_asked_for_by_name(monkeypatch, tmp_path):
    with_extra(monkeypatch, lambda name: tmp_path / name)
    found = files.find(files.NO_SYNC, files.NO_FACES)
    assert found.lpips == (tmp_path / "alexnet", tmp_path / "lpips_alex") and found.inception == (
        tmp_path / "inception",
    )


def test_judges_of_faces(tmp_path):
    for name, known in (
        ("labels.pt", clips(range(3))),
        ("none.pt", [dataclasses.replace(clip, emotion=None) for clip in clips(range(3))]),
    ):
        FaceJudge.fit(known, CONFIG).save(tmp_path / name, [])
    clip = clips(range(3, 4))[0]
    judges = files.judges(files.JudgeFiles(faces=tmp_path / "labels.pt"))
    assert judges.identity(clip.frames, clip.landmarks).shape[0] == len(clip.frames)
    assert set(judges.emotion(clip.landmarks, clip.landmarks[0])) == {"neutral", "surprised"}
    assert files.judges(files.JudgeFiles(faces=tmp_path / "none.pt")).emotion == files.NO_LABELS


def test_the_official_network_is_used_where_it_lies_and_refused_where_it_does_not_fit(tmp_path):
    place = tmp_path / "cache" / "weights" / "syncnet_v2.model"
    place.parent.mkdir(parents=True)
    torch.save(syncnet().state_dict(), place)
    found = files.find(files.NO_SYNC, files.NO_FACES)
    assert found.official == place
    assert not isinstance(files.judges(found).sync_official, Missing)
    files.judges.cache_clear()
    torch.save({"another": torch.zeros(3)}, place)
    with pytest.raises(UserError, match=r"syncnet_v2\.model"):
        files.judges(found)
