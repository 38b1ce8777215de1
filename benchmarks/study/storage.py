"""Where ratings are kept: SQLite beside the design, or PostgreSQL by a database URL; the same code for both.

A rating is inserted once and never changed: (study, participant, position, question) is unique. What has been
acknowledged is on the disk: commits are synchronous on both databases.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, OperationalError

from benchmarks.study.questions import SCORES
from speak.errors import UserError

DATABASE = "ratings.sqlite"
TABLES = MetaData()
STUDIES = Table(
    "studies", TABLES, Column("study", String, primary_key=True), Column("design_sha256", String(64), nullable=False)
)
PROGRESS = Table(
    "progress",
    TABLES,
    Column("study", String, primary_key=True),
    Column("participant", String, primary_key=True),
    Column("session", String),
    Column("consented_at", String),
    Column("instructed_at", String),
    Column("checked_at", String),
    Column("opened_position", Integer),
    Column("opened_at", String),
    Column("withdrawn_at", String),
)
RATINGS = Table(
    "ratings",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("study", String, nullable=False),
    Column("participant", String, nullable=False),
    Column("session", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("question", String, nullable=False),
    Column("score", Integer, nullable=False),
    Column("answered_at", String, nullable=False),
    Column("seconds", Float, nullable=False),
    UniqueConstraint("study", "participant", "position", "question"),
    CheckConstraint(f"score BETWEEN {min(SCORES)} AND {max(SCORES)}"),
    CheckConstraint("seconds >= 0"),
)
"""Times are ISO 8601, UTC."""


class AlreadyRated(Exception):
    """There are answers at this position."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a participant stands; None: not yet.

    Attributes:
        session: the current sitting; a new one begins with each visit by the invitation link.
        opened_position, opened_at: the item that was last shown, and when.
        answered: how many positions, always the first ones.
    """

    participant: str
    session: str | None
    consented_at: str | None
    instructed_at: str | None
    checked_at: str | None
    opened_position: int | None
    opened_at: str | None
    withdrawn_at: str | None
    answered: int


class Store:
    """One study's ratings and its participants' progress."""

    def __init__(self, url: str, study: str):
        self.study = study
        self._engine = _engine(url)

    def begin(self, design_sha256: str, participants: list[str]) -> None:
        """Make the tables where there are none, and a row of progress for each participant.

        Raises:
            UserError: the database cannot be reached, or knows the study by another design.
        """
        try:
            TABLES.create_all(self._engine)
            with self._engine.begin() as link:
                known = link.scalar(select(STUDIES.c.design_sha256).where(STUDIES.c.study == self.study))
                if known is None:
                    link.execute(insert(STUDIES).values(study=self.study, design_sha256=design_sha256))
                    rows = [{"study": self.study, "participant": name} for name in participants]
                    link.execute(insert(PROGRESS), rows)
        except OperationalError as error:
            raise UserError(f"the database cannot be used: {str(error.orig).strip().splitlines()[0]}") from error
        if known not in (None, design_sha256):
            raise UserError("the design was changed after ratings began; put the old one back, or make another study")

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def progress(self, participant: str) -> Progress:
        """Where a participant stands."""
        own = (RATINGS.c.study == PROGRESS.c.study) & (RATINGS.c.participant == PROGRESS.c.participant)
        answered = func.coalesce(select(func.max(RATINGS.c.position)).where(own).scalar_subquery(), 0)
        columns = [column for column in PROGRESS.c if column.name != "study"]
        this = (PROGRESS.c.study == self.study) & (PROGRESS.c.participant == participant)
        (found,) = self._rows(select(*columns, answered.label("answered")).where(this))
        return Progress(**found)

    def note(self, participant: str, **values: str | int) -> None:
        """Change columns of a participant's progress."""
        own = (PROGRESS.c.study == self.study) & (PROGRESS.c.participant == participant)
        with self._engine.begin() as link:
            link.execute(update(PROGRESS).where(own).values(**values))

    def scores(self, participant: str, position: int) -> dict[str, int]:
        """The stored answers at a position, by question."""
        own = (RATINGS.c.study == self.study) & (RATINGS.c.participant == participant)
        wanted = select(RATINGS).where(own & (RATINGS.c.position == position))
        return {row["question"]: row["score"] for row in self._rows(wanted)}

    def add(self, participant: str, position: int, scores: Mapping[str, int], **common: str | float) -> None:
        """Store the answers at a position, all or none.

        Args:
            scores: by question.
            common: ``session``, ``answered_at`` and ``seconds``.

        Raises:
            AlreadyRated: there are some; nothing was changed.
        """
        place = {"study": self.study, "participant": participant, "position": position}
        rows = [{**place, "question": question, "score": score, **common} for question, score in scores.items()]
        try:
            with self._engine.begin() as link:
                link.execute(insert(RATINGS), rows)
        except IntegrityError as error:
            if self.scores(participant, position):
                raise AlreadyRated from error
            raise

    def ratings(self) -> list[dict[str, Any]]:
        """Every rating, by participant, position and the order of storing."""
        wanted = select(RATINGS).where(RATINGS.c.study == self.study)
        return list(self._rows(wanted.order_by(RATINGS.c.participant, RATINGS.c.position, RATINGS.c.id)))

    def withdraw(self, participant: str, at: str) -> int:
        """Delete what a participant answered, for good; returns how many ratings that were."""
        own = (RATINGS.c.study == self.study) & (RATINGS.c.participant == participant)
        self.note(participant, withdrawn_at=at)  # first, so that no further answer is taken
        with self._engine.begin() as link:
            return link.execute(delete(RATINGS).where(own)).rowcount

    def _rows(self, query: Any) -> Iterator[Mapping[str, Any]]:
        with self._engine.connect() as link:
            return iter(link.execute(query).mappings().all())


def _engine(url: str) -> Engine:
    try:
        if not url.startswith("sqlite"):
            return create_engine(url, pool_pre_ping=True)
        # One connection, so that writers wait in line here instead of trying again and again in SQLite.
        engine = create_engine(url, pool_size=1, max_overflow=0)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise UserError(
            f"not a database URL that can be used ({error}); give sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"
        ) from error
    event.listen(engine, "connect", _durable)
    return engine


def _durable(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    for line in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {line}")
    cursor.close()


def sqlite_url(folder: Path) -> str:
    """The database beside a study's design."""
    return f"sqlite:///{folder.resolve() / DATABASE}"
