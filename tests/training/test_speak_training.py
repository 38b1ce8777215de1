import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from small_configs import irfd_config, speak_config

from speak.data.batches import SmallSource, fit_basis
from speak.data.features import read_bank
from speak.errors import UserError
from speak.losses import perceptual
from speak.training import checkpoint
from speak.training.ablations import SPEAK_ABLATIONS, apply
from speak.training.irfd import IrfdModel, train_irfd
from speak.training.speak import SpeakModel, SpeakTask, speak_fingerprint, train_speak


@pytest.fixture(scope="module")
def irfd(drawn, tmp_path_factory) -> Path:
    folder, ids = drawn
    out = tmp_path_factory.mktemp("irfd")
    train_irfd([folder], ids, irfd_config(), out)
    return out / "checkpoint.pt"


@pytest.fixture
def task(drawn) -> SpeakTask:
    folder, ids = drawn
    torch.manual_seed(0)
    model = SpeakModel(speak_config())
    bank = read_bank([folder], ids)
    fit_basis(model.basis, bank, speak_config().augment, 0)
    features = perceptual.build(speak_config().perceptual, IrfdModel(irfd_config().irfd).irfd)
    return SpeakTask(model, SmallSource(bank, speak_config().augment, model.basis), features, speak_config(), "")


def gradients(task: SpeakTask, **weights: float) -> set[str]:
    """Parts that one step of the task with these weights would change."""
    task.config = dataclasses.replace(task.config, weights={"gan": 0.0, "sync": 0.0, "vgg": 0.0, **weights})
    task.model.zero_grad()
    loss, _ = task.loss(task.draw(np.random.default_rng(0)), np.random.default_rng(0))
    loss.backward()
    moved = {name for name, value in task.model.named_parameters() if value.grad is not None and value.grad.any()}
    return {name.split(".")[0] for name in moved}


def test_same_weights_again_and_after_a_kill(drawn, irfd, tmp_path):
    folder, ids = drawn
    whole = train_speak([folder], ids, speak_config(), tmp_path / "whole", irfd)

    class Killed(Exception):
        pass

    def stop(done: int, note: str) -> None:
        if done == 3:
            raise Killed

    with pytest.raises(Killed):
        train_speak([folder], ids, speak_config(), tmp_path / "cut", irfd, None, stop)
    assert train_speak([folder], ids, speak_config(), tmp_path / "cut", irfd) == whole
    one, other = (checkpoint.load(tmp_path / name / "checkpoint.pt", kind="speak") for name in ("whole", "cut"))
    for part in ("model", "ema"):
        assert all(torch.equal(one[part][name], other[part][name]) for name in one[part])
    assert one["log"] == other["log"]
    checkpoint.load(tmp_path / "cut" / "checkpoint.pt", kind="speak", expected=speak_fingerprint(speak_config()))


def test_each_term_trains_its_own_judge_and_the_generator(task):
    assert gradients(task, vgg=1.0) == {"speak"}
    assert gradients(task, vgg=1.0, gan=1.0) == {"speak", "discriminator"}
    assert gradients(task, vgg=1.0, sync=1.0) == {"speak", "sync"}


def test_a_judge_does_not_learn_from_what_the_generator_wants(task):
    """The judges' gradients must not depend on the weight of the generator's term."""
    found = []
    for weight in (1e-6, 10.0):
        torch.manual_seed(1)
        gradients(task, gan=weight, sync=weight)
        found.append({n: p.grad.clone() for n, p in task.model.named_parameters() if n.startswith(("disc", "sync"))})
    assert found[0].keys() == found[1].keys() and all(torch.allclose(found[0][n], found[1][n]) for n in found[0])


def test_adopted_encoders_are_kept_at_first_and_learn_slowly_later(drawn, irfd, tmp_path, task):
    folder, ids = drawn
    frozen = dataclasses.replace(speak_config(), frozen_share=1.0)
    train_speak([folder], ids, frozen, tmp_path / "frozen", irfd)
    train_speak([folder], ids, apply(frozen, SPEAK_ABLATIONS["no_irfd"].changes), tmp_path / "scratch", irfd)
    states = [
        checkpoint.load(tmp_path / name / "checkpoint.pt", kind="speak")["model"] for name in ("frozen", "scratch")
    ]
    wanted = checkpoint.weights(checkpoint.load(irfd, kind="irfd"))
    names = [name for name in wanted if "_encoder." in name]
    same = [all(torch.equal(state[f"speak.{name}"], wanted[name]) for name in names) for state in states]
    assert names and same == [True, False]
    encoders, rest = task.groups()
    assert [encoders.share(step) for step in range(4)] == [0.0, 0.0, 0.1, 0.1] and rest.share(0) == 1.0
    assert len(encoders.parameters) + len(rest.parameters) == len(list(task.model.parameters()))


@pytest.mark.parametrize("name", SPEAK_ABLATIONS)
def test_every_ablation_trains(drawn, irfd, tmp_path, name):
    folder, ids = drawn
    config = apply(speak_config(1), SPEAK_ABLATIONS[name].changes)
    assert train_speak([folder], ids[:2], config, tmp_path, irfd)["steps"] == 1


def test_sync_network_hears_the_stretch_it_sees(task):
    net = task.model.sync
    audio = torch.randn(2, 8000, generator=torch.Generator().manual_seed(0)) * 0.1
    other = audio.clone()
    other[:, 6000:] = 0
    one, two = net.embed_audio(audio, 15), net.embed_audio(other, 15)
    changed = ((one - two).abs().amax(dim=(0, 2)) > 1e-6).tolist()
    assert one.shape == (2, 11, 16) and not any(changed[:6]) and changed[-1]
    frames = torch.randn(2, 15, speak_config().speak.irfd.small.frame.size)
    assert net.embed_video(frames).shape == one.shape


def test_another_irfd_is_refused(drawn, irfd, tmp_path):
    folder, ids = drawn
    config = speak_config()
    parts = dataclasses.replace(config.speak.irfd, code=8)
    other = dataclasses.replace(config, speak=dataclasses.replace(config.speak, irfd=parts))
    with pytest.raises(UserError, match="does not fit"):
        train_speak([folder], ids, other, tmp_path, irfd)
    with pytest.raises(ValueError, match="weights wanted for"):
        dataclasses.replace(config, weights={"gan": 1.0})
