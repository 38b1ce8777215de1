"""ATVG's training: losses by hand, who learns from what, and what becomes of an interrupted run."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from drawn_clips import drawn_arrays, drawn_folder

from benchmarks.methods.atvg import Atvg
from benchmarks.methods.atvg_network import AtNet, VgNet
from benchmarks.protocol import Request
from benchmarks.training import atvg, atvg_shapes
from benchmarks.training.atvg_judge import Judge
from benchmarks.training.baselines import train_baseline
from benchmarks.training.clips import Clips
from benchmarks.training.config import MethodConfig, PhaseConfig, TrainingConfig
from benchmarks.training.looks import LooksConfig
from speak.data.pool import PoolConfig
from speak.errors import UserError
from speak.training import loop
from speak.training.loop import LoopConfig

WIDTH = 16


def config(atnet: int = 2, vgnet: int = 2, **changes) -> TrainingConfig:
    phases = {
        "atnet": PhaseConfig(steps=atnet, batch=4, learning_rate=1e-3),
        "vgnet": PhaseConfig(steps=vgnet, batch=1, learning_rate=1e-3),
    }
    own = LoopConfig(
        steps=atnet + vgnet, learning_rate=1e-3, warmup_steps=0, final_rate=1.0, clip_norm=float("inf"), ema_decay=None,
        checkpoint_every=2, log_every=1, sample_every=None, seed=0, prefetch=0, device="cpu", precision="full",
        workers=1,
    )  # fmt: skip
    made = TrainingConfig(
        name="atvg",
        loop=own,
        pool=PoolConfig(clips=2, steps=20, moments=2, stretch=20, fps=25.0),
        looks=LooksConfig(features="pixels", weights=None),
        method=MethodConfig(weights="trained", width=WIDTH, phases=phases),
    )
    return dataclasses.replace(made, **changes)


@pytest.fixture(scope="module", autouse=True)
def _smaller_faces():
    """Drawn faces have little between nose and eyes: with the authors' spread their mouths would be cut off."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(atvg_shapes, "SPREAD", 12.0)
        yield


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> tuple[Path, list[str]]:
    folder = tmp_path_factory.mktemp("drawn")
    return folder, drawn_folder(folder, 4)


@pytest.fixture(scope="module")
def tasks(drawn) -> tuple[atvg.AtNetTask, atvg.VgNetTask]:
    folder, ids = drawn
    torch.manual_seed(0)
    clips = Clips([folder], ids, config().pool)
    first = atvg.train_atnet(clips, config(), {})
    return first, atvg.train_vgnet(clips, config(), {"atnet": first.model.state_dict()})


@pytest.fixture
def scene() -> atvg.Scene:
    torch.manual_seed(1)
    image, frames = torch.rand(2, 3, 128, 128), torch.rand(2, 3, 3, 128, 128)
    return atvg.Scene(image, torch.randn(2, 136) / 5, torch.randn(2, 3, 136) / 5, frames)


def test_pixels_count_by_attention_and_teach_it_nothing_there():
    made, real = torch.full((1, 2, 3, 4, 4), 0.25), torch.zeros(1, 2, 3, 4, 4)
    attention = torch.zeros(1, 2, 1, 4, 4, requires_grad=True)
    assert atvg.weighted_l1(made, real, attention).item() == pytest.approx(0.25 * 0.5)
    halves = torch.cat([attention[:, :1], attention[:, 1:] + 1], dim=1)
    loss = atvg.weighted_l1(made.requires_grad_(), real, halves)
    assert loss.item() == pytest.approx(0.25 * (0.5 + 1.5) / 2)
    loss.backward()
    assert attention.grad is None and made.grad is not None
    assert atvg.weighted_l1(real, real, halves).item() == 0


def test_landmarks_by_hand():
    wanted = torch.zeros(1, 1, 136)
    assert atvg.landmark_error(wanted, wanted).item() == 0
    brow, lip_x, lip_y = (wanted.clone() for _ in range(3))
    brow[..., 2 * 20 + 1], lip_x[..., 2 * 50], lip_y[..., 2 * 50 + 1] = 0.1, 0.1, 0.1
    assert atvg.landmark_error(brow, wanted).item() == pytest.approx(0.01 / 136)
    assert atvg.landmark_error(lip_x, wanted).item() == pytest.approx(0.01 / 136)
    assert atvg.landmark_error(lip_y, wanted).item() == pytest.approx((0.1 * 100) ** 2 / 136)
    everywhere = atvg.landmark_error(wanted + 1, wanted).item()
    assert everywhere == pytest.approx((116 + 20 * 100**2) / 136, rel=1e-5)


def test_judge_hears_no_future_and_means_over_time():
    torch.manual_seed(0)
    judge = Judge(WIDTH).eval()
    frames, example = torch.rand(2, 4, 3, 128, 128), torch.randn(2, 136) / 5
    real, seen = judge(frames, example)
    assert real.shape == (2,) and seen.shape == (2, 4, 136)
    assert ((real > 0) & (real < 1)).all() and (seen - example[:, None]).abs().max() < 1
    later = frames.clone()
    later[:, 3] = 0
    torch.testing.assert_close(judge(later, example)[1][:, :3], seen[:, :3])
    scores = []
    hook = judge.realness.register_forward_hook(lambda module, given, score: scores.append(score))
    judge(frames, example)
    hook.remove()
    torch.testing.assert_close(torch.logit(real), torch.stack([scores[0][:, t, 0] for t in range(4)]).mean(dim=0))


def test_generator_and_judge_learn_each_from_their_own_loss(tasks, scene):
    """The gradients of the whole loss are those of the parts, computed apart."""
    model, generator, judge = tasks[1].model.train(), tasks[1].model["atvg_vgnet"], tasks[1].model["judge"]

    def gradients(loss: torch.Tensor) -> dict[str, torch.Tensor]:
        model.zero_grad()
        loss.backward()
        return {name: value.grad.clone() for name, value in model.named_parameters() if value.grad is not None}

    torch.manual_seed(5)
    whole = gradients(tasks[1].loss(scene, np.random.default_rng(0))[0])
    torch.manual_seed(5)
    made, attention, *_ = generator(scene.image, scene.landmarks, scene.example)
    own = gradients(atvg.verdict(judge, scene.frames, scene, 1.0) + atvg.verdict(judge, made.detach(), scene, 0.0))
    assert set(own) == {f"judge.{name}" for name, _ in judge.named_parameters()}
    judge.requires_grad_(False)
    pixels = ((made - scene.frames).abs() * (attention.detach() + 0.5)).mean()
    fooled = gradients(10 * pixels + atvg.verdict(judge, made, scene, 1.0))
    judge.requires_grad_(True)
    assert set(fooled) == {f"atvg_vgnet.{name}" for name, _ in generator.named_parameters()}
    for name, wanted in (own | fooled).items():
        torch.testing.assert_close(whole[name], wanted, rtol=1e-3, atol=1e-5)


def test_half_precision_leaves_the_losses_whole(tasks, scene):
    """As on a GPU with ``precision: bf16``: nothing refuses, and the loss is near that of single precision."""
    speech = tasks[0].draw(np.random.default_rng([0, 3]))
    for task, batch in zip(tasks, (speech, scene), strict=True):
        task.model.train()
        losses = []
        for half in (False, True):
            torch.manual_seed(0)
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                losses.append(task.loss(batch, np.random.default_rng(0))[0])
        assert losses[1].dtype == torch.float32 and losses[1].item() == pytest.approx(losses[0].item(), rel=0.1)


def test_networks_begin_with_the_authors_spread():
    torch.manual_seed(0)
    for width, network in ((1, AtNet(1)), (4, VgNet(4))):
        atvg.begun(network, width)
        weights = torch.cat([p.flatten() for n, p in network.named_parameters() if n.endswith("0.0.weight")])
        assert weights.std().item() == pytest.approx(0.02 * width**0.5, rel=0.05)
        norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
        assert all(abs(norm.weight.mean() - 1) < 0.02 and not norm.bias.any() for norm in norms)


def test_speech_and_scenes_are_of_one_moment(tasks):
    """Coefficients are those of the frames after the example; a scene's landmarks lie where its frames show them."""
    speech = tasks[0].draw(np.random.default_rng([0, 3]))
    assert (
        speech.sound.shape == (4, 16, 28, 12) and speech.wanted.shape == (4, 16, 6) and speech.example.shape == (4, 6)
    )
    step = (speech.wanted[:, 1:] - speech.wanted[:, :-1]).abs().amax()
    assert (speech.wanted[:, 0] - speech.example).abs().max() < 1.5 * step
    drawn = tasks[1].draw(np.random.default_rng([0, 3]))
    assert drawn.image.shape == (1, 3, 128, 128) and drawn.frames.shape == (1, 16, 3, 128, 128)
    assert drawn.frames.min() >= -1 and drawn.frames.max() <= 1
    lips = drawn.landmarks[0].unflatten(1, (68, 2))
    opening = (lips[:, 66, 1] - lips[:, 62, 1]).numpy()
    dark = (drawn.frames[0, :, :, 80:126, 40:80].mean(dim=1) < -0.7).sum(dim=(1, 2)).numpy()
    assert np.corrcoef(opening, dark)[0, 1] > 0.8, "the more open the mouth, the more of its inside is seen"


def test_trained_again_the_same_and_after_a_break_too(drawn, tmp_path, monkeypatch):
    folder, ids = drawn
    wanted = config(vgnet=3)
    figures = [train_baseline([folder], ids, wanted, tmp_path / name) for name in "ab"]
    assert figures[0] == figures[1]
    assert figures[0]["steps"] == 5 and figures[0]["parts"] == "networks of 1/16 of the published width"
    content = (tmp_path / "a/checkpoint.pt").read_bytes()
    assert content == (tmp_path / "b/checkpoint.pt").read_bytes()
    learn, done = loop.Training.learn, []

    def killed(self, batch):
        done.append(self.step)
        if len(done) == 5:
            raise KeyboardInterrupt
        return learn(self, batch)

    monkeypatch.setattr(loop.Training, "learn", killed)
    with pytest.raises(KeyboardInterrupt):
        train_baseline([folder], ids, wanted, tmp_path / "c")
    monkeypatch.undo()
    train_baseline([folder], ids, wanted, tmp_path / "c")
    assert (tmp_path / "c/checkpoint.pt").read_bytes() == content


def test_the_adapter_talks_with_weights_of_ours(drawn, tmp_path):
    folder, ids = drawn
    quick = config(atnet=1, vgnet=1)
    own = dataclasses.replace(quick.loop, sample_every=1)
    train_baseline([folder], ids, dataclasses.replace(quick, loop=own), tmp_path / "baselines/atvg/0")
    for phase, size in (("atnet", (2 * 132 + 4, 8 * 132 + 4)), ("vgnet", (6 * 132 + 4, 8 * 132 + 4))):
        (sample,) = (tmp_path / "baselines/atvg/0" / phase / "samples").glob("*.png")
        assert cv2.imread(str(sample)).shape[:2] == size
    adapter = Atvg.load(tmp_path, 0)
    assert not adapter.switches.exaggerated and not adapter.switches.own_levels
    frames, points, audio = drawn_arrays(9)
    asked = Request(
        clip_id="clip", identity_frame=frames[0], identity_landmarks=points[0], audio=audio, num_frames=30, fps=30.0,
        reference_frames=frames[:1], reference_landmarks=points[:1],
    )  # fmt: skip
    made = adapter.generate(asked)
    assert made.shape == (30, 256, 256, 3) and made.dtype == np.uint8
    assert np.array_equal(made[:, :30], np.repeat(frames[:1, :30], 30, axis=0)), "above the face nothing changes"
    assert not np.array_equal(made[0], frames[0])


def test_sound_tells_more_than_the_example(drawn, tmp_path):
    """After some steps the error is well below that of standing still."""
    folder, ids = drawn
    task = atvg.train_atnet(Clips([folder], ids, config().pool), config(atnet=80), {})
    rows = loop.run(task, config(atnet=80).phase_loop("atnet"), tmp_path)["log"][-20:]
    assert sum(row["loss"] for row in rows) < 0.6 * sum(row["still"] for row in rows)


def test_pictures_come_nearer(drawn, tmp_path):
    folder, ids = drawn
    clips, own = Clips([folder], ids, config().pool), config(vgnet=24)
    before = {"atnet": atvg.train_atnet(clips, own, {}).model.state_dict()}
    rows = loop.run(atvg.train_vgnet(clips, own, before), own.phase_loop("vgnet"), tmp_path)["log"]
    assert sum(row["pixels"] for row in rows[-6:]) < 0.7 * sum(row["pixels"] for row in rows[:6])


def test_stretches_too_short_are_one_line(drawn):
    folder, ids = drawn
    short = dataclasses.replace(config().pool, stretch=16)
    with pytest.raises(UserError, match="atvg: pool: stretch must be 17 frames or more, got 16"):
        atvg.train_atnet(Clips([folder], ids, short), config(pool=short), {})
