"""Submissions as entries and score rows of the board.

Everything in them is a stranger's: templates escape it, and ``shown`` turns what escaping leaves in place (control
characters, and those that turn the direction of writing) into plain text.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from benchmarks.leaderboard.entries import Entry
from benchmarks.leaderboard.submission import Card, Submission, TrainingData
from benchmarks.plain_text import shown
from benchmarks.scores import SCHEMA
from speak.metrics import METRICS

TEXT_COLUMNS = ("dataset", "clip_id", "person", "reason", "checkpoint", "params", "split", "recipe", "code")
LARGEST = 1e9
"""No metric comes near it; sums of much larger numbers overflow, and a page cannot hold what then comes out."""
NOT_DECLARED = "not declared"


def admitted(submissions: Sequence[Submission], split: str) -> tuple[list[Submission], dict[str, str]]:
    """The submissions whose scores belong to a split, and by name of the others why they are left out.

    Args:
        submissions: as read.
        split: hash of the run's split file.
    """
    kept, left_out = [], {}
    for submission in submissions:
        if set(submission.scores["split"]) == {split}:
            kept.append(submission)
        else:
            left_out[_label(submission.card)] = "scored on another split of the data"
    return kept, left_out


def guest_entry(card: Card) -> Entry:
    """A submission's row, as its card has it."""
    return Entry(
        key=_key(card),
        label=_label(card),
        kind="submission",
        note=_line(card.notes) or "a submission without notes",
        flag=_flag(card.trained_with),
        facts={
            "authors": _line(", ".join(card.authors)),
            "trained with a metric": _flag(card.trained_with) or "no",
            "training data": _training_data(card.training_data),
            "scores": card.scores_sha256,
        },
        links={name: address for name, address in vars(card.links).items() if address is not None},
    )


def guest_rows(submissions: Sequence[Submission]) -> pd.DataFrame:
    """Score rows of all submissions under their entries' keys; an impossible number is none, with that reason."""
    frames = [SCHEMA.empty_table().to_pandas()]
    for submission in submissions:
        rows = submission.scores
        texts = {name: rows[name].map(shown, na_action="ignore") for name in TEXT_COLUMNS}
        rows = rows.assign(method=_key(submission.card), **texts)
        impossible = rows["value"].abs() > LARGEST
        rows["reason"] = rows["reason"].astype(object).mask(impossible, "not a possible number")
        rows["value"] = rows["value"].mask(impossible)
        rows["found_share"] = rows["found_share"].where(rows["found_share"].between(0, 1))
        frames.append(rows)
    return pd.concat(frames[1:] or frames)


def _key(card: Card) -> str:
    """No method of a run has a slash in its name, and no submission's name or revision has."""
    return f"{card.name}/{card.revision}"


def _label(card: Card) -> str:
    return f"{card.name} {card.revision}"


def _flag(trained_with: Sequence[str] | None) -> str | None:
    if trained_with is None:
        return "its authors do not say whether it was trained with a metric"
    titles = [METRICS[name].title if name in METRICS else _line(name) for name in trained_with]
    return f"its authors trained it with {', '.join(titles)}" if titles else None


def _training_data(data: TrainingData) -> str:
    parts: Mapping[str, Sequence[str] | None] = {"datasets": data.datasets, "persons": data.persons}
    lists = [
        f"{name}: {NOT_DECLARED if entries is None else _line(', '.join(entries)) or 'none'}"
        for name, entries in parts.items()
    ]
    saw_test = {True: "yes", False: "no", None: NOT_DECLARED}[data.saw_test]
    return "; ".join([*lists, f"saw test persons or clips: {saw_test}"])


def _line(text: str) -> str:
    return shown(" ".join(text.split()))
