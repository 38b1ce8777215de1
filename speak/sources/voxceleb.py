"""VoxCeleb 1 and 2: utterances ``<speaker>/<video>/<NNNNN>`` of YouTube videos.

Three layouts are read. The VoxCeleb2 release, ``mp4/id00012/_raOc3-IRsw/00110.mp4``: face crops of 224x224,
used as they are. The splitter's ``id10001/1zcIwhmdeo4/chunk_videos/1zcIwhmdeo4#00001#368-571.mp4``: whole
frames of one utterance. And whole source videos, ``videos/1zcIwhmdeo4.mp4``, of which an utterance is a part.
The text files ``txt/id10001/1zcIwhmdeo4/00001.txt`` say which utterances exist and, for whole frames, where
the face is. Where ``vox-metadata.csv`` lies in the root, its stretches are the items instead
(``id10001#1zcIwhmdeo4#000368#000572.mp4`` if finished).
"""

import re
from pathlib import Path, PurePosixPath

from speak.errors import UserError
from speak.fetching.wanted import Wanted
from speak.sources.item import Box, Item, ordered, packed_item
from speak.sources.tree import address_in, copy_tables, fetch, files_of, listing_at, mirrored, packed
from speak.sources.voxceleb_crops import NAME as CROPS
from speak.sources.voxceleb_crops import Crop, read_crops
from speak.sources.voxceleb_files import CHUNK, META, Key, Tree, is_media, is_table, read_speakers, sorted_out
from speak.sources.voxceleb_text import FPS, PIXEL_HEIGHT, Utterance, read_utterance

__all__ = ["PUBLISHED", "catalogue", "copy_metadata", "fetch", "tables", "wanted"]

PUBLISHED = "https://mm.kaist.ac.kr/datasets/voxceleb"
"""Text files and speaker tables, open to all. The videos themselves are given on request only."""
TEXTS = tuple(f"vox{n}/{part}/vox{n}_{part}_txt.zip" for n in (1, 2) for part in ("dev", "test"))
SEX = {"m": "male", "f": "female"}


def catalogue(root: Path) -> list[Item]:
    """One item per utterance that has a text file or media, or per stretch of ``vox-metadata.csv`` if that is there;
    where there are only archives, one per archive that has not been unpacked.

    Raises UserError when there is none.
    """
    files = files_of(root)
    tree = sorted_out(files)
    meta = read_speakers(root, files)
    if (root / CROPS).is_file():
        return ordered([_stretch(crop, tree, meta.get(crop.person, {})) for crop in read_crops(root / CROPS)])
    keys = sorted({*tree.texts, *tree.crops, *tree.chunks})
    items = [_item(root, tree, key, meta.get(key[0], {})) for key in keys]
    items = items or [packed_item("voxceleb", path, PurePosixPath(path).name) for path in packed(root, files)]
    if not items:
        raise UserError(f"{root}: no VoxCeleb here; expected mp4/ or txt/ with id00012/_raOc3-IRsw/00110 and so on")
    return ordered(items)


def copy_metadata(origin: Path, root: Path) -> None:
    """Copy the text files, the speaker tables, the list of crops and the list of files."""
    copy_tables(origin, root, [path for path in files_of(origin) if is_table(path)])


def tables(base: str) -> list[Wanted]:
    """What is published: text files and speaker tables. Of a mirror its list of files; or ``vox-metadata.csv`` alone,
    if ``base`` is the address of that file."""
    if base.endswith(f"/{CROPS}"):
        return [Wanted(path=CROPS, address=base, way="http")]
    if base.rstrip("/") != PUBLISHED:
        return [listing_at(base)]
    texts = [
        Wanted(path=path, address=address_in(base, f"data/{PurePosixPath(path).name}"), way="http", archive="zip")
        for path in TEXTS
    ]
    return [*texts, *(Wanted(path=name, address=address_in(base, f"meta/{name}"), way="http") for name in META)]


def wanted(root: Path, base: str) -> list[Wanted]:
    """From YouTube each video that an item is a part of; from a mirror all its files: tables, media, archives."""
    if base.rstrip("/") != PUBLISHED and not base.endswith(f"/{CROPS}"):
        return mirrored(root, base, lambda path: is_table(path) or is_media(path))
    videos = {item.video: item.url for item in catalogue(root) if item.start_s is not None}
    return [Wanted(path=path, address=url, way="youtube") for path, url in sorted(videos.items())]


def _stretch(crop: Crop, tree: Tree, meta: dict[str, str]) -> Item:
    finished = tree.stretches.get(crop.name)
    return Item(
        item_id=f"voxceleb/{crop.person}/{crop.video_id}/{crop.start:06d}-{crop.end:06d}",
        dataset="voxceleb",
        person=crop.person,
        video=finished or tree.sources.get(crop.video_id, f"videos/{crop.video_id}.mp4"),
        start_s=None if finished else crop.start / crop.fps,
        end_s=None if finished else crop.end / crop.fps,
        box=None if finished else crop.box,
        url=_address(crop.video_id),
        partition=crop.partition,
        box_height=None if finished else crop.height,
        sex=SEX.get(meta.get("Gender", "")),
        note=crop.note,
    )


def _address(video_id: str) -> str:
    return f"https://www.youtube.com/watch?v={video_id}"


def _item(root: Path, tree: Tree, key: Key, meta: dict[str, str]) -> Item:
    text_file = root / tree.texts[key] if key in tree.texts and key not in tree.crops else None
    # A crop needs neither times nor boxes; a text that is not there yet leaves the item without them.
    text = read_utterance(text_file) if text_file and text_file.is_file() else None
    video, origin_s, start_s, end_s = _media(tree, key, text)
    boxes = None if text is None or origin_s is None else _shifted(text, origin_s)
    person, video_id, number = key
    return Item(
        item_id=f"voxceleb/{person}/{video_id}/{number}",
        dataset="voxceleb",
        person=person,
        video=video,
        start_s=start_s,
        end_s=end_s,
        box=_union(boxes),
        boxes=boxes,
        url=_address(video_id),
        partition=meta.get("Set"),
        box_unit=text.unit if boxes else "pixels",
        box_height=PIXEL_HEIGHT if boxes and text.unit == "pixels" else None,
        sex=SEX.get(meta.get("Gender", "")),
    )


def _media(tree: Tree, key: Key, text: Utterance | None) -> tuple[str, float | None, float | None, float | None]:
    """Where an utterance lies: path, the video's time at the file's start (None: a crop), start_s, end_s."""
    person, video, number = key
    if key in tree.crops:
        return tree.crops[key], None, None, None
    if key in tree.chunks:
        return tree.chunks[key], int(CHUNK.fullmatch(tree.chunks[key])["first"]) / FPS, None, None
    if text is None:  # listed, but not obtained: what is missing is the text
        return tree.texts[key], None, None, None
    if text.unit == "fraction" and tree.crops and video not in tree.sources:
        return re.sub(r"(^|/)txt/(.*)\.txt", r"\1mp4/\2.mp4", tree.texts[key]), None, None, None
    if tree.chunks:
        name = f"{person}/{video}/chunk_videos/{video}#{number}#{text.first}-{text.last}.mp4"
        return name, text.first / FPS, None, None
    path = tree.sources.get(video, f"videos/{video}.mp4")
    return path, 0.0, text.first / FPS, (text.last + 1) / FPS


def _shifted(text: Utterance, origin_s: float) -> tuple[tuple[float, float, float, float, float], ...]:
    return tuple((round(time_s - origin_s, 6), *box) for time_s, *box in text.rows)


def _union(boxes: tuple[tuple[float, ...], ...] | None) -> Box | None:
    if not boxes:
        return None
    lefts, tops, rights, bottoms = list(zip(*boxes, strict=True))[1:]
    return min(lefts), min(tops), max(rights), max(bottoms)
