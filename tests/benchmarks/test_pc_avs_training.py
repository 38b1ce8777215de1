"""PC-AVS learns: who gets which gradient, what it draws, and whole trainings of a few steps."""

import dataclasses

import numpy as np
import pytest
import torch
from drawn_clips import drawn_arrays, drawn_folder

from benchmarks.methods import pc_avs_crop, pc_avs_sound
from benchmarks.methods.pc_avs import PcAvs
from benchmarks.protocol import Request
from benchmarks.training import pc_avs, pc_avs_judge, pc_avs_samples
from benchmarks.training.baselines import train_baseline
from benchmarks.training.clips import Clips
from benchmarks.training.config import MethodConfig, PhaseConfig, TrainingConfig
from benchmarks.training.looks import LooksConfig
from benchmarks.training.pc_avs_judge import matching, parted, passing, telling
from speak.data.pool import PoolConfig
from speak.errors import UserError
from speak.training.loop import LoopConfig

STRETCH = 13


def config_of(identity: int = 2, content: int = 2, generator: int = 3, frames: int = 5) -> TrainingConfig:
    loop = LoopConfig(
        steps=identity + content + generator, learning_rate=1e-3, warmup_steps=0, final_rate=1.0,
        clip_norm=float("inf"), ema_decay=None, checkpoint_every=2, log_every=1, sample_every=None, seed=0, prefetch=0,
        device="cpu", precision="full", workers=1,
    )  # fmt: skip
    phases = {
        "identity": PhaseConfig(steps=identity, batch=4, learning_rate=2e-3),
        "content": PhaseConfig(steps=content, batch=2, learning_rate=1e-3, frames=2),
        "generator": PhaseConfig(steps=generator, batch=2, learning_rate=1e-3, frames=frames),
    }
    return TrainingConfig(
        name="pc_avs",
        loop=loop,
        pool=PoolConfig(clips=4, steps=40, moments=3, stretch=STRETCH, fps=25.0),
        looks=LooksConfig(features="pixels", weights=None),
        method=MethodConfig(weights="trained", width=16, phases=phases),
    )


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    return folder, drawn_folder(folder, 4)


@pytest.fixture(scope="module")
def clips(drawn) -> Clips:
    return Clips([drawn[0]], drawn[1], config_of().pool)


@pytest.fixture(scope="module")
def trained(drawn, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    return folder, train_baseline([drawn[0]], drawn[1], config_of(), folder)


def generator_task(clips: Clips, config: TrainingConfig) -> pc_avs.GeneratorTask:
    torch.manual_seed(0)
    before = {
        "identity": pc_avs.train_identity(clips, config, {}).model.state_dict(),
        "content": pc_avs.train_content(clips, config, {}).model.state_dict(),
    }
    task = pc_avs.train_generator(clips, config, before)
    task.model.train()
    return task


def test_samples_are_aligned_and_heard_in_time(clips):
    rng = np.random.default_rng([0, 0, 0, 0])
    (cut,) = clips.cuts(1, rng)
    batch = pc_avs_samples.talking(clips, 1, 9, rng)
    assert batch.target.shape == (1, 3, 3, 224, 224) and batch.speech.frames.shape == (1, 9, 3, 224, 224)
    sound = pc_avs_sound.windows(pc_avs_sound.spectrogram(cut.audio))
    numbers = np.array([0, 2, 7, 1000])
    np.testing.assert_array_equal(pc_avs_samples.sounds_at(sound, numbers), sound[[0, 0, 5, -1]])
    number = cut.stretch.start + 3
    wanted = pc_avs_crop.crop(cut.pictures(np.array([number]))[0], pc_avs_crop.alignments(cut.landmarks)[number])
    found = pc_avs_samples.crops(cut)[np.flatnonzero(cut.numbers == number)[0]]
    np.testing.assert_array_equal(found, wanted)


def test_sound_and_picture_of_a_sample_belong_together(clips):
    """The windows of a clip, looked up in its whole sound, lie at consecutive frames from a frame of the stretch on."""
    rng = np.random.default_rng([0, 1, 0, 0])
    (cut,) = clips.cuts(1, rng)
    speech, target = pc_avs_samples.speech(clips, [cut], 5, rng)
    every = pc_avs_sound.windows(pc_avs_sound.spectrogram(cut.audio))
    places = [np.flatnonzero((every == window).all(axis=(1, 2, 3)))[0] for window in speech.sounds[0].numpy()]
    shown = target[0].permute(0, 2, 3, 1).numpy()
    crops = pc_avs_samples.crops(cut)
    frames = [next(n for n in cut.stretch if (crops[np.searchsorted(cut.numbers, n)] == face).all()) for face in shown]
    assert len(frames) == 2 and frames[1] - frames[0] == 4
    assert places == [max(0, frames[0] + step - 2) for step in range(5)]


def test_generator_and_judge_learn_apart(clips):
    task = generator_task(clips, config_of())
    batch = task.draw(np.random.default_rng([0, 0, 0, 0]))
    judge = task.model[pc_avs.JUDGE]
    target = pc_avs_samples.signed(batch.target.flatten(0, 1))
    made, _, _ = task.rendered(batch)
    assert made.shape == target.shape and made.abs().max() <= 1
    real, other = parted(judge(torch.cat([target, made.detach()])))
    telling(real, other).backward()
    assert all(
        weight.grad is None for name, part in task.model.items() if name != "judge" for weight in part.parameters()
    )
    given = [weight.grad.clone() for weight in judge.parameters()]
    assert all(grad.abs().sum() > 0 for grad in given)
    seen = pc_avs.judged(judge, made)
    (passing(seen) + matching(seen, real)).backward()
    assert all((weight.grad == grad).all() for weight, grad in zip(judge.parameters(), given, strict=True))
    for name in (pc_avs.G, pc_avs.V, pc_avs.E, pc_avs.A):
        assert any(weight.grad is not None and weight.grad.any() for weight in task.model[name].parameters()), name


def test_figures_add_up_to_the_loss(clips):
    task = generator_task(clips, config_of())
    torch.manual_seed(1)
    loss, f = task.loss(task.draw(np.random.default_rng([0, 0, 0, 0])), np.random.default_rng(0))
    contrast = 100 * (f["sound_finds_mouth"] + f["mouth_finds_sound"]) + f["nearness"]
    wanted = f["gan"] + 10 * f["matching"] + 10 * f["looks"] + contrast + f["persons"] + f["judge"]
    assert loss.item() == pytest.approx(wanted.item(), rel=1e-5)


def test_mixed_precision_gives_about_the_same_loss(clips):
    task = generator_task(clips, config_of(frames=1))
    batch, losses = task.draw(np.random.default_rng([0, 0, 0, 0])), []
    task.model.eval()  # no dropout
    for enabled in (False, True):
        torch.manual_seed(1)
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            loss, _ = task.loss(batch, np.random.default_rng(0))
        loss.backward()
        losses.append(loss.item())
    assert losses[1] == pytest.approx(losses[0], rel=0.05)


def test_identity_is_seen_alone_while_the_generator_learns(clips):
    """What netV makes of a face does not depend on the others of a batch, and it still learns."""
    task = generator_task(clips, config_of(frames=1))
    pictures = pc_avs_samples.signed(task.draw(np.random.default_rng([0, 0, 0, 0])).faces.pictures)
    encoder = task.model[pc_avs.V]
    before = {name: value.clone() for name, value in encoder.named_buffers()}
    torch.testing.assert_close(encoder(pictures)[0][:1], encoder(pictures[:1])[0], rtol=1e-4, atol=1e-5)
    assert all(torch.equal(value, before[name]) for name, value in encoder.named_buffers())
    assert task.model[pc_avs.E].training and all(weight.requires_grad for weight in encoder.parameters())


def test_rates_are_the_published_ones(clips):
    own, judge = generator_task(clips, config_of()).groups()
    assert (own.share(0), judge.share(5)) == (0.5, 2.0) and own.betas == judge.betas == (0.0, 0.9)
    assert own.amsgrad and not judge.amsgrad
    (alone,) = pc_avs.train_identity(clips, config_of(), {}).groups()
    assert alone.share(3) == 0.5 and alone.amsgrad


def test_persons_are_learned(drawn, clips):
    task = pc_avs.train_identity(clips, config_of(), {})
    optimiser = torch.optim.Adam(task.model.parameters(), lr=1e-3)
    losses = []
    for step in range(24):
        loss, _ = task.loss(task.draw(np.random.default_rng([0, step, 0, 0])), np.random.default_rng(0))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert np.mean(losses[-6:]) < 0.5 * np.log(len(clips.persons)) < np.mean(losses[:4])


def test_trained_weights_make_a_clip(trained, tmp_path):
    folder, figures = trained
    assert figures["clips"] == 4 and figures["persons"] == 2 and figures["steps"] == 7
    assert "1/16" in figures["parts"] and "pixels" in figures["parts"]
    state = torch.load(folder / "checkpoint.pt", weights_only=True)["model"]
    assert {key.split(".")[0] for key in state} == set(PcAvs.files)
    place = tmp_path / "baselines" / "pc_avs" / "3"
    place.mkdir(parents=True)
    (place / "checkpoint.pt").write_bytes((folder / "checkpoint.pt").read_bytes())
    method = PcAvs.load(tmp_path, 3)
    frames, landmarks, audio = drawn_arrays(9, 12)
    request = Request(
        clip_id="a", identity_frame=frames[0], identity_landmarks=landmarks[0], audio=audio, num_frames=12, fps=30.0,
        reference_frames=frames, reference_landmarks=landmarks,
    )  # fmt: skip
    made = method.generate(request)
    assert made.shape == (12, 256, 256, 3) and made.dtype == np.uint8 and not method.switches.lag
    generator = torch.load(folder / "generator" / "checkpoint.pt", weights_only=True)["model"]
    key = "pcavs_netE.to_mouth.0.weight"
    assert torch.equal(method.networks.motion.state_dict()["to_mouth.0.weight"], generator[key])
    content = torch.load(folder / "content" / "checkpoint.pt", weights_only=True)["model"]
    assert not torch.equal(content[key], generator[key]), "encoders go on learning with the generator"


def test_interrupted_and_resumed_gives_the_same_bytes(trained, drawn, tmp_path):
    """Killed in the third phase, right after its first checkpoint."""

    class Killed(Exception):
        pass

    def kill(done, rows):
        if done == 7:
            raise Killed

    with pytest.raises(Killed):
        train_baseline([drawn[0]], drawn[1], config_of(), tmp_path, kill)
    assert not (tmp_path / "checkpoint.pt").exists() and (tmp_path / "generator" / "checkpoint.pt").is_file()
    train_baseline([drawn[0]], drawn[1], config_of(), tmp_path)
    assert (tmp_path / "checkpoint.pt").read_bytes() == (trained[0] / "checkpoint.pt").read_bytes()


def test_sample_shows_what_was_and_what_is_shown(clips):
    task = generator_task(clips, config_of())
    task.model.eval()
    with torch.no_grad():
        picture = task.sample()
    assert picture.shape == (4 * 228 + 4, 4 * 228 + 4, 3) and picture.dtype == np.uint8


def test_more_frames_than_a_stretch_has_is_one_line(clips):
    task = generator_task(clips, config_of(frames=STRETCH + 1))
    with pytest.raises(UserError, match="a stretch has 13; change frames or stretch"):
        task.draw(np.random.default_rng([0, 0, 0, 0]))
    phases = config_of().method.phases
    published = dataclasses.replace(phases["generator"], frames=None)
    method = dataclasses.replace(config_of().method, phases={**phases, "generator": published})
    task = generator_task(clips, dataclasses.replace(config_of(), method=method))
    assert task.length == 12 and pc_avs_judge.SCALES == 2
