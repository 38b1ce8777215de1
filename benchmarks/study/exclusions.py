"""Whose ratings count: each rule of the design, checked for each participant, with reasons and counts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from benchmarks.study.rules import Rules
from benchmarks.study.terms import Terms


@dataclass(frozen=True, kw_only=True)
class Check:
    """One rule.

    Attributes:
        title: what is wrong when it is broken.
        measure: a participant's rows to the number that the rule looks at; None where there is nothing to look at.
        limit: the design's threshold.
        at_least: whether the number must not be below the limit (else not above it).
    """

    title: str
    measure: Callable[[pd.DataFrame, Terms], float | None]
    limit: Callable[[Rules], float]
    at_least: bool


@dataclass(frozen=True, kw_only=True)
class Exclusion:
    """A rule that a participant broke."""

    participant: str
    rule: str
    found: float
    limit: float

    @property
    def reason(self) -> str:
        """In words, e.g. ``gold item rated too low: 2.33, at least 3 wanted``."""
        check = CHECKS[self.rule]
        return f"{check.title}: {self.found:.3g}, {'at least' if check.at_least else 'at most'} {self.limit:g} wanted"


@dataclass(frozen=True, kw_only=True)
class Account:
    """What became of every participant and every answer: answers = counted + lost + others.

    Attributes:
        participants, excluded: people.
        answers: in the file.
        counted: to rated videos, by participants who were not excluded.
        lost: to rated videos, by participants who were.
        others: by kind, answers that never count (training, gold, trap, repeat).
        broken: by rule, participants who broke it; one may have broken several.
        unchecked: by rule, participants who had nothing to check: not excluded by it.
    """

    participants: int
    excluded: int
    answers: int
    counted: int
    lost: int
    others: Mapping[str, int]
    broken: Mapping[str, int]
    unchecked: Mapping[str, int]

    def __post_init__(self):
        if self.answers != self.counted + self.lost + sum(self.others.values()):
            raise ValueError("answers that are not accounted for")


def _gold(rows: pd.DataFrame, terms: Terms) -> float | None:
    """Mean score of the gold item."""
    return _mean(rows.loc[rows["kind"] == "gold", "score"])


def _trap(rows: pd.DataFrame, terms: Terms) -> float | None:
    """Share of the trap's questions that were answered as asked."""
    return _mean(rows.loc[rows["kind"] == "trap", "score"] == terms.rules.trap_answer)


def _repeat(rows: pd.DataFrame, terms: Terms) -> float | None:
    """Mean absolute difference between the two answers about the repeated video, in points."""
    key = ["dataset", "method", "clip_id", "question"]
    both = rows[rows["kind"] == "rated"].merge(rows[rows["kind"] == "repeat"], on=key)
    return _mean((both["score_x"] - both["score_y"]).abs())


def _same(rows: pd.DataFrame, terms: Terms) -> float | None:
    """Share of the commonest score among the answers to rated videos."""
    scores = rows.loc[rows["kind"] == "rated", "score"]
    return float(scores.value_counts(normalize=True).max()) if len(scores) else None


def _pace(rows: pd.DataFrame, terms: Terms) -> float | None:
    """Median time on a rated item, in seconds."""
    items = rows[rows["kind"] == "rated"].drop_duplicates(["session", "position"])
    return float(items["seconds"].median()) if len(items) else None


def _answered(rows: pd.DataFrame, terms: Terms) -> float | None:
    """Share of the videos given that were rated."""
    rated = rows[rows["kind"] == "rated"].drop_duplicates(["dataset", "method", "clip_id"])
    return len(rated) / terms.videos


def _mean(values: pd.Series) -> float | None:
    return float(values.mean()) if len(values) else None


CHECKS = {
    "gold": Check(
        title="a real video rated too low", measure=_gold, limit=lambda rules: rules.min_gold_score, at_least=True
    ),
    "trap": Check(title="the trap answered otherwise than asked", measure=_trap, limit=lambda _: 1.0, at_least=True),
    "repeat": Check(
        title="the repeated video rated otherwise",
        measure=_repeat,
        limit=lambda rules: rules.max_repeat_difference,
        at_least=False,
    ),
    "same": Check(
        title="nearly always the same score", measure=_same, limit=lambda rules: rules.max_same_share, at_least=False
    ),
    "pace": Check(
        title="too fast, in seconds for a video",
        measure=_pace,
        limit=lambda rules: rules.min_median_s,
        at_least=True,
    ),
    "answered": Check(
        title="too few videos rated", measure=_answered, limit=lambda rules: rules.min_rated_share, at_least=True
    ),
}
"""Every rule of ``Rules``."""


def broken_rules(ratings: pd.DataFrame, terms: Terms) -> tuple[list[Exclusion], dict[str, int]]:
    """Check every participant by every rule.

    Args:
        ratings: of ``read_ratings``.
        terms: of the study's design.

    Returns:
        The broken rules by participant, and for each rule how many participants had nothing to check (a session that
        was broken off before the item came).
    """
    broken, unchecked = [], dict.fromkeys(CHECKS, 0)
    for participant, rows in ratings.groupby("participant"):
        for name, check in CHECKS.items():
            found, limit = check.measure(rows, terms), float(check.limit(terms.rules))
            if found is None:
                unchecked[name] += 1
            elif (found < limit) if check.at_least else (found > limit):
                broken.append(Exclusion(participant=str(participant), rule=name, found=found, limit=limit))
    return broken, unchecked


def counted(ratings: pd.DataFrame, broken: Sequence[Exclusion]) -> pd.DataFrame:
    """The answers that count: to rated videos, by participants who broke no rule."""
    excluded = {item.participant for item in broken}
    return ratings[(ratings["kind"] == "rated") & ~ratings["participant"].isin(excluded)]


def account_of(ratings: pd.DataFrame, broken: Sequence[Exclusion], unchecked: Mapping[str, int]) -> Account:
    """The numbers behind ``counted``."""
    kinds = ratings["kind"].value_counts()
    kept = len(counted(ratings, broken))
    rules = [item.rule for item in broken]
    return Account(
        participants=ratings["participant"].nunique(),
        excluded=len({item.participant for item in broken}),
        answers=len(ratings),
        counted=kept,
        lost=int(kinds.get("rated", 0)) - kept,
        others={str(kind): int(number) for kind, number in sorted(kinds.items()) if kind != "rated"},
        broken={name: rules.count(name) for name in CHECKS if name in rules},
        unchecked={name: number for name, number in unchecked.items() if number},
    )
