"""Assets: only the registered content enters the cache, from whichever source gives it."""

import dataclasses
import hashlib
import zipfile
from pathlib import Path

import pytest

from speak import assets
from speak.errors import UserError

CONTENT = bytes(range(256)) * 40
THING = assets.Asset(
    name="thing",
    file_name="thing.bin",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    size=len(CONTENT),
    licence="Apache-2.0",
    url="http://127.0.0.1:9/thing.bin",
    wheels=("speak-asset-carrier==1.0",),
)


@pytest.fixture(autouse=True)
def sources(tmp_path, monkeypatch) -> Path:
    """An empty cache, an official address where nobody answers, and an empty folder as the package index."""
    index = tmp_path / "index"
    index.mkdir()
    monkeypatch.setenv("SPEAK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setattr(assets, "ASSETS", {"thing": THING})
    return index


def put_wheel(index: Path, members: dict[str, bytes]) -> None:
    dist = "speak_asset_carrier-1.0.dist-info"
    with zipfile.ZipFile(index / "speak_asset_carrier-1.0-py3-none-any.whl", "w") as wheel:
        for name, content in members.items():
            wheel.writestr(name, content)
        wheel.writestr(f"{dist}/METADATA", "Metadata-Version: 2.1\nName: speak-asset-carrier\nVersion: 1.0\n")
        wheel.writestr(f"{dist}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{dist}/RECORD", "")


def test_the_wheel_serves_when_the_address_does_not(sources, tmp_path):
    put_wheel(sources, {"carrier/decoy.bin": CONTENT[::-1], "../../deep/model.bin": CONTENT})
    path = assets.asset("thing")
    assert path == tmp_path / "cache" / "thing.bin"
    assert path.read_bytes() == CONTENT
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == [
        "speak_asset_carrier-1.0-py3-none-any.whl",
        "thing.bin",
    ]


def test_the_official_address_comes_first(monkeypatch):
    monkeypatch.setattr(assets, "_from_url", lambda wanted: CONTENT)
    monkeypatch.setattr(assets, "_from_wheel", lambda *_: pytest.fail("asked for a wheel"))
    assert assets.asset("thing").read_bytes() == CONTENT


def test_the_cache_comes_before_everything(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "_from_url", lambda wanted: pytest.fail("asked the network"))
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "thing.bin").write_bytes(CONTENT)
    assert assets.asset("thing").read_bytes() == CONTENT


@pytest.mark.parametrize("damage", [b"", CONTENT[:100], CONTENT[:-1] + b"x"])
def test_a_damaged_cache_is_replaced(damage, tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "_from_url", lambda wanted: CONTENT)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "thing.bin").write_bytes(damage)
    assert assets.asset("thing").read_bytes() == CONTENT


def test_wrong_content_is_refused_and_the_next_source_asked(sources, monkeypatch):
    put_wheel(sources, {"model.bin": CONTENT})
    monkeypatch.setattr(assets, "_from_url", lambda wanted: b"<html>please log in</html>")
    assert assets.asset("thing").read_bytes() == CONTENT


def test_nothing_reachable_is_one_line_that_names_all_sources(sources, tmp_path):
    put_wheel(sources, {"model.bin": CONTENT[:-1] + b"x"})
    with pytest.raises(UserError) as caught:
        assets.asset("thing")
    message = str(caught.value)
    assert "\n" not in message
    assert "127.0.0.1:9" in message
    assert "speak-asset-carrier==1.0 (the wheel does not hold the file)" in message
    assert str(tmp_path / "cache" / "thing.bin") in message
    assert not (tmp_path / "cache").exists()


def test_no_matching_wheel_and_unknown_names():
    with pytest.raises(UserError, match="No matching distribution"):
        assets.asset("thing")
    with pytest.raises(UserError, match="'teapot' is not registered; known assets are thing"):
        assets.asset("teapot")


def test_a_cache_that_cannot_be_written_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SPEAK_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(assets, "_from_url", lambda wanted: CONTENT)
    with pytest.raises(UserError, match="set SPEAK_CACHE"):
        assets.asset("thing")


def test_the_real_registry_is_complete(monkeypatch):
    monkeypatch.undo()
    for name, entry in assets.ASSETS.items():
        assert entry.name == name
        assert len(bytes.fromhex(entry.sha256)) == 32
        assert all("==" in wheel for wheel in entry.wheels)
        assert all(getattr(entry, field.name) for field in dataclasses.fields(entry) if field.name != "wheels")
