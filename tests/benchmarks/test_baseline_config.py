"""How the baselines' trainings are described, and what their losses are made of."""

import dataclasses
from pathlib import Path

import pytest
import torch
from tiny_baselines import tiny
from torch.nn import functional

from benchmarks.training import looks
from benchmarks.training.config import BaselinesConfig, MethodConfig
from benchmarks.training.probability import cross_entropy
from speak.config import build, read_yaml
from speak.errors import UserError

PROFILES = ("smoke", "demo", "small", "paper")


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_method_has_as_many_steps_as_speak_has_with_its_irfd(profile):
    content = read_yaml(Path(f"profiles/{profile}.yaml"))
    own = build(BaselinesConfig, content["baselines"], profile)
    assert own.loop.steps == content["irfd"]["loop"]["steps"] + content["speak"]["loop"]["steps"]
    for name in ("wav2lip", "atvg", "pc_avs", "eamm"):
        assert sum(phase.steps for phase in own.training(name).method.phases.values()) == own.loop.steps


def test_another_budget_is_refused_by_name():
    content = read_yaml(Path("profiles/smoke.yaml"))["baselines"]
    content["eamm"]["phases"]["speech"]["steps"] += 1
    with pytest.raises(UserError, match=r"baselines: eamm: its phases have 61 steps together, the budget is 60"):
        build(BaselinesConfig, content, "baselines")


def test_official_weights_have_the_published_width():
    with pytest.raises(ValueError, match="official weights are those of width 1, not 8"):
        MethodConfig(weights="official", width=8, phases={})
    with pytest.raises(ValueError, match="width: one of 1, 2, 4, 8, 16 wanted, got 32"):
        MethodConfig(weights="trained", width=32, phases={})


def test_a_phase_has_its_own_length_and_rate():
    config = tiny("wav2lip", expert=3, generator=5)
    own = dataclasses.replace(config.method.phases["expert"], learning_rate=0.25)
    config = dataclasses.replace(config, method=dataclasses.replace(config.method, phases={"expert": own}))
    assert (config.phase_loop("expert").steps, config.phase_loop("expert").learning_rate) == (3, 0.25)


def test_cross_entropy_is_torchs():
    torch.manual_seed(0)
    p, wanted = torch.rand(50), (torch.rand(50) > 0.5).float()
    assert torch.isclose(cross_entropy(p, wanted), functional.binary_cross_entropy(p, wanted))
    assert torch.isfinite(cross_entropy(torch.tensor([0.0, 1.0]), 1.0))


def test_pixels_compare_at_four_sizes():
    seen = looks.build(looks.LooksConfig(features="pixels", weights=None))
    real = torch.zeros(1, 3, 16, 16)
    assert looks.looks_loss(seen, real, real) == 0
    assert torch.isclose(looks.looks_loss(seen, real + 0.3, real), torch.tensor(0.3))
    fine = real.clone()
    fine[..., ::2] = 1  # stripes: half of the pixels differ by 1, all smaller sizes differ by a half everywhere
    assert torch.isclose(looks.looks_loss(seen, fine, real), torch.tensor(0.5))
    fine[..., 1::2] = -1  # stripes of both signs vanish at every smaller size
    assert torch.isclose(looks.looks_loss(seen, fine, real), torch.tensor(0.25))


def test_looks_take_weights_where_they_need_them():
    with pytest.raises(ValueError, match="vgg19 needs a weights file"):
        looks.LooksConfig(features="vgg19", weights=None)
