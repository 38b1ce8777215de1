import dataclasses

import numpy as np
import pytest
import torch
from drawn_clips import drawn_arrays, drawn_clip

from speak.data.shards import write_shards
from speak.errors import UserError
from speak.inference.interval import interval
from speak.inference.sync import SyncScorer
from speak.inference.sync_check import CONDITIONS, evaluate_sync, speech_windows, told_apart
from speak.training.sync import SyncTask, allowed_negatives, load_tracks, sync_fingerprint, train_sync


def test_same_weights_again_and_usable_by_the_scorer(drawn, sync_config, tmp_path):
    folder, ids = drawn
    figures = [train_sync([folder], ids[:6], sync_config, tmp_path / name) for name in "ab"]
    assert figures[0] == figures[1] and figures[0]["clips"] == 6 and figures[0]["persons"] == 3
    path = tmp_path / "a" / "checkpoint.pt"
    assert path.read_bytes() == (tmp_path / "b" / "checkpoint.pt").read_bytes()
    scorer = SyncScorer(path, sync_fingerprint(sync_config))
    assert scorer.config == sync_config.network
    frames, landmarks, audio = drawn_arrays(40)
    video, sound = scorer.embed(frames, audio, landmarks)
    assert video.shape == sound.shape == (33, 16) and np.allclose(np.linalg.norm(video, axis=1), 1, atol=1e-5)


def test_other_parameters_are_refused(drawn, sync_config, tmp_path):
    folder, ids = drawn
    train_sync([folder], ids[:2], sync_config, tmp_path)
    other = dataclasses.replace(sync_config, min_shift=4)
    with pytest.raises(UserError, match="other parameters or code"):
        SyncScorer(tmp_path / "checkpoint.pt", sync_fingerprint(other))


def test_windows_without_a_face_are_nan(drawn, sync_config, tmp_path):
    folder, ids = drawn
    train_sync([folder], ids[:2], sync_config, tmp_path)
    scorer = SyncScorer(tmp_path / "checkpoint.pt")
    frames, landmarks, audio = drawn_arrays(41)
    landmarks[20:] = np.nan
    video, sound = scorer.embed(frames, audio, landmarks)
    # 30 fps frames 0..19 are 25 fps frames 0..16: windows from 15 on hold fewer than 3 of them
    assert np.isfinite(video[:15]).all() and np.isnan(video[15:]).all() and np.isfinite(sound).all()
    assert np.isnan(scorer.embed(frames, audio, np.full_like(landmarks, np.nan))[0]).all()
    assert scorer.embed(frames[:4], audio, landmarks[:4])[0].shape == (0, 16)


def test_one_step_lowers_the_loss_of_its_batch(drawn, sync_config):
    folder, ids = drawn
    tracks, _ = load_tracks([folder], ids, sync_config.network, sync_config.segment)
    task = SyncTask(tracks, sync_config)
    optimiser = torch.optim.Adam(task.model.parameters(), lr=1e-3)
    losses = []
    for _ in range(3):
        loss, _ = task.loss(task.draw(np.random.default_rng(0)), np.random.default_rng(0))
        losses.append(float(loss.detach()))
        optimiser.zero_grad()
        loss.backward()
        assert all(torch.isfinite(p.grad).all() for p in task.model.parameters())
        optimiser.step()
    assert losses[2] < losses[1] < losses[0]


def test_learns_what_is_learnable(drawn, sync_config, tmp_path):
    folder, ids = drawn
    longer = dataclasses.replace(sync_config.loop, steps=120, checkpoint_every=120, learning_rate=3e-3)
    train_sync([folder], ids[:6], dataclasses.replace(sync_config, loop=longer), tmp_path)
    result = evaluate_sync(SyncScorer(tmp_path / "checkpoint.pt"), [folder], ids[6:])
    assert result["accuracy"] > 0.7 and result["n"] == 2 * 2 * (33 - 5) and result["clips"] == 2
    assert 0 < result["n_speech"] <= result["n"] and 0 <= result["accuracy_speech"] <= 1
    assert [row["name"] for row in result["conditions"]] == list(CONDITIONS)
    truth, _, frozen, _ = (row["sync_conf"] for row in result["conditions"])
    assert truth > frozen


def test_clips_that_cannot_be_used_are_named(sync_config, tmp_path):
    good, short = drawn_clip("d/a/1", 1, person="a"), drawn_clip("d/b/1", 2, person="b", num_frames=10)
    blind = drawn_clip("d/c/1", 3, person="c")
    blind.landmarks[:] = np.nan
    write_shards([good, short, blind], tmp_path, 1 << 26)
    tracks, skipped = load_tracks([tmp_path], ["d/a/1", "d/b/1", "d/c/1"], sync_config.network, sync_config.segment)
    assert [track.clip_id for track in tracks] == ["d/a/1"]
    assert "15 needed" in skipped["d/b/1"] and "no face" in skipped["d/c/1"]
    with pytest.raises(UserError, match="two or more"):
        train_sync([tmp_path], ["d/a/1"], sync_config, tmp_path / "out")


def test_negatives_leave_out_near_windows_of_the_same_clip(sync_config):
    allowed = allowed_negatives(sync_config, 2)
    windows = 11
    assert allowed.shape == (22, 22) and not allowed.diagonal().any()
    assert allowed[0, windows:].all() and not allowed[5, 3:8].any() and allowed[5, 8:].all()


def test_told_apart_on_known_embeddings():
    steps = np.eye(12)
    assert told_apart(steps, steps, 5).all() and len(told_apart(steps, steps, 5)) == 14
    assert not told_apart(np.roll(steps, 5, axis=0), steps, 5)[7:].any()


def test_speech_windows_are_those_with_enough_loud_frames():
    mel = np.full((40, 3), -9.0, np.float32)
    mel[20:24] = -4.0
    speech = speech_windows(mel, 4)
    # 4 loud frames of 16 are a quarter: every window that holds video frame 5 whole
    assert speech.tolist() == [False, False, True, True, True, True, False]


def test_interval_holds_the_mean_and_is_repeatable():
    values, persons = [0.1, 0.2, 0.8, 0.9], ["a", "a", "b", "c"]
    low, high = interval(values, persons, [1, 1, 1, 1])
    assert low <= np.mean(values) <= high and (low, high) == interval(values, persons, [1, 1, 1, 1])
    assert interval([0.5, 0.7], ["a", "a"], [1, 3]) == pytest.approx((0.65, 0.65))
