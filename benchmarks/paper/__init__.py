"""The paper's printed numbers and claims, as data. They stand beside measured numbers and are never mixed
with them."""

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class PaperClaim:
    """One checkable claim of the paper's text.

    Attributes:
        dataset: printed name of a dataset, or ``both`` for every dataset of the table.
        metric: column name.
        claim: the claim's wording; equal wordings mean equal checks.
        paper_verdict: whether the paper's own table bears it out, in words.
    """

    id: str
    section: str
    table: int
    dataset: str
    metric: str
    claim: str
    paper_verdict: str


@functools.cache
def paper_values() -> dict[tuple[int, str, str, str], float]:
    """Every printed number: (table, dataset's printed name, method's label, column name) to value."""
    with open(_FOLDER / "reference_tables.csv", encoding="utf-8", newline="") as stream:
        return {
            (int(row["table"]), row["dataset"], row["method"], row["metric"]): float(row["value"])
            for row in csv.DictReader(stream)
            if row["value"]
        }


def paper_claims() -> list[PaperClaim]:
    """Every claim, in the paper's order."""
    with open(_FOLDER / "claims.csv", encoding="utf-8", newline="") as stream:
        return [
            PaperClaim(
                row["id"],
                row["section"],
                int(row["table"]),
                row["dataset"],
                row["metric"],
                row["claim"],
                row["holds_in_paper_table"],
            )
            for row in csv.DictReader(stream)
        ]
