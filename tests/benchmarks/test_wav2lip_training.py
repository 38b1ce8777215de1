"""Wav2Lip trained here: what is drawn, how it is judged, and the checkpoint that comes out, or of official files."""

import dataclasses

import cv2
import numpy as np
import pytest
import torch
from drawn_clips import drawn_folder
from tiny_baselines import tiny

from benchmarks.methods import wav2lip, wav2lip_network
from benchmarks.protocol import Request
from benchmarks.training import wav2lip as training
from benchmarks.training.baselines import train_baseline
from benchmarks.training.clips import Clips, window
from benchmarks.training.wav2lip import GeneratorModel, train_expert, train_generator
from speak.data.samples import decoded_clips
from speak.errors import UserError
from speak.training import checkpoint

CONFIG = tiny("wav2lip", expert=3, generator=5)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    return folder, drawn_folder(folder, 3)


@pytest.fixture(scope="module")
def clips(drawn):
    folder, ids = drawn
    return Clips([folder], ids, CONFIG.pool)


@pytest.fixture(scope="module")
def trained(drawn, tmp_path_factory):
    folder, ids = drawn
    out = tmp_path_factory.mktemp("models") / "baselines" / "wav2lip" / "0"
    rows = []
    figures = train_baseline([folder], ids, CONFIG, out, lambda done, log: rows.append((done, len(log))))
    return out, figures, rows


def experts(clips) -> dict:
    task = train_expert(clips, CONFIG, {})
    return {"expert": task.model.state_dict()}


def request(drawn) -> Request:
    folder, ids = drawn
    (clip,) = decoded_clips([folder], ids[:1], pictures=True)
    return Request(
        clip_id=clip.clip_id, identity_frame=clip.frames[0], identity_landmarks=clip.landmarks[0], audio=clip.audio,
        num_frames=len(clip.frames), fps=clip.fps, reference_frames=clip.frames, reference_landmarks=clip.landmarks,
    )  # fmt: skip


def test_the_expert_sees_the_frames_its_sound_belongs_to(clips):
    batch = train_expert(clips, CONFIG, {}).draw(np.random.default_rng([0, 0, 0, 0]))
    assert batch.sound.shape == (2, 1, 80, 16) and batch.faces.shape == (2, 15, 48, 96)
    found = 0
    for step in range(20):
        batch = train_expert(clips, CONFIG, {}).draw(np.random.default_rng([0, step, 0, 0]))
        found += int(batch.matches.sum())
    assert 8 <= found <= 34, "half of 40 on average"


def test_windows_follow_the_published_starts(clips):
    (cut,) = clips.cuts(1, np.random.default_rng([0, 0, 0, 0]))
    columns = training.mel(cut)
    assert np.array_equal(training.sound_at(columns, 3), columns[None, :, 9:25]), "int(3 · 80 / 25) = 9"
    assert np.array_equal(training.sound_at(columns, -1), columns[None, :, :16])
    assert np.array_equal(training.sound_at(columns, 10_000), columns[None, :, -16:])


def test_what_is_to_be_repainted_is_hidden_and_the_rest_is_the_target(clips):
    batch = train_generator(clips, CONFIG, experts(clips)).draw(np.random.default_rng([0, 0, 0, 0]))
    assert batch.faces.shape == (2, 6, 5, 96, 96) and batch.target.shape == (2, 3, 5, 96, 96)
    assert batch.sounds.shape == (2, 5, 1, 80, 16) and batch.target.min() >= 0 and batch.target.max() <= 1
    assert not batch.faces[:, :3, :, 48:].any()
    assert torch.equal(batch.faces[:, :3, :, :48], batch.target[:, :, :, :48])
    assert batch.target.amax() > 0.2


def test_crops_are_those_of_inference(clips):
    (cut,) = clips.cuts(1, np.random.default_rng([0, 0, 0, 0]))
    numbers = np.arange(cut.stretch.start, cut.stretch.stop)
    points = cut.landmarks[numbers][0, :, :2]
    left, top = points.min(axis=0).clip(0).astype(int)
    right, bottom = points.max(axis=0).astype(int)
    boxes = wav2lip.smoothed_boxes(wav2lip.padded_boxes(cut.landmarks[numbers], (256, 256)))
    assert np.abs(boxes[0] - [left, top, right, min(256, bottom + 10)]).max() <= 8, "smoothed over five frames"
    left, top, right, bottom = boxes[0]
    expected = cv2.resize(cut.pictures(numbers[:1])[0][top:bottom, left:right], (96, 96))
    assert np.array_equal(training.crops(cut)[0], expected)


def test_both_ways_of_cutting_lower_faces_agree():
    faces = np.random.default_rng(0).integers(0, 256, (5, 96, 96, 3), dtype=np.uint8)
    bgr = torch.from_numpy(faces[..., ::-1].transpose(3, 0, 1, 2).astype(np.float32)[None] / 255)
    assert torch.allclose(training.halves(bgr)[0], torch.from_numpy(training.lower_faces(faces)))


def test_terms_move_only_whom_they_judge(clips):
    task = train_generator(clips, CONFIG, experts(clips))
    batch = task.draw(np.random.default_rng([0, 0, 0, 0]))
    painter, judge = task.model["wav2lip_generator"], task.model["wav2lip_disc_qual"]
    made = painter(batch.sounds, batch.faces)
    training.cross_entropy(training.judged(judge, made), 1.0).backward()
    assert all(weight.grad is None for weight in judge.parameters())
    assert any(weight.grad.abs().sum() > 0 for weight in painter.parameters() if weight.grad is not None)
    task.model.zero_grad(set_to_none=True)
    training.cross_entropy(judge(made.detach()), 0.0).backward()
    assert all(weight.grad is None for weight in painter.parameters())
    assert any(weight.grad.abs().sum() > 0 for weight in judge.parameters())
    task.loss(batch, np.random.default_rng(0))[0].backward()
    assert all(weight.grad is None for weight in task.expert.parameters())


def test_the_loss_is_the_published_sum(clips):
    task = train_generator(clips, CONFIG, experts(clips))
    batch = task.draw(np.random.default_rng([0, 0, 0, 0]))
    total, figures = task.loss(batch, np.random.default_rng(0))
    assert figures["sync_weight"] == 0, "the expert's judgement does not count yet"
    assert torch.isclose(total, 0.07 * figures["gan"] + 0.93 * figures["l1"] + figures["discriminator"])
    task.model.sync_counts.fill_(1)
    total, figures = task.loss(batch, np.random.default_rng(0))
    terms = 0.03 * figures["sync"] + 0.07 * figures["gan"] + 0.9 * figures["l1"] + figures["discriminator"]
    assert torch.isclose(figures["sync_weight"], torch.tensor(0.03)) and torch.isclose(total, terms)


def test_sync_counts_from_when_it_is_low_and_for_ever():
    model = GeneratorModel(16)
    for _ in range(200):
        model.remember(torch.tensor(0.8))
    assert model.sync_counts == 0 and torch.isclose(model.sync_mean, torch.tensor(0.8), atol=0.01)
    for _ in range(200):
        model.remember(torch.tensor(0.5))
    assert model.sync_counts == 1
    for _ in range(200):
        model.remember(torch.tensor(2.0))
    assert model.sync_counts == 1


def test_the_expert_learns_a_batch_by_heart(clips):
    task = train_expert(clips, CONFIG, {})
    batch = task.draw(np.random.default_rng([0, 3, 0, 0]))
    batch = dataclasses.replace(batch, matches=torch.tensor([[1.0], [0.0]]))
    optimiser = torch.optim.Adam(task.model.parameters(), lr=3e-3)
    losses = []
    for _ in range(150):
        loss, _ = task.loss(batch, np.random.default_rng(0))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 < 0.6 < losses[0], losses


def test_training_repeats_resumes_and_speaks(drawn, trained, tmp_path):
    folder, ids = drawn
    out, figures, rows = trained
    assert figures["parts"] == "networks of 1/16 of the published width" and figures["steps"] == 8
    assert (figures["clips"], figures["persons"], figures["skipped"]) == (3, len({*decoded_persons(drawn)}), {})
    assert rows == [(step, step) for step in range(1, 9)], "steps count on from phase to phase"
    assert sorted(path.name for path in (out / "generator" / "samples").iterdir()) == ["3.png", "5.png"]

    class Killed(Exception):
        pass

    def kill(done, log):
        if done == 3 + 3:
            raise Killed

    with pytest.raises(Killed):
        train_baseline([folder], ids, CONFIG, tmp_path, kill)
    train_baseline([folder], ids, CONFIG, tmp_path)
    assert (tmp_path / "checkpoint.pt").read_bytes() == (out / "checkpoint.pt").read_bytes()
    assert (tmp_path / "log.csv").read_text() == (out / "log.csv").read_text()
    asked = request(drawn)
    made = wav2lip.Wav2Lip.load(out.parents[2], 0).generate(asked)
    assert made.shape == asked.reference_frames.shape and made.dtype == np.uint8
    state = checkpoint.load(out / "checkpoint.pt", kind="wav2lip")["model"]
    assert all(key.startswith("wav2lip_generator.") for key in state), "judges are left out"


def decoded_persons(drawn):
    folder, ids = drawn
    return [clip.person for clip in decoded_clips([folder], ids, pictures=False)]


def test_official_files_become_the_same_kind_of_checkpoint(drawn, tmp_path, monkeypatch):
    folder, ids = drawn
    monkeypatch.setenv("SPEAK_CACHE", str(tmp_path / "cache"))
    official = dataclasses.replace(CONFIG, method=dataclasses.replace(CONFIG.method, weights="official", width=1))
    out = tmp_path / "models" / "baselines" / "wav2lip" / "0"
    with pytest.raises(UserError, match=r"Wav2Lip-SD-GAN\.pt: no such file; `speak weights fetch wav2lip_generator`"):
        train_baseline([folder], ids, official, out)
    torch.manual_seed(3)
    network = wav2lip_network.Wav2Lip()
    (tmp_path / "cache" / "weights").mkdir(parents=True)
    torch.save({"state_dict": network.state_dict()}, tmp_path / "cache" / "weights" / "wav2lip.pth")
    figures = train_baseline([folder], ids, official, out)
    assert figures["parts"] == "its authors' weights" and figures["steps"] == 0
    loaded = wav2lip.Wav2Lip.load(tmp_path / "models", 0).network
    for key, value in network.state_dict().items():
        assert torch.equal(loaded.state_dict()[key], value)


def test_phases_must_be_the_methods_own(drawn, tmp_path):
    folder, ids = drawn
    with pytest.raises(UserError, match="wav2lip: its phases are expert, generator, in this order; got generator"):
        train_baseline([folder], ids, tiny("wav2lip", generator=2), tmp_path)


def test_a_window_lies_within_the_stretch(clips):
    (cut,) = clips.cuts(1, np.random.default_rng([0, 0, 0, 0]))
    starts = {window(cut, 5, np.random.default_rng(seed))[0] for seed in range(100)}
    assert starts == set(range(cut.stretch.start, cut.stretch.stop - 4))
