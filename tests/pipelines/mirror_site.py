"""CREMA-D's layout on a loopback server, and the fetch stage that takes it from there."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pipelines import fetch
from pipelines import stage as stages
from pipelines.wanted_files import Flags
from speak.data.ledger import LedgerRow, read_ledger
from speak.fetching.wanted import Wanted
from speak.sources import crema_d

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("1001_DFA_ANG_XX", "1001_IEO_HAP_LO", "1002_DFA_SAD_XX", "1002_IEO_NEU_XX")
TABLE = "SentenceFilenames.csv"
RAW, LEDGER = Path("work/smoke/raw/crema_d"), Path("work/smoke/ledger/crema_d.parquet")


class Site:
    """A folder on loopback, and the list of what was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, []

        class Handler(SimpleHTTPRequestHandler):
            def send_head(handler):
                self.asked.append(handler.path.lstrip("/"))
                return super().send_head()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def media(self) -> list[str]:
        """What was asked for but tables."""
        return sorted(path for path in self.asked if path != TABLE)


def media_of(name: str) -> tuple[str, str]:
    return f"VideoFlash/{name}.flv", f"AudioWAV/{name}.wav"


def remote_form() -> dict:
    """Tables and files of a plain mirror."""
    return {
        "tables": lambda base: [Wanted(path=TABLE, address=f"{base}/{TABLE}", way="http")],
        "wanted": lambda root, base: [
            Wanted(path=path, address=f"{base}/{path}", way="http")
            for item in crema_d.catalogue(root)
            for path in (item.video, item.audio)
        ],
    }


def take_from(origin: str) -> None:
    """Let the smoke profile take CREMA-D from somewhere, impatiently."""
    text = (ROOT / "profiles" / "smoke.yaml").read_text()
    text = text.replace("crema_d: mirror", f"crema_d: '{origin}'").replace("first_s: 2.0", "first_s: 0.01")
    text = text.replace("per_second: 4.0", "per_second: 1000.0").replace("longest_s: 300.0", "longest_s: 0.02")
    Path("profiles/smoke.yaml").write_text(text)


def run(**flags) -> list[LedgerRow]:
    """The stage; returns its ledger."""
    stage = stages.load("fetch@crema_d", "smoke", fetch.SECTIONS)
    fetch.run(stage, "crema_d", Flags(**flags))
    return read_ledger(stage.paths.ledger("crema_d"))


def reasons(rows: list[LedgerRow]) -> dict[str, str | None]:
    return {row.item.item_id.removeprefix("crema_d/"): row.reason for row in rows}
