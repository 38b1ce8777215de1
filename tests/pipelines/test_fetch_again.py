"""The fetch stage over loopback HTTP under DVC: the mirror's bytes, nothing asked for twice, nothing run twice."""

import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from speak.data.ledger import read_ledger
from speak.sources.tree import walk

pytestmark = pytest.mark.dag


def test_from_a_mirror_over_http(smoke, fresh, monkeypatch):
    """CREMA-D with its planted pointer text. What ``dvc repro`` does after a file was lost, and after nothing was."""
    mirror = smoke.root / "work/smoke/mirror/crema_d"
    shutil.copytree(mirror.parent, fresh.root / "work/smoke/mirror")
    asked = []

    class Handler(SimpleHTTPRequestHandler):
        def send_head(handler):
            asked.append(handler.path.lstrip("/"))
            return super().send_head()

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(mirror))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        fresh.edit("profiles/smoke.yaml", fetch={"origins": origins(f"http://127.0.0.1:{server.server_port}")})
        fresh.edit("profiles/smoke.yaml", network={"host": {"at_once": 4, "per_second": 1000.0}})
        repro = ("dvc", "repro", "--single-item", "fetch@crema_d")
        fresh.run(*repro)
        raw = fresh.root / "work/smoke/raw/crema_d"
        ledger = fresh.root / "work/smoke/ledger/crema_d.parquet"
        before = ledger.read_bytes()
        assert [walk(raw), len(asked)] == [sorted(set(asked)), len(set(asked))]
        assert all((raw / path).read_bytes() == (mirror / path).read_bytes() for path in walk(raw))
        here = read_ledger(smoke.root / "work/smoke/ledger/crema_d.parquet")
        assert [(row.item, row.status, row.reason) for row in read_ledger(ledger)] == [
            (row.item, row.status, row.reason) for row in here
        ]
        asked.clear()
        assert "didn't change, skipping" in fresh.run(*repro).stdout and asked == []
        lost = next(path for path in walk(raw) if path.endswith(".flv"))
        (raw / lost).unlink()
        fresh.run(*repro)
        assert asked == [lost] and ledger.read_bytes() == before
        server.shutdown()


def origins(base: str) -> dict[str, str]:
    return {"voxceleb": "mirror", "mead": "mirror", "crema_d": base, "hdtf": "mirror", "folder": "none"}
