"""CREMA-D's four tables for the corpus: who, which clips, and how invented listeners voted.

Comma separated, text in double quotes, numbers bare. Votes are letters; a tie joins letters and levels with a
colon. ``tabulatedVotes.csv`` has three rows per clip, numbered 100000 x query type (1 voice, 2 face, 3 both)
+ stimulus number; -1 stands where nobody chose an emotion. ``summaryTable.csv`` repeats its outcome.
"""

import csv
import io
from pathlib import Path, PurePosixPath

import numpy as np

from speak.corpus.identity import identity
from speak.corpus.render import SEX_NAME
from speak.corpus.shot import Shot
from speak.files import write_text

LETTERS = "ADFHNS"
QUERIES = ("Voice", "Face", "MultiModal")
CLEAR = (0.45, 0.65, 0.75)
"""Share of listeners who hear or see the acted emotion, by query; the others choose at random."""
RATERS = (8, 13)
EMOTION_COLUMNS = ("Anger", "Disgust", "Fear", "Happy", "Neutral", "Sad")


def write(planned: list[Shot], root: Path) -> None:
    """Write the tables of ``planned`` under ``root``."""
    names = [PurePosixPath(shot.video).stem for shot in planned]
    votes = {name: [_vote(name, query) for query in range(3)] for name in names}
    _write(root / "SentenceFilenames.csv", ["Stimulus_Number", "Filename"], list(enumerate(names, start=1)))
    _write(root / "VideoDemographics.csv", ["ActorID", "Age", "Sex", "Race", "Ethnicity"], _actors(planned))
    heading = ["", "FileName", *(f"{query}{what}" for query in QUERIES for what in ("Vote", "Level"))]
    summary = [
        [str(number), name, *(text for vote in votes[name] for text in (vote["letters"], vote["levels"]))]
        for number, name in enumerate(names, start=1)
    ]
    _write(root / "summaryTable.csv", heading, summary)
    _write(root / "tabulatedVotes.csv", _tabulated_heading(), _tabulated(names, votes))


def _actors(planned: list[Shot]) -> list[list]:
    seeds = {shot.person: shot.take.person_seed for shot in planned}
    people = {person: identity(seed) for person, seed in seeds.items()}
    return [
        [int(person), round(20 + 54 * who.age), SEX_NAME[who.sex[0]].title(), "Unknown", "Not Hispanic"]
        for person, who in people.items()
    ]


def _vote(name: str, query: int) -> dict:
    """How the listeners of one clip answered one query."""
    rng = np.random.default_rng([query, *name.encode()])
    acted = LETTERS.index(name.split("_")[2][0])
    raters = int(rng.integers(*RATERS))
    choices = np.where(rng.random(raters) < CLEAR[query], acted, rng.integers(len(LETTERS), size=raters))
    strengths = rng.integers(20, 100, raters)
    counts = np.bincount(choices, minlength=len(LETTERS))
    means = [float(strengths[choices == k].mean()) if counts[k] else -1.0 for k in range(len(LETTERS))]
    winners = [k for k in range(len(LETTERS)) if counts[k] == counts.max()]
    return {
        "counts": [int(count) for count in counts],
        "means": means,
        "mean": float(strengths.mean()),
        "median": float(np.median(strengths)),
        "letters": ":".join(LETTERS[k] for k in winners),
        "levels": ":".join(f"{means[k]:.4g}" for k in winners),
    }


def _tabulated_heading() -> list[str]:
    responses = ["meanEmoResp", *(f"mean{name}Resp" for name in EMOTION_COLUMNS), "medianEmoResp"]
    fixed = ["", *LETTERS, "fileName", "numResponses", "agreement", "emoVote"]
    return [*fixed, *responses, *(f"{name}Norm" for name in responses)]


def _tabulated(names: list[str], votes: dict[str, list[dict]]) -> list[list]:
    rows = []
    for query in range(3):
        for number, name in enumerate(names, start=1):
            vote = votes[name][query]
            raters = sum(vote["counts"])
            responses = [vote["mean"], *vote["means"], vote["median"]]
            normed = [value if value == -1 else value * 0.96 for value in responses]
            figures = [_number(value) for value in (max(vote["counts"]) / raters, *responses, *normed)]
            head = [str(100_000 * (query + 1) + number), *vote["counts"], name, raters]
            rows.append([*head, figures[0], vote["letters"], *figures[1:]])
    return rows


def _number(value: float) -> float | int:
    """Fifteen digits at most and no decimals for whole numbers, as R prints."""
    return int(value) if value == int(value) else float(f"{value:.15g}")


def _write(path: Path, heading: list[str], rows: list) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    write_text(path, text.getvalue())
