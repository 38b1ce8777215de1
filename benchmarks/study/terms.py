"""What the analysis takes from a study's ``design.json``: things that were fixed before the first rating."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.plain_text import shown
from benchmarks.study.design import Design, read_design
from benchmarks.study.plan import RATED
from benchmarks.study.rules import Rules
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


def read_terms(folder: Path) -> Terms:
    """Those of the study in a folder. Raises UserError when there is none, or it was changed after it was made."""
    return terms_of(read_design(folder))


def terms_of(design: Design) -> Terms:
    """Those of a design."""
    steps = [[step for step in steps if step.kind == RATED] for steps in design.sequences.values()]
    shown_items = {design.by_name[step.item] for own in steps for step in own}
    return Terms(
        study=design.study,
        rules=design.rules,
        videos=max((len(own) for own in steps), default=0),
        rated=frozenset((item.dataset, item.method, item.clip_id) for item in shown_items),
    )


def check_belongs(ratings: pd.DataFrame, terms: Terms, path: Path) -> None:
    """Refuse ratings of another study, and of videos that this study does not show."""
    for study in set(ratings["study"]) - {terms.study}:
        raise UserError(f"{path}: ratings of study {shown(study)}, but the design is of study {shown(terms.study)}")
    rated = ratings.loc[ratings["kind"] == "rated", ["dataset", "method", "clip_id"]].drop_duplicates()
    for row in rated.itertuples(index=False):
        if tuple(row) not in terms.rated:
            raise UserError(f"{path}: {shown(', '.join(row))}: not a video of the design")
