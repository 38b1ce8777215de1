"""The judges of faces on drawn persons they never saw, and what they must not look at."""

import dataclasses

import cv2
import numpy as np
import pytest
from face_clips import CONFIG, clips, seen

from benchmarks.instruments import BROWS
from benchmarks.judges.faces import FaceJudge, changes, face_views, neutral_faces, seen_clips
from benchmarks.judges.trial import trials
from speak.errors import UserError
from speak.metrics.identity_similarity import cosines


@pytest.fixture(scope="module")
def judge():
    return FaceJudge.fit(clips(range(6)), CONFIG)


def test_strangers_are_told_apart_and_emotions_named(judge):
    found = trials(judge, clips(range(6, 10)))
    assert found["identity"].accuracy > 0.9 and found["identity"].chance == 0.5
    assert found["emotion"].accuracy > 0.9 and found["emotion"].chance == 0.5
    assert found["identity"].persons == 4 and found["emotion"].clips == 8


def test_a_neutral_picture_of_the_same_person():
    known = clips(range(2))
    alone = dataclasses.replace(known[1], person="other", clip_id="mead/alone")
    found = neutral_faces([*known, alone])
    assert [face is None for face in found] == [False, False, False, False, True]
    for index, calm in ((0, 0), (1, 0), (2, 2), (3, 2)):
        np.testing.assert_array_equal(found[index], known[calm].landmarks[0])


def test_changes_leave_the_head_s_motion_out(judge):
    """The same face turned by 20 degrees has not changed; raised brows have."""
    calm = seen(9, "neutral", 0).landmarks[0].astype(np.float64)
    turn = np.array([[np.cos(0.35), 0, np.sin(0.35)], [0, 1, 0], [-np.sin(0.35), 0, np.cos(0.35)]])
    moved, raised = 1.2 * calm @ turn.T + 7, calm.copy()
    raised[list(BROWS), 1] -= 5
    found = changes(judge.template, np.stack([moved, raised]), calm)
    assert np.abs(found[0]).max() < 1e-9 < 4 < np.abs(found[1]).max()


def test_labels_that_mean_nothing_are_guessed(judge):
    """A trial that looked at the labels would still be right."""
    names = np.random.default_rng(0).permutation([f"p{i % 4}" for i in range(16)])
    mixed = [
        dataclasses.replace(clip, person=name, clip_id=f"c{index}")
        for index, (clip, name) in enumerate(zip(clips(range(6, 14)), names, strict=True))
    ]
    assert 0.3 < trials(judge, mixed)["identity"].accuracy < 0.7


def test_a_trial_by_hand(judge, monkeypatch):
    """One person's two clips at 0 and 20 degrees, another's at 30: 20 is nearer to 0 than 30 is, but not to 30."""
    angles = {"a": 0.0, "b": 20.0, "c": 30.0}
    known = [seen(0, None, 0), seen(0, None, 1), seen(1, None, 0)]
    known = [dataclasses.replace(clip, clip_id=name) for clip, name in zip(known, angles, strict=True)]
    codes = {name: np.tile([np.cos(np.radians(a)), np.sin(np.radians(a))], (4, 1)) for name, a in angles.items()}
    pictures = {clip.frames.tobytes(): codes[clip.clip_id] for clip in known}
    monkeypatch.setattr(FaceJudge, "embed", lambda _, frames, _points: pictures[frames.tobytes()])
    found = trials(judge, known)["identity"]
    assert found.accuracy == 0.5 and found.clips == 2  # right for a, wrong for b; c has no second clip
    assert found.note == f"mean cosine {np.cos(np.radians(20)):.2f} for one person, " + (
        f"{(np.cos(np.radians(30)) + np.cos(np.radians(10))) / 2:.2f} for two"
    )
    assert trials(judge, known)["emotion"].reason == "no test clip with an emotion label"


def test_place_size_and_light_do_not_count(judge):
    clip = seen(7, "neutral", 0)
    matrix = np.array([[0.8, 0.1, 20.0], [-0.1, 0.8, 30.0]])
    moved = np.stack(
        [cv2.warpAffine(frame, matrix, (256, 256), borderMode=cv2.BORDER_REPLICATE) for frame in clip.frames]
    )
    points = clip.landmarks.copy()
    points[..., :2] = points[..., :2] @ matrix[:, :2].T + matrix[:, 2]
    dark = (0.6 * moved + 20).astype(np.uint8)
    views, same = face_views(clip.frames, clip.landmarks, CONFIG), face_views(dark, points, CONFIG)
    assert np.corrcoef(views.ravel(), same.ravel())[0, 1] > 0.97
    assert np.abs(views.reshape(4, -1, 3).mean(axis=1)).max() < 1e-9


def test_frames_are_judged_one_by_one(judge):
    clip = seen(7, "neutral", 0)
    points = clip.landmarks.copy()
    points[1] = np.nan
    codes = judge.embed(clip.frames, points)
    assert np.isnan(codes[1]).all() and np.isfinite(codes[[0, 2, 3]]).all()
    np.testing.assert_allclose(codes[2:3], judge.embed(clip.frames[2:3], points[2:3]))
    assert np.isnan(judge.embed(clip.frames[:1], np.full_like(points[:1], np.nan))).all()


def test_a_checkpoint_gives_the_same_judge(judge, tmp_path):
    for name in ("one.pt", "two.pt"):
        judge.save(tmp_path / name, ["a"])
    assert (tmp_path / "one.pt").read_bytes() == (tmp_path / "two.pt").read_bytes()
    loaded, clip = FaceJudge.load(tmp_path / "one.pt"), seen(8, "surprised", 3)
    np.testing.assert_array_equal(loaded.embed(clip.frames, clip.landmarks), judge.embed(clip.frames, clip.landmarks))
    calm = seen(8, "neutral", 0).landmarks[0]
    assert loaded.distances(clip.landmarks, calm) == judge.distances(clip.landmarks, calm)
    with pytest.raises(UserError, match="no such checkpoint"):
        FaceJudge.load(tmp_path / "none.pt")


def test_without_labels_there_is_no_judge_of_emotion(tmp_path):
    unlabelled = [dataclasses.replace(clip, emotion=None) for clip in clips(range(3))]
    judge = FaceJudge.fit(unlabelled, CONFIG)
    judge.save(tmp_path / "judge.pt", [])
    assert FaceJudge.load(tmp_path / "judge.pt").emotion is None
    assert trials(judge, clips(range(3, 5)))["emotion"].reason == "no training clips with emotion labels"


def test_one_person_is_too_few():
    with pytest.raises(ValueError, match="two classes"):
        FaceJudge.fit(clips(range(1)), CONFIG)


def test_clips_are_spread(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("benchmarks.judges.faces.read_rows", lambda _folders, _columns, ids: asked.append(ids) or [])
    seen_clips([tmp_path], [f"c{index}" for index in range(9)], dataclasses.replace(CONFIG, clips=3))
    assert asked == [{"c0", "c4", "c8"}]


def test_cosines_by_hand():
    one, other = np.array([[1.0, 0], [3, 4], [np.nan, 0]]), np.array([[0, 2.0], [6, 8], [1, 1]])
    np.testing.assert_allclose(cosines(one, other), [0, 1, np.nan])
