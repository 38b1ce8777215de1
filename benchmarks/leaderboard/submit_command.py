"""``speak-bench submit``: make a submission from a run's scores, and check one."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.leaderboard.submission import FOLDER
from speak.errors import UserError

submit = typer.Typer(help="Submissions to the leaderboard.", no_args_is_help=True)
EXIT_FINDINGS = 1


@submit.command()
def make(
    method: Annotated[str, typer.Argument(help="The method's key in the run's scores.")],
    card: Annotated[Path, typer.Option(help="JSON file with what you declare: docs/leaderboard.md.")],
    profile: Annotated[str, typer.Option(help="Whose scores are submitted.")] = "demo",
    folder: Annotated[Path, typer.Option(help="Where submissions lie.")] = FOLDER,
) -> None:
    """Write a run's scores of a method as a submission of two files, and check it."""
    from benchmarks.leaderboard.benchmark import find_benchmark, read_benchmark
    from benchmarks.leaderboard.submission import Card, Declaration, read_json, score_file
    from benchmarks.scores import read_scores, records, write_scores
    from speak.config import build
    from speak.files import sha256_of, write_text

    declared = build(Declaration, read_json(card), str(card))
    benchmark = read_benchmark(find_benchmark(profile))
    scores = read_scores(_runs(Path("work") / profile / "scores", method)).assign(method=declared.name)
    path = folder / declared.name / f"{declared.revision}.json"
    write_scores(score_file(path), records(scores))
    full = Card(
        **vars(declared),
        profile=profile,
        split=benchmark.split,
        metrics=tuple(sorted(scores["metric"].unique())),
        scores_sha256=sha256_of(score_file(path)),
    )
    write_text(path, json.dumps(dataclasses.asdict(full), indent=2, ensure_ascii=False) + "\n")
    print(f"{path}\n{score_file(path)}")
    check(path)


@submit.command()
def check(
    file: Annotated[Path, typer.Argument(help="A submission's card (.json) or score file (.parquet).")],
    profile: Annotated[str | None, typer.Option(help="Whose benchmark; the card's own if not given.")] = None,
) -> None:
    """Check a submission offline. Exit code 0: fine; 1: findings, one line each; 2: not readable."""
    from benchmarks.leaderboard.benchmark import find_benchmark, read_benchmark
    from benchmarks.leaderboard.check import findings
    from benchmarks.leaderboard.submission import card_files, read_submission

    path = file.absolute().with_suffix(".json")
    submission = read_submission(path)
    place = find_benchmark(profile or submission.card.profile)
    others = [read_submission(other) for other in card_files(path.parents[1]) if other != path]
    found = findings(submission, path, read_benchmark(place), others)
    for line in found:
        print(line)
    if found:
        raise typer.Exit(EXIT_FINDINGS)
    print(f"{file}: fits {place}")


def _runs(folder: Path, method: str) -> list[Path]:
    """A method's score files, one for each seed. Raises UserError naming the methods that there are."""
    files = sorted(folder.glob("*/*/*.parquet"))
    own = [file for file in files if file.parent.name == method]
    if not own:
        known = ", ".join(sorted({file.parent.name for file in files})) or "none; run the profile first"
        raise UserError(f"{folder}: no scores of {method!r}; methods are: {known}")
    return own
