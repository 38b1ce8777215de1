"""``speak-bench study analyse`` and ``speak-bench study plan``: the options of the commands."""

from pathlib import Path
from typing import Annotated

import typer


def analyse(
    ratings: Annotated[Path, typer.Argument(help="The ratings, as `speak-bench study export` wrote them (Parquet).")],
    study: Annotated[Path | None, typer.Option(help="The study's folder; that of the ratings if none.")] = None,
    out: Annotated[Path | None, typer.Option(help="A folder for Table 2 and the other tables as files.")] = None,
    profile: Annotated[
        str | None, typer.Option(help="Whose level and rules of comparison; the profile in params.yaml if none.")
    ] = None,
) -> None:
    """Tell what a study's ratings say: who counts, mean opinions, differences and agreement."""
    from benchmarks.statistics import StatisticsConfig
    from benchmarks.study.analysis import analyse as analysed
    from benchmarks.study.ratings import read_ratings
    from benchmarks.study.table2 import study_lines, study_table, write_study
    from benchmarks.study.terms import check_belongs, read_terms
    from benchmarks.table_latex import to_latex
    from benchmarks.table_text import to_csv, to_markdown
    from speak.config import convert, read_yaml
    from speak.errors import UserError
    from speak.files import write_text

    file = Path("profiles") / f"{profile or read_yaml(Path('params.yaml'))['profile']}.yaml"
    config = convert(StatisticsConfig, read_yaml(file).get("statistics"), f"{file}:statistics")
    table, terms = read_ratings(ratings), read_terms(study or ratings.parent)
    if table.empty:
        raise UserError(f"{ratings}: no ratings yet")
    check_belongs(table, terms, ratings)
    found = analysed(table, terms, config)
    table2 = study_table(found, config, None)
    for line in study_lines(found, table2):
        print(line)
    if out:
        write_study(out, found)
        for suffix, form in (("csv", to_csv), ("md", to_markdown), ("tex", to_latex)):
            write_text(out / f"table2.{suffix}", form(table2))


def plan(
    config: Annotated[Path | None, typer.Option(help="Assumptions; benchmarks/study/power.yaml if none.")] = None,
) -> None:
    """How many participants separate two methods? Simulated: takes a minute or two."""
    from benchmarks.study.power import CONFIG, power_lines, powers, read_config

    wanted = read_config(config or CONFIG)
    print(
        f"SIMULATED, from assumptions ({config or CONFIG.name}): how often a method that is better than all others by"
    )
    print(
        f"so much is separated from the next, and the mean half width of that difference's {wanted.level:.0%} interval"
    )
    for line in power_lines(powers(wanted)):
        print(line)
