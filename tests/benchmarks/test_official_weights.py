"""``speak weights``: what it prints, what it fetches from a server on this machine, and its exit codes."""

import hashlib
import http.server
import json
import sys
import threading
from dataclasses import replace

import pytest
import torch
from typer.testing import CliRunner

from benchmarks import official_weights, weights_command
from benchmarks.cli import app, main
from benchmarks.methods.networks import NETWORKS
from benchmarks.methods.weights import LAYOUTS
from benchmarks.official_weights import OFFICIAL_FILES, files_called


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SPEAK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "weights"


@pytest.fixture
def small_syncnet(monkeypatch):
    """A stand-in of the same name: the full one is 55 MB."""
    monkeypatch.setitem(NETWORKS, "syncnet_s", lambda: torch.nn.Linear(2, 3))


@pytest.fixture
def server(tmp_path):
    """Serves ``tmp_path/web`` on the loopback."""
    (tmp_path / "web").mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=tmp_path / "web")

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", tmp_path / "web"
        listening.shutdown()
        thread.join()


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["weights", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def mistake(monkeypatch, capsys, *arguments: str) -> str:
    """The line of a command that ends with exit code 2."""
    monkeypatch.setattr(sys, "argv", ["speak", "weights", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_the_table_is_whole():
    names = [official.name for official in OFFICIAL_FILES]
    assert len(names) == len(set(names))
    held = {network for official in OFFICIAL_FILES for network in official.networks}
    assert set(NETWORKS) <= held and set(LAYOUTS) <= held
    for official in OFFICIAL_FILES:
        assert official.page.startswith("https://") and official.licence
        assert len({LAYOUTS[name].entry for name in official.networks if name in LAYOUTS}) == len(
            official.networks
        ) or (len(official.networks) == 1), "a file of several networks needs a key for each"


def test_list_shows_what_is_here(cache):
    cache.mkdir(parents=True)
    (cache / "wav2lip.pth").write_bytes(b"something")
    (cache / "sha256.json").write_text(json.dumps({"wav2lip.pth": "ab" * 32}))
    rows = {line.split("\t")[0]: line.split("\t") for line in run("list").splitlines()}
    assert list(rows) == [official.name for official in OFFICIAL_FILES]
    assert rows["wav2lip.pth"][-1] == str(cache / "wav2lip.pth") and "ab" * 32 in rows["wav2lip.pth"]
    assert rows["generator_23.pth"][-1] == "missing" and "atvg_vgnet" in rows["generator_23.pth"]


def test_verify_and_pin(tmp_path, cache, monkeypatch, capsys, small_syncnet):
    path = tmp_path / "syncnet_v2.model"
    torch.save(torch.nn.Linear(2, 3).state_dict(), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    printed = run("verify", str(path), "--network", "syncnet_s")
    assert f"syncnet_s fits; sha256 {digest}, pinned" in printed
    assert json.loads((cache / "sha256.json").read_text()) == {"syncnet_v2.model": digest}
    torch.save(torch.nn.Linear(2, 3).state_dict(), path)
    line = mistake(monkeypatch, capsys, "verify", str(path), "--network", "syncnet_s")
    assert line.startswith(f"speak: {path}: sha256 ") and str(cache / "sha256.json") in line
    line = mistake(monkeypatch, capsys, "verify", str(path), "--network", "syncnet")
    assert line.startswith("speak: no network 'syncnet'; known networks are wav2lip_generator, ")


def test_a_wrong_network_is_one_line(tmp_path, monkeypatch, capsys):
    path = tmp_path / "any.pth"
    torch.save(torch.nn.Linear(2, 3).state_dict(), path)
    line = mistake(monkeypatch, capsys, "verify", str(path), "--network", "wav2lip_disc_qual")
    assert line.startswith(f"speak: {path}: does not hold wav2lip_disc_qual: ") and line.endswith("and 20 more")


@pytest.mark.parametrize("name", ["generator_23.pth", "atvg_vgnet"])
def test_fetch_says_where_to_click(cache, monkeypatch, capsys, name):
    line = mistake(monkeypatch, capsys, "fetch", name)
    assert files_called("atvg_vgnet")[0].page in line and str(cache / "generator_23.pth") in line


def test_fetch_from_an_address(cache, monkeypatch, capsys, server, small_syncnet):
    address, web = server
    (known,) = files_called("syncnet_s")
    here = replace(known, url=f"{address}/syncnet_v2.model")
    monkeypatch.setattr(official_weights, "OFFICIAL_FILES", (here,))
    monkeypatch.setattr(weights_command, "OFFICIAL_FILES", (here,))
    path = cache / "syncnet_v2.model"
    assert "not fetched (" in mistake(monkeypatch, capsys, "fetch", "syncnet_s")
    (web / "syncnet_v2.model").write_text("<html>try again later</html>")
    assert "is a web page" in mistake(monkeypatch, capsys, "fetch", "syncnet_s")
    assert not path.exists()
    torch.save(torch.nn.Linear(2, 3).state_dict(), web / "syncnet_v2.model")
    assert run("fetch", "syncnet_s").strip() == str(path)
    assert path.read_bytes() == (web / "syncnet_v2.model").read_bytes()
    (web / "syncnet_v2.model").unlink()
    assert run("fetch", "syncnet_v2.model").strip() == str(path), "what is here is not fetched again"


def test_a_damaged_list_of_pins_is_named(tmp_path, cache, monkeypatch, capsys, small_syncnet):
    cache.mkdir(parents=True)
    (cache / "sha256.json").write_text("[1, 2")
    path = tmp_path / "syncnet_v2.model"
    torch.save(torch.nn.Linear(2, 3).state_dict(), path)
    assert "not a list of SHA-256" in mistake(monkeypatch, capsys, "verify", str(path), "--network", "syncnet_s")
