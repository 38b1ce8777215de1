import dataclasses
import types

import pytest
import torch

from speak.errors import UserError
from speak.training import checkpoint


def content(**changes) -> dict:
    base = {
        "kind": "sync", "fingerprint": "f", "data": "d", "config": {"a": [1, 2]}, "step": 3, "log": [{"loss": 0.5}],
        "model": {"w": torch.arange(3.0)}, "ema": None, "optimiser": {},
    }  # fmt: skip
    return base | changes


def test_round_trip_and_same_bytes(tmp_path):
    checkpoint.save(tmp_path / "a.pt", content())
    checkpoint.save(tmp_path / "b.pt", content())
    assert (tmp_path / "a.pt").read_bytes() == (tmp_path / "b.pt").read_bytes()
    read = checkpoint.load(tmp_path / "a.pt", kind="sync", expected="f")
    assert torch.equal(checkpoint.weights(read)["w"], torch.arange(3.0)) and read["config"] == {"a": [1, 2]}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pt", "b.pt"]


def test_average_weights_are_preferred():
    assert checkpoint.weights(content(ema={"w": torch.ones(1)}))["w"] == 1


@pytest.mark.parametrize(
    ("kind", "expected", "message"),
    [("mouth", None, "holds a sync model"), ("sync", "g", "other parameters or code")],
)
def test_refusals_name_the_file(tmp_path, kind, expected, message):
    path = tmp_path / "checkpoint.pt"
    checkpoint.save(path, content())
    with pytest.raises(UserError, match=message) as refusal:
        checkpoint.load(path, kind=kind, expected=expected)
    assert str(path) in str(refusal.value)


def test_missing_broken_and_foreign_files(tmp_path):
    path = tmp_path / "checkpoint.pt"
    with pytest.raises(UserError, match="no such checkpoint"):
        checkpoint.load(path, kind="sync")
    checkpoint.save(path, content())
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(UserError, match="not a readable checkpoint"):
        checkpoint.load(path, kind="sync")
    torch.save({"w": torch.ones(1)}, path)
    with pytest.raises(UserError, match="not a checkpoint of this version"):
        checkpoint.load(path, kind="sync")


def test_code_in_a_file_is_not_run(tmp_path):
    path = tmp_path / "checkpoint.pt"
    torch.save({"model": types.SimpleNamespace(a=1)}, path)
    with pytest.raises(UserError, match="not a readable checkpoint"):
        checkpoint.load(path, kind="sync")


def test_saving_something_else_is_a_bug(tmp_path):
    with pytest.raises(ValueError, match="a checkpoint holds"):
        checkpoint.save(tmp_path / "x.pt", {"model": {}})


def test_fingerprint_follows_parameters_and_code(tmp_path, loop_config):
    same = checkpoint.fingerprint(loop_config, (checkpoint,))
    assert same == checkpoint.fingerprint(loop_config, (checkpoint,))
    assert same != checkpoint.fingerprint(dataclasses.replace(loop_config, seed=1), (checkpoint,))
    assert same != checkpoint.fingerprint(loop_config, (checkpoint, dataclasses))
