"""The ratings table, as a study exports it: one row per answer, and what may not stand in it."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.plain_text import shown
from benchmarks.study.questions import QUESTIONS, SCORES
from speak.errors import UserError

PEOPLE, SIMULATED = "people", "simulated"
KINDS = ("rated", "training", "gold", "trap", "repeat")
"""``rated`` alone counts; ``training`` is for the participant, the others for the rules."""
_NUMBERS = {"position": pa.int64(), "score": pa.int64(), "seconds": pa.float64()}
COLUMNS = (
    *("study", "source", "participant", "session", "position", "kind"),
    *("dataset", "method", "clip_id", "person", "question", "score", "answered_at", "seconds"),
)
SCHEMA = pa.schema([(name, _NUMBERS.get(name, pa.string())) for name in COLUMNS])
VIDEO = ("dataset", "method", "clip_id", "person")
"""Null for a trap, which is no video of a method."""
ALLOWED = {"source": (PEOPLE, SIMULATED), "kind": KINDS, "question": tuple(QUESTIONS), "score": SCORES}


def read_ratings(path: Path, methods: Iterable[str] | None = None) -> pd.DataFrame:
    """Read and check a ratings table.

    Args:
        path: Parquet.
        methods: keys that may occur; None for any.

    Returns:
        The columns of ``SCHEMA``, sorted by participant, position and question; empty where nobody has rated yet.

    Raises:
        UserError: with the first thing that does not fit.
    """
    try:
        table = pq.read_table(path)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; `speak-bench study export` writes it") from None
    except (OSError, pa.ArrowException) as error:
        raise UserError(f"{path}: not a readable Parquet file ({error}); export the ratings again") from error
    ratings = _typed(table, path).to_pandas()
    _check_values(ratings, path)
    _check_one(ratings, path)
    _check_videos(ratings, path, methods)
    _check_repeated(ratings, path)
    return ratings.sort_values(["participant", "session", "position", "question"], ignore_index=True)


def _typed(table: pa.Table, path: Path) -> pa.Table:
    if set(table.column_names) != set(COLUMNS):
        odd = sorted(set(table.column_names) ^ set(COLUMNS))[0]
        what = "lacks" if odd in COLUMNS else "has an unknown"
        raise UserError(f"{path}: not a ratings table: it {what} column {shown(odd)}; columns are {', '.join(COLUMNS)}")
    columns = []
    for field in SCHEMA:
        try:
            columns.append(table[field.name].cast(field.type))
        except pa.ArrowException as error:
            raise UserError(f"{path}: {field.name}: not {field.type} ({shown(str(error))})") from error
        if field.name not in VIDEO and columns[-1].null_count:
            raise UserError(f"{path}: {field.name}: {columns[-1].null_count} rows have none")
        if pa.types.is_floating(field.type) and pc.all(pc.is_finite(columns[-1])).as_py() is False:
            raise UserError(f"{path}: {field.name}: not finite everywhere")
    return pa.table(columns, schema=SCHEMA)


def _check_values(ratings: pd.DataFrame, path: Path) -> None:
    for column, allowed in ALLOWED.items():
        odd = ratings.loc[~ratings[column].isin(allowed), column]
        if len(odd):
            known = ", ".join(str(value) for value in allowed)
            raise UserError(f"{path}: {column} {shown(str(odd.iloc[0]))} in {len(odd)} rows; it may be {known}")


def _check_one(ratings: pd.DataFrame, path: Path) -> None:
    """One source and one study: simulated answers never stand among people's, and rules belong to one design."""
    for column, hint in (("source", "ratings of people and of the simulation are never mixed"), ("study", "one file")):
        found = sorted(set(ratings[column]))
        if len(found) > 1:
            raise UserError(f"{path}: {column}: {shown(', '.join(found))} in one file; {hint}")


def _check_videos(ratings: pd.DataFrame, path: Path, methods: Iterable[str] | None) -> None:
    videos = ratings[ratings["kind"] != "trap"]
    for column in VIDEO:
        absent = videos[column].isna()
        if absent.any():
            kind = videos.loc[absent, "kind"].iloc[0]
            raise UserError(f"{path}: {column}: {absent.sum()} rows have none, e.g. one of kind {kind}")
    unknown = sorted(set(videos["method"]) - set(methods)) if methods is not None else []
    if unknown:
        known = ", ".join(sorted(set(methods or ())))
        raise UserError(f"{path}: method {shown(unknown[0])}: not a method of this run; these are {known}")
    persons = videos.groupby(["dataset", "clip_id"])["person"].nunique()
    if (persons > 1).any():
        raise UserError(f"{path}: clip {shown(str(persons.idxmax()[1]))} is of {persons.max()} persons")


def _check_repeated(ratings: pd.DataFrame, path: Path) -> None:
    """Nobody answers a question twice: neither at one place of a session, nor about one rated video."""
    rated = ratings[ratings["kind"] == "rated"]
    for rows, key in (
        (ratings, ["participant", "session", "position", "question"]),
        (rated, ["participant", "dataset", "method", "clip_id", "question"]),
    ):
        twice = rows[rows.duplicated(key)]
        if len(twice):
            where = ", ".join(f"{name} {twice.iloc[0][name]}" for name in key)
            raise UserError(f"{path}: {len(twice)} answers given twice, e.g. {shown(where)}")
