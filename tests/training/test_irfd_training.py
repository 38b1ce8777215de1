import dataclasses

import numpy as np
import pytest
import torch
from small_configs import irfd_config

from speak.errors import UserError
from speak.training import checkpoint
from speak.training.ablations import IRFD_ABLATIONS, SPEAK_ABLATIONS, apply
from speak.training.irfd import IrfdModel, irfd_fingerprint, train_irfd


def test_same_weights_again_and_loadable(drawn, tmp_path):
    folder, ids = drawn
    figures = [train_irfd([folder], ids, irfd_config(), tmp_path / name) for name in "ab"]
    assert figures[0] == figures[1] and figures[0]["clips"] == 8 and figures[0]["persons"] == 4
    path = tmp_path / "a" / "checkpoint.pt"
    assert path.read_bytes() == (tmp_path / "b" / "checkpoint.pt").read_bytes()
    content = checkpoint.load(path, kind="irfd", expected=irfd_fingerprint(irfd_config()))
    IrfdModel(irfd_config().irfd).load_state_dict(checkpoint.weights(content))


def test_an_interrupted_training_ends_with_the_same_weights(drawn, tmp_path):
    folder, ids = drawn
    whole = train_irfd([folder], ids, irfd_config(), tmp_path / "whole")

    class Killed(Exception):
        pass

    def stop(done: int, note: str) -> None:
        if done == 3:
            raise Killed

    with pytest.raises(Killed):
        train_irfd([folder], ids, irfd_config(), tmp_path / "cut", stop)
    assert train_irfd([folder], ids, irfd_config(), tmp_path / "cut") == whole
    one, other = (checkpoint.load(tmp_path / name / "checkpoint.pt", kind="irfd") for name in ("whole", "cut"))
    for part in ("model", "ema"):
        assert all(torch.equal(one[part][name], other[part][name]) for name in one[part])
    assert one["log"] == other["log"]


def test_learns_to_put_faces_together(drawn, tmp_path):
    folder, ids = drawn
    train_irfd([folder], ids, dataclasses.replace(irfd_config(200), shown="own"), tmp_path)
    log = checkpoint.load(tmp_path / "checkpoint.pt", kind="irfd")["log"]
    early, late = (np.mean([row["self"] for row in part]) for part in (log[:10], log[-10:]))
    assert late < 0.5 * early


def test_ablations_change_one_thing():
    config = irfd_config()
    for name, changes in IRFD_ABLATIONS.items():
        zero = [term for term, weight in apply(config, changes).weights.items() if weight == 0]
        assert zero == ([] if name == "full" else [name.removeprefix("no_")])
        assert dataclasses.replace(apply(config, changes), weights=config.weights) == config
    assert {ablation.irfd for ablation in SPEAK_ABLATIONS.values()} == set(IRFD_ABLATIONS)
    with pytest.raises(KeyError):
        apply(config, {"weights": {"nothing": 0.0}})


def test_an_ablated_term_is_not_trained_on(drawn, tmp_path):
    folder, ids = drawn
    config = apply(irfd_config(2), IRFD_ABLATIONS["no_cls"])
    train_irfd([folder], ids, config, tmp_path)
    torch.manual_seed(config.loop.seed)
    fresh = IrfdModel(config.irfd).irfd.classifier.weight
    trained = checkpoint.load(tmp_path / "checkpoint.pt", kind="irfd")["model"]["irfd.classifier.weight"]
    assert torch.equal(trained, fresh)


def test_wrong_weights_and_parts_are_refused(drawn, tmp_path):
    folder, ids = drawn
    with pytest.raises(ValueError, match="weights wanted for"):
        dataclasses.replace(irfd_config(), weights={"identity": 1.0})
    with pytest.raises(UserError, match="augment"):
        train_irfd([folder], ids, dataclasses.replace(irfd_config(), augment=None), tmp_path)
