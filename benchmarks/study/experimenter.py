"""What the experimenter sees while a study runs."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmarks.study.design import Design
from benchmarks.study.exclusions import broken_rules
from benchmarks.study.plan import RATED
from benchmarks.study.questions import QUESTIONS
from benchmarks.study.sessions import DONE, ITEM, Sessions
from benchmarks.study.terms import Terms


@dataclass(frozen=True, kw_only=True)
class Row:
    """One participant, now."""

    participant: str
    stage: str
    done: int
    total: int
    answered_at: str | None
    reasons: tuple[str, ...]


def overview(sessions: Sessions, terms: Terms, ratings: pd.DataFrame) -> dict[str, Any]:
    """Everything on the page: progress, broken rules, interim means, the plan's balance."""
    design = sessions.design
    broken = _broken(design, terms, ratings)
    last = ratings.groupby("participant")["answered_at"].max()
    rows = []
    for participant in design.sequences:
        place = sessions.place(participant)
        done, total = sessions.shares(place) if place.stage in (ITEM, DONE) else (0, len(design.sequences[participant]))
        reasons = tuple(broken.get(participant, ()))
        rows.append(
            Row(
                participant=participant,
                stage=place.stage.replace("_", " "),
                done=done,
                total=total,
                answered_at=last.get(participant),
                reasons=reasons,
            )
        )
    kept = ratings[(ratings["kind"] == RATED) & ~ratings["participant"].isin(list(broken))]
    return {
        "design": design,
        "rows": rows,
        "means": interim(kept, design),
        "excluded": len(broken),
        "rules": dataclasses.asdict(design.rules),
    }


def interim(kept: pd.DataFrame, design: Design) -> dict[str, dict[str, dict[str, tuple[float, int] | None]]]:
    """By dataset, method and question: mean and number of the ratings so far; None where there are none."""
    groups = kept.groupby(["dataset", "method", "question"])["score"].agg(["mean", "count"])
    cells = {key: (float(mean), int(count)) for key, mean, count in groups.itertuples()}
    return {
        dataset: {
            method: {question: cells.get((dataset, method, question)) for question in QUESTIONS}
            for method in design.methods
        }
        for dataset in design.datasets
    }


def _broken(design: Design, terms: Terms, ratings: pd.DataFrame) -> dict[str, list[str]]:
    """By participant who has finished: the rules broken. Who is still at it cannot have rated enough yet."""
    finished = [
        name
        for name, rows in ratings.groupby("participant")
        if rows["position"].max() == len(design.sequences[str(name)])
    ]
    found: dict[str, list[str]] = {}
    for broken in broken_rules(ratings[ratings["participant"].isin(finished)], terms)[0]:
        found.setdefault(broken.participant, []).append(broken.reason)
    return found
