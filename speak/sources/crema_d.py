"""CREMA-D: ``VideoFlash/1001_DFA_ANG_XX.flv`` with ``AudioWAV/1001_DFA_ANG_XX.wav``.

The name is the label: actor, sentence, acted emotion, level. The acted emotion is used, not the voted one of
``summaryTable.csv``, which often differs. Which clips exist is read from ``SentenceFilenames.csv``. The
separate 16 kHz sound is the item's audio (the FLV's own track is MP3 and starts late), except where the
published sound is a copy of another clip's.
"""

import csv
import re
from pathlib import Path

from speak.errors import UserError
from speak.fetching.wanted import Wanted
from speak.sources import tree
from speak.sources.item import FetchError, Item, ordered
from speak.sources.tree import address_in, copy_tables, files_of

__all__ = ["EMOTION_OF", "PUBLISHED", "SENTENCES", "catalogue", "copy_metadata", "fetch", "tables", "wanted"]

PUBLISHED = "https://raw.githubusercontent.com/CheyneyComputerScience/CREMA-D/master"
"""Tables, and Git LFS pointers in the place of media."""

EMOTION_OF = {
    "ANG": "angry",
    "DIS": "disgusted",
    "FEA": "fear",
    "HAP": "happy",
    "NEU": "neutral",
    "SAD": "sad",
}
LEVEL_OF = {"LO": 1, "MD": 2, "HI": 3, "XX": None}
SENTENCES = {
    "IEO": "It's eleven o'clock",
    "TIE": "That is exactly what happened",
    "IOM": "I'm on my way to the meeting",
    "IWW": "I wonder what this is about",
    "TAI": "The airplane is almost full",
    "MTI": "Maybe tomorrow it will be cold",
    "IWL": "I would like a new alarm clock",
    "ITH": "I think I have a doctor's appointment",
    "DFA": "Don't forget a jacket",
    "ITS": "I think I've seen this before",
    "TSI": "The surface is slick",
    "WSI": "We'll stop in a couple of minutes",
}
NAME = re.compile(r"(?P<actor>\d{4})_(?P<sentence>[A-Z]{3})_(?P<emotion>[A-Z]{3})_(?P<level>[A-Z]{1,2})")
BROKEN = {
    "1064_IEO_DIS_MD": "its video lasts a minute and shows all emotions",
    "1064_TIE_SAD_XX": "its video has no duration",
    "1076_MTI_NEU_XX": "its video is too short and silent",
    "1076_MTI_SAD_XX": "its video shows an error message, and its sound is silent",
}
"""Clips that the dataset itself publishes damaged."""
COPIED_SOUND = frozenset(
    ("1006_TIE_HAP_XX", "1006_TIE_NEU_XX", "1013_WSI_DIS_XX", "1013_WSI_SAD_XX", "1017_IWW_ANG_XX", "1017_IWW_FEA_XX")
)
"""Three pairs of clips whose WAV files are the same bytes, so one of each two belongs to the other clip."""
CATALOGUE_TABLES = ("SentenceFilenames.csv", "VideoDemographics.csv")
TABLES = ("SentenceFilenames.csv", "VideoDemographics.csv", "summaryTable.csv", "tabulatedVotes.csv")


def catalogue(root: Path) -> list[Item]:
    """One item per clip of ``SentenceFilenames.csv``; without that table, per media file.

    Raises UserError when there is nothing of the dataset, or a table has a name outside the scheme.
    """
    files = set(files_of(root))
    names = _listed(root / "SentenceFilenames.csv") or _names_of(files)
    if not names:
        raise UserError(f"{root}: no CREMA-D here; expected SentenceFilenames.csv and VideoFlash/*.flv")
    sexes = _sexes(root / "VideoDemographics.csv")
    return ordered([_item(root, name, sexes, files) for name in names])


def copy_metadata(origin: Path, root: Path) -> None:
    """Copy the tables and the list of files."""
    copy_tables(origin, root, [table for table in TABLES if (origin / table).is_file()])


def fetch(item: Item, origin: Path, root: Path) -> None:
    """Copy an item's media; see ``tree.fetch``. Raises FetchError for a clip that is published damaged, too."""
    if reason := BROKEN.get(_name_of(item)):
        raise FetchError(f"broken as published: {reason}")
    tree.fetch(item, origin, root)


def tables(base: str) -> list[Wanted]:
    """The two tables that say which clips there are and who speaks."""
    return [Wanted(path=name, address=address_in(base, name), way="http") for name in CATALOGUE_TABLES]


def wanted(root: Path, base: str) -> list[Wanted]:
    """Picture and sound of every clip that is not broken as published: through Git LFS, or from a mirror."""
    way = "lfs" if base.rstrip("/") == PUBLISHED else "http"
    items = [item for item in catalogue(root) if _name_of(item) not in BROKEN]
    paths = [path for item in items for path in (item.video, item.audio) if path is not None]
    return [Wanted(path=path, address=address_in(base, path), way=way) for path in paths]


def _name_of(item: Item) -> str:
    return item.item_id.removeprefix("crema_d/")


def _item(root: Path, name: str, sexes: dict[str, str], files: set[str]) -> Item:
    match = NAME.fullmatch(name)
    if not match or match["emotion"] not in EMOTION_OF or match["sentence"] not in SENTENCES:
        raise UserError(f"{root}: {name!r} is no CREMA-D clip name (AAAA_SSS_EEE_LL)")
    return Item(
        item_id=f"crema_d/{name}",
        dataset="crema_d",
        person=match["actor"],
        emotion=EMOTION_OF[match["emotion"]],
        level=LEVEL_OF.get(match["level"]),
        sentence=SENTENCES[match["sentence"]],
        video=f"VideoFlash/{name}.flv",
        audio=_sound(name, files),
        sex=sexes.get(match["actor"]),
    )


def _sound(name: str, files: set[str]) -> str | None:
    """The WAV's path; older clones hold ``1040_ITH_SAD_X.wav``, with one X. None where it is another clip's."""
    if name in COPIED_SOUND:
        return None
    path = f"AudioWAV/{name}.wav"
    shortened = f"AudioWAV/{name[:-1]}.wav"
    return shortened if path not in files and shortened in files else path


def _listed(table: Path) -> list[str]:
    return [row["Filename"] for row in _rows(table, "Filename")]


def _names_of(files: set[str]) -> list[str]:
    media = re.compile(r"(?:VideoFlash/(?P<flv>[^/]+)\.flv|AudioWAV/(?P<wav>[^/]+)\.wav)")
    matches = [match for path in files if (match := media.fullmatch(path))]
    return sorted({re.sub(r"_X$", "_XX", match["flv"] or match["wav"]) for match in matches})


def _sexes(table: Path) -> dict[str, str]:
    return {row["ActorID"]: row["Sex"].lower() for row in _rows(table, "ActorID", "Sex")}


def _rows(table: Path, *columns: str) -> list[dict[str, str]]:
    """Rows of a comma separated table, [] when it is absent. Raises UserError when a column is."""
    if not table.is_file():
        return []
    with open(table, encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        absent = set(columns) - set(reader.fieldnames or ())
        if absent:
            raise UserError(f"{table}: no column {', '.join(sorted(absent))}; take the table from the dataset again")
        return list(reader)
