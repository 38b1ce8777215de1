"""``speak-bench gate`` and ``speak-bench accept``: the options of the commands."""

from pathlib import Path
from typing import Annotated

import typer

EXIT_CLOSED = 1


def gate(
    baseline: Annotated[Path, typer.Option(help="The accepted run: a score file, a folder of them, work/<profile>.")],
    candidate: Annotated[Path, typer.Option(help="The run to judge, in any of these forms.")],
    config: Annotated[
        Path | None, typer.Option(help="Floors and what is guarded; benchmarks/gate.yaml if none.")
    ] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a table for a pull request.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML for a build server.")] = None,
) -> None:
    """Compare two runs. Exit code 0: nothing is worse; 1: a metric regressed or was not measured; 2: misuse."""
    from benchmarks.gate import compare, differing_parts
    from benchmarks.gate_config import CONFIG, read_config
    from benchmarks.gate_report import to_junit, to_lines, to_markdown
    from benchmarks.gate_runs import read_run
    from speak.files import write_text

    guarded = read_config(config or CONFIG)
    before, after = read_run(baseline), read_run(candidate)
    comparisons, notes = compare(before, after, guarded), differing_parts(before, after)
    for line in [*to_lines(comparisons), *(f"note: {note}" for note in notes)]:
        print(line)
    if markdown:
        write_text(markdown, to_markdown(comparisons, notes))
    if junit:
        write_text(junit, to_junit(comparisons))
    if any(one.failed for one in comparisons):
        raise typer.Exit(EXIT_CLOSED)


def accept(
    run: Annotated[Path, typer.Argument(help="A run: a score file, a folder of them, work/<profile>.")],
    file: Annotated[Path, typer.Argument(help="The Parquet file to write, the baseline of later gates.")],
) -> None:
    """Keep a run's scores in one sorted file, as the accepted ones."""
    from benchmarks import gate_runs

    gate_runs.accept(run, file)
    print(file)
