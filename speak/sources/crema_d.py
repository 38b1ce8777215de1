"""CREMA-D: ``VideoFlash/1001_DFA_ANG_XX.flv`` with ``AudioWAV/1001_DFA_ANG_XX.wav``.

The name is the label: actor, sentence, acted emotion, level. The acted emotion is used, not the voted one of
``summaryTable.csv``, which often differs. Which clips exist is read from ``SentenceFilenames.csv``. The
separate 16 kHz sound is the item's audio (the FLV's own track is MP3 and starts late).
"""

import csv
import re
from pathlib import Path

from speak.errors import UserError
from speak.sources.item import Item, ordered
from speak.sources.tree import copy_tables, fetch, files_of

__all__ = ["EMOTION_OF", "SENTENCES", "catalogue", "copy_metadata", "fetch"]

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
        start_s=None,
        end_s=None,
        box=None,
        boxes=None,
        url=None,
        partition=None,
        sex=sexes.get(match["actor"]),
    )


def _sound(name: str, files: set[str]) -> str:
    """The WAV's path; older clones hold ``1040_ITH_SAD_X.wav``, with one X."""
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
