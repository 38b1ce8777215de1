"""Every way to get a parameter wrong is refused by its dotted name."""

from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from speak.config import build, read_yaml
from speak.errors import UserError


@dataclass(frozen=True, kw_only=True)
class Inner:
    lr: float
    steps: int


@dataclass(frozen=True, kw_only=True)
class Outer:
    inner: Inner
    names: tuple[str, ...]
    box: tuple[int, int]
    mode: Literal["a", "b"]
    limit: int | None
    shares: dict[str, float]
    on: bool = True
    options: dict[str, Any] = field(default_factory=dict)


GOOD = {
    "inner": {"lr": 1, "steps": 3},
    "names": ["x", "y"],
    "box": [1, 2],
    "mode": "a",
    "limit": None,
    "shares": {"m": 0.5},
}


def test_builds_nested_values_in_their_types():
    outer = build(Outer, GOOD, "p")
    assert outer == Outer(
        inner=Inner(lr=1.0, steps=3), names=("x", "y"), box=(1, 2), mode="a", limit=None, shares={"m": 0.5}
    )
    assert isinstance(outer.inner.lr, float)


def test_what_may_be_anything_is_left_as_it_is():
    options = {"quiet": True, "retries": None, "args": {"youtube": ["a"]}}
    assert build(Outer, GOOD | {"options": options}, "p").options == options


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inner": {"lr": "1e-4", "steps": 3}}, r"p\.inner\.lr: expected float, got str '1e-4'"),
        ({"inner": {"lr": 1.0, "steps": 3, "stpes": 3}}, r"p\.inner\.stpes: unknown key; known keys are lr, steps"),
        ({"inner": {"lr": 1.0}}, r"p\.inner\.steps: missing"),
        ({"inner": {"lr": 1.0, "steps": True}}, r"p\.inner\.steps: expected int, got bool True"),
        ({"inner": {"lr": 1.0, "steps": 2.5}}, r"p\.inner\.steps: expected int, got float 2\.5"),
        ({"inner": 3}, r"p\.inner: expected a mapping, got int 3"),
        ({"names": "xy"}, r"p\.names: expected a list, got str 'xy'"),
        ({"names": ["x", 3]}, r"p\.names\[1\]: expected str, got int 3"),
        ({"box": [1]}, r"p\.box: expected 2 entries, got 1"),
        ({"mode": "c"}, r"p\.mode: expected one of 'a', 'b', got 'c'"),
        ({"shares": {"m": "half"}}, r"p\.shares\.m: expected float, got str 'half'"),
        ({"on": 1}, r"p\.on: expected bool, got int 1"),
    ],
)
def test_refuses_by_dotted_name(change, message):
    with pytest.raises(UserError, match=f"^{message}$"):
        build(Outer, GOOD | change, "p")


def test_malformed_or_absent_files_are_one_line(tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [1,\nb: 2")
    with pytest.raises(UserError, match="not valid YAML") as caught:
        read_yaml(broken)
    assert "\n" not in str(caught.value)
    with pytest.raises(UserError, match="no such parameter file"):
        read_yaml(tmp_path / "absent.yaml")
    broken.write_text("- 1")
    with pytest.raises(UserError, match="expected a mapping"):
        read_yaml(broken)
