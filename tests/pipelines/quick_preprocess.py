"""Stage ``preprocess`` with a drawn clip for every item and no landmarker: for faults of processes, not for faces.

``python quick_preprocess.py PROFILE DATASET`` in a copy of the project, in which ``write_items`` wrote the ledger.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from drawn_clips import drawn_clip

from pipelines import preprocess, stage
from speak.data.clip import Clip
from speak.data.ledger import OBTAINED, LedgerRow, write_ledger
from speak.sources.item import Item

DATASET = "folder"
ITEM_S = 0.05


def write_items(root: Path, count: int) -> None:
    """A ledger of so many obtained items, and something in the place of their videos."""
    raw = root / "videos"
    raw.mkdir()
    for number in range(count):
        (raw / f"{number:02d}.mp4").write_text(f"video {number}")
    rows = [LedgerRow(item=item, root=str(raw), status=OBTAINED, stage=None, reason=None) for item in _items(count)]
    write_ledger(rows, root / f"work/smoke/ledger/{DATASET}.parquet")


def _items(count: int) -> list[Item]:
    nothing = dict.fromkeys(
        ("emotion", "level", "sentence", "audio", "start_s", "end_s", "box", "boxes", "url", "partition")
    )
    return [
        Item(item_id=f"{DATASET}/{i:02d}", dataset=DATASET, person=f"p{i % 4}", video=f"{i:02d}.mp4", **nothing)
        for i in range(count)
    ]


def draw(item: Item, *_: object) -> Clip:
    """In the place of ``speak.preprocess.process``."""
    time.sleep(ITEM_S)
    return drawn_clip(item.item_id, int(item.item_id[-2:]), person=item.person, num_frames=4)


if __name__ == "__main__":
    preprocess.process = draw
    preprocess.asset = preprocess._landmarker = lambda _: None
    stage.main("preprocess", preprocess.run, preprocess.SECTIONS)
