import dataclasses

import numpy as np
import pytest
from drawn_clips import drawn_arrays, drawn_clip

from speak.data.samples import decoded_clips
from speak.data.shards import write_shards
from speak.errors import UserError
from speak.faces import mouth_shape, mouth_view
from speak.inference.mouth import MouthTalker
from speak.training.mouth import MouthTask, mouth_clip, mouth_fingerprint, principal, sound_windows, train_mouth


def opening(landmarks: np.ndarray) -> np.ndarray:
    return landmarks[:, 14, 1] - landmarks[:, 13, 1]


def test_same_weights_again_and_refusal(drawn, mouth_config, tmp_path):
    folder, ids = drawn
    figures = [train_mouth([folder], ids[:4], mouth_config, tmp_path / name) for name in "ab"]
    assert figures[0] == figures[1] and figures[0]["clips"] == 4
    path = tmp_path / "a" / "checkpoint.pt"
    assert path.read_bytes() == (tmp_path / "b" / "checkpoint.pt").read_bytes()
    assert MouthTalker(path, mouth_fingerprint(mouth_config)).config == mouth_config
    with pytest.raises(UserError, match="other parameters or code"):
        MouthTalker(path, mouth_fingerprint(dataclasses.replace(mouth_config, batch=8)))


def test_mouth_follows_the_sound_of_an_unseen_clip(drawn, mouth_config, tmp_path):
    folder, ids = drawn
    loop = dataclasses.replace(mouth_config.loop, steps=250, checkpoint_every=250, learning_rate=3e-3)
    train_mouth([folder], ids, dataclasses.replace(mouth_config, loop=loop), tmp_path)
    talker = MouthTalker(tmp_path / "checkpoint.pt")
    frames, landmarks, audio = drawn_arrays(50)
    start = int(opening(landmarks).argmin())
    points = mouth_shape.mouth_points(landmarks[[start]], mouth_view.face_transforms(landmarks[[start]]))
    moves, _ = talker.predict(points, audio, len(frames), 30.0)
    predicted = moves[:, 35, 1] - moves[:, 25, 1]
    assert np.corrcoef(predicted, opening(landmarks))[0, 1] > 0.7
    made = talker.generate(frames[start], landmarks[start], audio, len(frames), 30.0)
    assert made.shape == frames.shape and made.dtype == np.uint8
    changed = (made != frames[start]).any(axis=(0, 3))
    rows, columns = np.nonzero(changed)
    assert changed.any() and rows.min() > 100 and columns.min() > 60 and columns.max() < 200
    shifted = landmarks + np.array([6.0, 0.0, 0.0], np.float32)
    moved = talker.generate(frames[start], landmarks[start], audio, len(frames), 30.0, shifted)
    eye = landmarks[start, 33, :2].round().astype(int)
    assert moved[5, eye[1], eye[0] + 6].mean() < 60 < moved[5, eye[1], eye[0] - 3].mean()
    lost = talker.generate(frames[start], landmarks[start], audio, len(frames), 30.0, np.full_like(landmarks, np.nan))
    assert np.array_equal(lost, made)


def test_clips_without_a_face_are_named(drawn, mouth_config, tmp_path):
    blind = drawn_clip("d/c/1", 3, person="c")
    blind.landmarks[:] = np.nan
    write_shards([drawn_clip("d/a/1", 1, person="a"), blind], tmp_path, 1 << 26)
    figures = train_mouth([tmp_path], ["d/a/1", "d/c/1"], mouth_config, tmp_path / "out")
    assert figures["clips"] == 1 and "no face" in figures["skipped"]["d/c/1"]
    with pytest.raises(UserError, match="no clip with a face"):
        train_mouth([tmp_path], ["d/c/1"], mouth_config, tmp_path / "none")


def test_identity_without_a_face_is_refused(drawn, mouth_config, tmp_path):
    folder, ids = drawn
    train_mouth([folder], ids[:2], mouth_config, tmp_path)
    talker = MouthTalker(tmp_path / "checkpoint.pt")
    with pytest.raises(UserError, match="no face was found in the identity frame"):
        talker.generate(
            np.zeros((256, 256, 3), np.uint8), np.full((478, 3), np.nan), np.zeros(16_000, np.float32), 5, 30.0
        )


def test_principal_components_by_hand():
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(500, 2)) * (3.0, 1.0)
    rows = codes @ np.array([[1, 0, 0, 0], [0, 0, 1, 0]]) + 5
    mean, basis = principal(rows, 3)
    found = (rows - mean) @ np.linalg.pinv(basis[:2])
    assert np.allclose(mean, rows.mean(axis=0), atol=1e-5) and found.var(axis=0).sum() == pytest.approx(1, abs=1e-3)
    assert np.allclose(found @ basis[:2] + mean, rows, atol=1e-4)
    assert principal(rows[:2], 3)[1].shape == (3, 4)


def test_sound_of_a_batch_is_that_of_each_frame(drawn, mouth_config):
    folder, ids = drawn
    quiet = dataclasses.replace(mouth_config, gain=0.0, hiss=0.0)
    clips = [mouth_clip(clip, quiet) for clip in decoded_clips([folder], ids[:3], pictures=True)]
    clips[1] = dataclasses.replace(clips[1], mel=clips[1].mel[:40])  # sound that ends long before the picture
    task, length = MouthTask(clips, quiet), quiet.network.window
    every = np.arange(len(task.points))
    wanted = [sound_windows(clip.mel, np.arange(len(clip.points)), clip.fps, length) for clip in task.clips]
    assert np.array_equal(task._sound(every, np.random.default_rng(0)), np.concatenate(wanted))
