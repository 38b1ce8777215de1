"""From ratings to opinions: who counts, what methods differ by, how far participants agree."""

import csv
import dataclasses
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from benchmarks.comparison import by_column
from benchmarks.layout import COMPARISON, LAYOUTS, RATINGS
from benchmarks.statistics import StatisticsConfig, holm
from benchmarks.study.exclusions import Account, Exclusion, account_of, broken_rules, counted
from benchmarks.study.panel import RatingPanel, rating_panel
from benchmarks.study.ratings import SIMULATED
from benchmarks.study.reliability import Agreement, agreements
from benchmarks.study.terms import Terms

TABLE = 2
MARK = "SIMULATED RATINGS, not people"
"""Stands on everything that simulated ratings produce."""
REFERENCES = frozenset(row.method for row in COMPARISON.rows if not row.ranked)
"""Methods that are no competitors: ground truth and the ends of the scale."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A paired difference of two methods' mean opinions.

    Attributes:
        mean, low, high: of ``first - second``; no interval where ``reason`` says why.
        p_value: two-sided; ``corrected`` after Holm's correction for all pairs of the dataset and question.
        separated: whether ``corrected`` is below 1 - level.
        ratings: answers about the two.
    """

    dataset: str
    question: str
    first: str
    second: str
    mean: float
    low: float | None
    high: float | None
    reason: str | None
    p_value: float | None
    corrected: float | None
    separated: bool
    ratings: int
    clips: int
    persons: int


@dataclass(frozen=True, kw_only=True)
class Study:
    """An analysed study.

    Attributes:
        source: ``people`` or ``simulated``.
        clips: by dataset, how many clips the design shows.
        opinions: rows for ``build_table`` and ``check_claims`` (``opinion_rows``).
    """

    source: str
    account: Account
    broken: tuple[Exclusion, ...]
    clips: Mapping[str, int]
    opinions: pd.DataFrame
    differences: tuple[Difference, ...]
    agreements: tuple[Agreement, ...]

    @property
    def mark(self) -> str:
        """What stands on everything made of these ratings; "" for people's."""
        return MARK if self.source == SIMULATED else ""

    @property
    def summary(self) -> str:
        """Who took part and what counts, in one sentence."""
        account = self.account
        others = "".join(f", {number} {kind}" for kind, number in account.others.items())
        return (
            f"{account.participants} {'simulated ' if self.source == SIMULATED else ''}participants, "
            f"{account.excluded} excluded; {account.counted} of {account.answers} answers count "
            f"({account.lost} of excluded participants{others})"
        )


def analyse(ratings: pd.DataFrame, terms: Terms, config: StatisticsConfig) -> Study:
    """Analyse a study.

    Args:
        ratings: of ``read_ratings``, at least one row.
        terms: of its design.
        config: level of the intervals, and the least share of clips.
    """
    broken, unchecked = broken_rules(ratings, terms)
    kept = counted(ratings, broken)
    opinions = opinion_rows(kept)
    return Study(
        source=str(ratings["source"].iloc[0]),
        account=account_of(ratings, broken, unchecked),
        broken=tuple(broken),
        clips=Counter(dataset for dataset, _ in {(dataset, clip) for dataset, _, clip in terms.rated}),
        opinions=opinions,
        differences=tuple(differences(opinions, config)),
        agreements=tuple(agreements(kept)),
    )


def opinion_rows(kept: pd.DataFrame) -> pd.DataFrame:
    """Ratings in the form of score rows, one per answer, with the participant as ``rater``."""
    return pd.DataFrame(
        {
            "method": kept["method"],
            "seed": 0,
            "dataset": kept["dataset"],
            "clip_id": kept["clip_id"],
            "person": kept["person"],
            "metric": kept["question"].map({name: column.metric for name, column in RATINGS.items()}),
            "value": kept["score"].astype("float64"),
            "reason": None,
            "found_share": float("nan"),
            "rater": kept["participant"],
        }
    ).reset_index(drop=True)


def differences(opinions: pd.DataFrame, config: StatisticsConfig) -> list[Difference]:
    """All pairs of competing methods in each dataset and question; each dataset and question is a family (Holm)."""
    found, groups = [], by_column(opinions)
    for dataset in sorted(set(opinions["dataset"])):
        for question, column in RATINGS.items():
            if (dataset, column.metric) in groups:
                rows = groups[dataset, column.metric]
                found += _family(dataset, question, rating_panel(rows, competitors(rows), config))
    return found


def competitors(opinions: pd.DataFrame) -> list[str]:
    """The methods that compete: those of Table 2 in its order, then others by name."""
    order = [row.method for row in LAYOUTS[TABLE].rows]
    present = sorted(set(opinions["method"]) - REFERENCES)
    return sorted(present, key=lambda name: order.index(name) if name in order else len(order))


def _family(dataset: str, question: str, panel: RatingPanel) -> list[Difference]:
    pairs = list(combinations(panel.methods, 2)) if len(panel.values) else []
    found = [panel.difference(*pair) for pair in pairs]
    tested = [place for place, item in enumerate(found) if item.p_value is not None]
    corrected = dict(zip(tested, holm([found[place].p_value for place in tested]), strict=True))
    return [
        Difference(
            dataset=dataset,
            question=question,
            first=first,
            second=second,
            mean=item.mean,
            low=item.low,
            high=item.high,
            reason=item.reason,
            p_value=item.p_value,
            corrected=corrected.get(place),
            separated=place in corrected and corrected[place] < 1 - panel.config.level,
            ratings=int(panel.numbers[[panel.methods.index(name) for name in (first, second)]].sum()),
            clips=item.clips,
            persons=item.persons,
        )
        for place, ((first, second), item) in enumerate(zip(pairs, found, strict=True))
    ]


def records_csv(source: str, kind: type, items: Iterable[Any]) -> str:
    """Dataclasses as CSV, full precision; the first column is the ratings' source.

    Args:
        source: ``people`` or ``simulated``.
        kind: the dataclass, whose fields and ``reason`` are the columns.
        items: of that kind.
    """
    names = [field.name for field in dataclasses.fields(kind)]
    names += ["reason"] if "reason" not in names and hasattr(kind, "reason") else []
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["source", *names])
    for item in items:
        writer.writerow([source, *(_text(getattr(item, name)) for name in names)])
    return stream.getvalue()


def _text(value: Any) -> str:
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)
