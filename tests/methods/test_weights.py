"""The loader of weight files: every layout that PyTorch writes, and nothing that runs code.

All files are real ones, written by ``torch.save`` and TorchScript.
"""

import os
import pickle
import warnings
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from weight_lists import seeded

from benchmarks.methods.weights import load_weights, read_state
from speak.errors import UserError

FILES = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Small(nn.Module):
    """A network with every kind of weight, some of which EAMM's emotion detector names as unused."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3))
        self.head = nn.Linear(3, 2)
        self.fc_n = nn.Linear(2, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x).mean((2, 3)))


NAME = "eamm_emo_detector"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SPEAK_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def source() -> Small:
    network = Small()
    seeded(network)
    return network


def write(path: Path, network: nn.Module, layout: str, *, prefix: bool, counters: bool) -> None:
    state = {
        ("module." if prefix else "") + key: value
        for key, value in network.state_dict().items()
        if counters or not key.endswith("num_batches_tracked")
    }
    optimiser = torch.optim.Adam(network.parameters()).state_dict()
    content = {
        "bare": state,
        "state_dict": {"state_dict": state, "optimizer": optimiser, "global_step": 7, "global_epoch": 1},
        "entry": {"emo_detector": state, "kp_detector_a": {"x": torch.zeros(1)}, "epoch": 3, "optimizer_a": optimiser},
        "old": state,
    }
    torch.save(content[layout], path, _use_new_zipfile_serialization=layout != "old")


def write_torchscript(path: Path, network: nn.Module) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        torch.jit.script(network).save(str(path))


@given(
    layout=st.sampled_from(["bare", "state_dict", "entry", "old"]),
    prefix=st.booleans(),
    counters=st.booleans(),
    half=st.booleans(),
)
@FILES
def test_every_layout_gives_the_same_weights(source, tmp_path, layout, prefix, counters, half):
    path, target = tmp_path / "weights.pth", Small()
    expected = {key: value.clone() for key, value in source.state_dict().items()}
    network = source
    if half:
        network = Small()
        network.load_state_dict(expected)
        network.half()
        expected = {key: value.half() if value.is_floating_point() else value for key, value in expected.items()}
    write(path, network, layout, prefix=prefix, counters=counters)
    assert load_weights(target, path, NAME) == []
    for key, value in target.state_dict().items():
        assert torch.equal(value, expected[key].to(value.dtype)) or key.endswith("num_batches_tracked")


def test_torchscript_archives(source, tmp_path):
    write_torchscript(tmp_path / "weights.pt", source)
    target = Small()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_weights(target, tmp_path / "weights.pt", NAME) == []
    images = torch.randn(2, 2, 5, 5)
    assert torch.equal(target.eval()(images), source.eval()(images))


class Runs:
    """Pickles to a command."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("how", ["pickle", "torch", "nested", "network"])
def test_code_in_a_file_is_not_run(source, tmp_path, how):
    mark, path = tmp_path / "it-ran", tmp_path / "weights.pth"
    state = source.state_dict()
    if how == "pickle":
        path.write_bytes(pickle.dumps(Runs(mark)))
    elif how == "torch":
        torch.save(Runs(mark), path)
    elif how == "nested":
        torch.save({"emo_detector": state, "optimizer": Runs(mark)}, path)
    else:
        torch.save(source, path)  # a whole module names its class, which is code too
    with pytest.raises(UserError, match=r"weights\.pth: refused.*nothing of it was run"):
        load_weights(Small(), path, NAME)
    assert not mark.exists()


@given(share=st.floats(0, 0.999), layout=st.sampled_from(["bare", "old", "torchscript"]))
@FILES
def test_cut_files_are_one_line(source, tmp_path, share, layout):
    path = tmp_path / "weights.pth"
    if layout == "torchscript":
        write_torchscript(path, source)
    else:
        write(path, source, layout, prefix=False, counters=True)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(UserError) as caught:
        load_weights(Small(), path, NAME)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


@given(content=st.one_of(st.binary(max_size=200), st.text(max_size=50).map(str.encode)))
@FILES
def test_any_other_content_is_one_line(tmp_path, content):
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_state(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([torch.zeros(1)], "holds list, not a dictionary"),
        ({}, "it holds nothing"),
        ({"state_dict": {"a": 1}}, "no weights"),
        ({"generator": {"a": torch.zeros(1)}, "epoch": 3}, "it holds generator, epoch"),
        ({"a": torch.zeros(1), "module.a": torch.zeros(1)}, "with and without 'module.'"),
    ],
)
def test_unknown_layouts(tmp_path, content, message):
    torch.save(content, tmp_path / "weights.pth")
    with pytest.raises(UserError, match=message):
        read_state(tmp_path / "weights.pth", "emo_detector")


def test_web_pages_and_absent_files(tmp_path):
    page = tmp_path / "weights.pth"
    page.write_text("\n<!DOCTYPE html><html>Google Drive - Virus scan warning</html>")
    with pytest.raises(UserError, match="is a web page"):
        read_state(page)
    with pytest.raises(UserError, match=f"no such file, nor .*; `speak weights fetch {NAME}`"):
        load_weights(Small(), tmp_path / "absent.pth", NAME)


def test_a_fetched_file_stands_in(source, tmp_path):
    (tmp_path / "cache/weights").mkdir(parents=True)
    torch.save({"emo_detector": source.state_dict()}, tmp_path / "cache/weights/5-3000.pth.tar")
    target = Small()
    load_weights(target, tmp_path / "models/eamm/5-3000.pth.tar", NAME)
    assert torch.equal(target.head.weight, source.head.weight)


def changed(source: Small, **changes: Tensor | None) -> dict[str, Tensor]:
    state = dict(source.state_dict())
    for key, value in changes.items():
        state[key.replace("__", ".")] = value
    return {key: value for key, value in state.items() if value is not None}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"head__weight": None}, "head.weight is missing"),
        ({"tail__weight": torch.zeros(2)}, "tail.weight is unknown"),
        ({"head__weight": torch.zeros(3, 2)}, "head.weight is 3x2 where 2x3 is wanted"),
        ({"head__bias": torch.zeros(2, dtype=torch.int64)}, "head.bias is torch.int64 where torch.float32 is wanted"),
        ({"head__bias": torch.tensor([0.0, torch.nan])}, "head.bias is not finite"),
        ({"body__1__running_mean": None}, "body.1.running_mean is missing"),
    ],
)
def test_what_does_not_fit_is_named(source, tmp_path, changes, fault):
    path, target = tmp_path / "weights.pth", Small()
    before = {key: value.clone() for key, value in target.state_dict().items()}
    torch.save(changed(source, **changes), path)
    with pytest.raises(UserError, match=f"weights.pth: does not hold {NAME}: {fault}$"):
        load_weights(target, path, NAME)
    assert all(torch.equal(before[key], value) for key, value in target.state_dict().items()), "all or nothing"


@pytest.mark.parametrize(
    "changes",
    [
        {"fc_n__weight": None, "fc_n__bias": None},
        {"fc_n__weight": torch.zeros(9, 9), "fc_n__bias": torch.zeros(9)},
        {"final_4__weight": torch.zeros(9, 9)},
    ],
)
def test_unused_keys_may_differ_where_the_list_says_so(source, tmp_path, changes):
    path, target = tmp_path / "weights.pth", Small()
    torch.save(changed(source, **changes), path)
    assert load_weights(target, path, NAME) == [key for key in ("fc_n.weight", "fc_n.bias") if "fc_n__bias" in changes]
    assert torch.equal(target.head.weight, source.head.weight)
    with pytest.raises(UserError, match="does not hold atvg_atnet"):
        load_weights(Small(), path, "atvg_atnet")


def test_the_first_ten_keys_are_named(source, tmp_path):
    torch.save(
        dict(source.state_dict()) | {f"extra.{index}": torch.zeros(1) for index in range(25)}, tmp_path / "w.pth"
    )
    with pytest.raises(UserError) as caught:
        load_weights(Small(), tmp_path / "w.pth", NAME)
    assert str(caught.value).count("is unknown") == 10
    assert str(caught.value).endswith("extra.9 is unknown; and 15 more")


def test_published_names_are_pinned(source, tmp_path):
    path, others = tmp_path / "5-3000.pth.tar", Small()
    seeded(others, seed=1)
    path.write_bytes(b"not weights")
    with pytest.raises(UserError):
        load_weights(Small(), path, NAME)  # what could not be used is not pinned
    for _ in range(2):
        torch.save({"emo_detector": source.state_dict()}, path)
        load_weights(Small(), path, NAME)
    torch.save({"emo_detector": others.state_dict()}, path)
    with pytest.raises(UserError, match=r"is not that of the 5-3000.pth.tar known here.*sha256\.json"):
        load_weights(Small(), path, NAME)
    torch.save(others.state_dict(), tmp_path / "mine.pth")
    load_weights(Small(), tmp_path / "mine.pth", NAME)
