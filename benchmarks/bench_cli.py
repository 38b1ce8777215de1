"""The ``speak-bench`` command: what guards and publishes numbers."""

import typer

from benchmarks.gate_command import accept, gate
from benchmarks.leaderboard.submit_command import submit
from benchmarks.study.study_command import study
from speak.cli import run

app = typer.Typer(help="Guard and publish the numbers of talking heads.", no_args_is_help=True)
app.command()(gate)
app.command()(accept)
app.add_typer(submit, name="submit")
app.add_typer(study, name="study")


def main() -> None:
    """Entry point: a user's mistake is one line and exit code 2."""
    run(app, "speak-bench")


if __name__ == "__main__":
    main()
