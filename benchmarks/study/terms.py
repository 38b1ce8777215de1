"""What the analysis takes from a study's ``design.json``: things that were fixed before the first rating."""

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.plain_text import shown
from benchmarks.study.rules import Rules
from speak.config import build
from speak.errors import UserError


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The part of a design that decides which ratings count.

    Attributes:
        study: its id.
        rules: of exclusion.
        videos: rated by each participant; practice and checks come on top.
        rated: (dataset, method, clip_id) of each video.
    """

    study: str
    rules: Rules
    videos: int
    rated: frozenset[tuple[str, str, str]]


def read_terms(path: Path) -> Terms:
    """Read a ``design.json``. Raises UserError when it is missing or is not a study's design."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        items = {item["name"]: (item["dataset"], item["method"], item["clip_id"]) for item in content["items"]}
        steps = [[step for step in steps if step["kind"] == "rated"] for steps in content["sequences"].values()]
        return Terms(
            study=str(content["study"]),
            rules=build(Rules, content["rules"], f"{path}:rules"),
            videos=max(len(own) for own in steps),
            rated=frozenset(items[step["item"]] for own in steps for step in own),
        )
    except FileNotFoundError:
        raise UserError(
            f"{path}: no such file; a study's design, with the rules of exclusion, lies beside its ratings"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path}: not a study's design ({error!r})") from error


def check_belongs(ratings: pd.DataFrame, terms: Terms, path: Path) -> None:
    """Refuse ratings of another study, and of videos that this study does not show."""
    for study in set(ratings["study"]) - {terms.study}:
        raise UserError(f"{path}: ratings of study {shown(study)}, but the design is of study {shown(terms.study)}")
    rated = ratings.loc[ratings["kind"] == "rated", ["dataset", "method", "clip_id"]].drop_duplicates()
    for row in rated.itertuples(index=False):
        if tuple(row) not in terms.rated:
            raise UserError(f"{path}: {shown(', '.join(row))}: not a video of the design")
