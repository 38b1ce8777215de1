"""A submission: a method's scores on a benchmark, and a card that says whose they are and what the method has seen.

Two files, ``<name>/<revision>.json`` and ``<name>/<revision>.parquet``, and nothing else: a pull request that adds a
row to the leaderboard touches only them. The Parquet file holds score records (``benchmarks.scores``) of one method.
Everything in both is a stranger's: read with limits here, judged in ``benchmarks.leaderboard.check``.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.plain_text import shown
from benchmarks.scores import read_scores
from speak.config import build
from speak.errors import UserError

FOLDER = Path("benchmarks/submissions")
"""Where a checkout keeps its submissions."""

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
"""What a method or a revision may be called, since files and pages are named after it."""

CARD_BYTES = 64 * 1024
SCORES_BYTES = 16 * 1024 * 1024
UNPACKED_BYTES = 256 * 1024 * 1024
"""The most a submission's files may hold, before and after unpacking."""

ENTRY_CHARACTERS, NOTES_CHARACTERS = 200, 4000


@dataclass(frozen=True, kw_only=True)
class Links:
    """Web pages about the method: http or https; None where there is none."""

    url: str | None = None
    code: str | None = None
    paper: str | None = None
    video: str | None = None

    def __post_init__(self):
        for field, link in vars(self).items():
            if link is not None and not _is_web_address(link):
                raise ValueError(f"{field} must be an http or https address without spaces, got {link!r}")


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """What the method was trained on, as its authors declare it; None means not declared.

    Attributes:
        datasets: names of all datasets; one of the benchmark's own in its spelling, e.g. ``mead``.
        persons: of the benchmark's datasets, whose clips were used; None: no more of them than the benchmark's training
            persons.
        saw_test: whether any test person or test clip was seen in training.
    """

    datasets: tuple[str, ...] | None
    persons: tuple[str, ...] | None
    saw_test: bool | None


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What the authors write.

    Attributes:
        name: of the method, ``NAME``; files, pages and score rows carry it.
        revision: of this submission; a newer one stands in a file of its own.
        authors: their names.
        notes: what a reader should know; plain text.
        links: web pages.
        trained_with: names of metrics that took part in training (``sync_conf`` for a sync network as a loss); empty
            for none, None for not declared.
        training_data: what it was trained on.
    """

    name: str
    revision: str
    authors: tuple[str, ...]
    notes: str
    links: Links
    trained_with: tuple[str, ...] | None
    training_data: TrainingData

    def __post_init__(self):
        for field in ("name", "revision"):
            if not NAME.fullmatch(getattr(self, field)):
                raise ValueError(f"{field} may have letters, digits, '.', '-' and '_', 64 at most: not {field!r}")
        if not self.authors:
            raise ValueError("authors: name at least one")
        data = self.training_data
        for entry in (*self.authors, *(self.trained_with or ()), *(data.datasets or ()), *(data.persons or ())):
            if not entry.strip():
                raise ValueError("an entry of a list is empty")
            _check_text(entry, ENTRY_CHARACTERS)
        _check_text(self.notes.replace("\n", " "), NOTES_CHARACTERS)


@dataclass(frozen=True, kw_only=True)
class Card(Declaration):
    """The declaration, with what ``speak-bench submit make`` adds.

    Attributes:
        profile: the benchmark's, e.g. ``demo``.
        split: hash of its split file, as score rows carry it.
        metrics: versioned ids in the score file, sorted.
        scores_sha256: of the Parquet file.
    """

    profile: str
    split: str
    metrics: tuple[str, ...]
    scores_sha256: str

    def __post_init__(self):
        super().__post_init__()
        if not NAME.fullmatch(self.profile):
            raise ValueError(f"profile: {self.profile!r} is not a profile's name")
        for text in (self.split, *self.metrics, self.scores_sha256):
            _check_text(text, ENTRY_CHARACTERS)


@dataclass(frozen=True, eq=False)
class Submission:
    """A card and its score records: a frame with the columns of ``benchmarks.scores.SCHEMA``."""

    card: Card
    scores: pd.DataFrame


def read_submissions(folder: Path = FOLDER) -> list[Submission]:
    """Every submission of a folder, by name and revision; none where there is no folder. Raises UserError."""
    return [read_submission(path) for path in card_files(folder)]


def card_files(folder: Path) -> list[Path]:
    """The cards of a folder's submissions, sorted."""
    return sorted(folder.glob("*/*.json"))


def score_file(card: Path) -> Path:
    """The Parquet file beside a card."""
    return card.with_suffix(".parquet")


def read_submission(path: Path) -> Submission:
    """The submission with this card and the Parquet file beside it.

    Raises:
        UserError: one cannot be read, is too large, or the Parquet file is not the one that the card was made for.
    """
    card = build(Card, read_json(path), str(path))
    scores = score_file(path)
    check_size(scores, SCORES_BYTES)
    if hashlib.sha256(scores.read_bytes()).hexdigest() != card.scores_sha256:
        raise UserError(f"{scores}: not the file that the card names (scores_sha256); make the submission again")
    _check_unpacked(scores)
    return Submission(card, read_scores([scores]))


def read_json(path: Path) -> Any:
    """A card's content. Raises UserError when the file is missing, too large, or not plain JSON in UTF-8."""
    check_size(path, CARD_BYTES)
    try:
        return json.loads(path.read_bytes().decode(), object_pairs_hook=_plain_keys, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not a JSON file: {shown(str(error))}") from error


def check_size(path: Path, most: int) -> None:
    """Raise UserError unless this is a plain file of at most ``most`` bytes; no link is followed."""
    if path.is_symlink() or not path.is_file():
        raise UserError(f"{path}: no such file")
    if path.stat().st_size > most:
        raise UserError(f"{path}: {path.stat().st_size:,} bytes, {most:,} are allowed")


def _check_unpacked(path: Path) -> None:
    """Raise UserError when the Parquet file claims to hold more than a leaderboard wants in memory."""
    try:
        metadata = pq.read_metadata(path)
    except (OSError, pa.ArrowException) as error:
        raise UserError(f"{path}: not a readable score file ({shown(str(error))})") from error
    unpacked = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    if unpacked > UNPACKED_BYTES:
        raise UserError(f"{path}: {unpacked:,} bytes unpacked, {UNPACKED_BYTES:,} are allowed")


def _is_web_address(link: str) -> bool:
    """Whether it is a plain http or https address: ASCII without spaces, quotes, brackets or a password."""
    if not re.fullmatch(r"https?://[A-Za-z0-9._~:/?#@!$&()*+,;=%-]+", link) or len(link) > ENTRY_CHARACTERS:
        return False
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return bool(parts.hostname) and "@" not in parts.netloc


def _check_text(text: str, most: int) -> None:
    """Raise ValueError for control characters, characters that turn the direction of writing, and long texts."""
    if not text.isprintable():
        raise ValueError(f"{shown(text)!r} has characters that cannot be printed")
    if len(text) > most:
        raise ValueError(f"a text of {len(text)} characters, {most} are allowed: {text[:20]!r}…")


def _plain_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    twins = sorted({key for key in keys if keys.count(key) > 1})
    if twins:
        raise ValueError(f"{twins[0]!r} stands there twice")
    if not all(key.isprintable() for key in keys):
        raise ValueError("a key has characters that cannot be printed")
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")
