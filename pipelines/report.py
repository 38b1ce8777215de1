"""Stage ``report``: tables, claims, figures and the page, from score files and what lies beside them."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.claims import check_claims, claims_csv, claims_markdown
from benchmarks.degradation.check import check_csv
from benchmarks.degradation.config import DegradeConfig
from benchmarks.floor import Floor, floor, floor_csv
from benchmarks.layout import COMPARISON, LAYOUTS
from benchmarks.leaderboard.benchmark import FILE, make_benchmark, write_benchmark
from benchmarks.method_notes import METHOD_NOTES
from benchmarks.report.data import ReportData
from benchmarks.report.sets import set_table
from benchmarks.report.write import write_report
from benchmarks.scores import read_scores
from benchmarks.set_scores import read_set_scores
from benchmarks.statistics import StatisticsConfig
from benchmarks.study.analysis import TABLE, Study
from benchmarks.study.table2 import claim_reasons, study_table, with_opinions
from benchmarks.table_latex import to_latex
from benchmarks.table_text import to_csv, to_markdown
from benchmarks.tables import Table, build_table
from pipelines import account, pictures, pictures_speak, provenance
from pipelines import stage as stages
from pipelines.cells import write_cells
from pipelines.entrants import PARAMS, Entrant, entrants
from pipelines.ratings import read_study, write_files
from pipelines.runs import first_runs, runs, seeds_of
from pipelines.seeds import AblationsConfig
from speak.config import read_yaml
from speak.data.split import SplitConfig
from speak.files import write_text


@dataclass(frozen=True, kw_only=True)
class ReportConfig:
    """What the page shows.

    Attributes:
        figure_columns: frames per clip in Figure 4.
        figure_size: pixels of one picture's side in the figures.
        people_columns: pictures in a row of the contact sheet.
        videos_per_dataset: clips shown side by side.
    """

    figure_columns: int
    figure_size: int
    people_columns: int
    videos_per_dataset: int


SECTIONS = {
    "split": SplitConfig,
    "degrade": DegradeConfig,
    "report": ReportConfig,
    "statistics": StatisticsConfig,
    "ablations": AblationsConfig,
}


def run(stage: stages.Stage) -> None:
    """Write everything under ``reports/<profile>``."""
    methods = runs(entrants(), stage.params["ablations"].seeds)
    scores = read_scores([stage.paths.scores(method) for method in methods])
    index = pd.read_parquet(stage.paths.generated(methods[0]) / "index.parquet")
    write(stage, scores, index, methods, read_yaml(PARAMS)["datasets"])
    split, digest = pd.read_parquet(stage.paths.split), provenance.split_hash(stage.paths.split)
    write_benchmark(stage.paths.reports / FILE, make_benchmark(stage.profile, digest, split, index))


def write(
    stage: stages.Stage, scores: pd.DataFrame, index: pd.DataFrame, methods: list[Entrant], datasets: list[str]
) -> Path:
    """Tables as CSV, Markdown and LaTeX, the claims check, figures, videos and the page; returns the page's path."""
    out, config = stage.paths.reports, stage.params["report"]
    out.mkdir(parents=True, exist_ok=True)
    expected = index.groupby("dataset").size().to_dict()
    budget = account.budgets(stage.paths, methods)
    statistics = stage.params["statistics"]
    study = read_study(stage.paths.study, {method.name for method in methods}, index, statistics)
    tables = [dataclasses.replace(table, budget=budget) for table in make_tables(scores, stage, expected, study)]
    for table in tables:
        write_table(table, out)
    write_cells(stage, tables, scores, methods, study)
    claims = check_claims(with_opinions(scores, study), statistics, claim_reasons(study))
    write_text(out / "claims.csv", claims_csv(claims))
    write_text(out / "claims.md", claims_markdown(claims, stage.stamp))
    asked = write_floor(stage, tables, scores)
    check = account.metric_check(stage.paths, stage.params["degrade"])
    if check:
        write_text(out / "degradations.csv", check_csv(check, stage.stamp))
    seen = write_files(out / "study", study, scores, statistics) if study else []
    figures = pictures.Pictures(stage.paths, stage.params["split"], index, first_runs(methods), config)
    shown = [figures.people(), figures.figure4(), pictures_speak.swaps(figures), pictures_speak.ablations(figures)]
    data = ReportData(
        profile=stage.profile,
        stamp=stage.stamp,
        datasets=tuple(account.count(dataset, stage.paths) for dataset in datasets),
        tables=tuple(tables),
        claims=tuple(claims),
        sync=account.sync_evaluation(stage.paths),
        judges=account.judge_trials(stage.paths),
        sets=set_table(read_set_scores([stage.paths.set_scores(method) for method in methods])),
        interval_plots=figures.intervals(tables),
        figures=tuple(figure for figure in shown if figure),
        disentanglement=account.disentanglement(stage.paths),
        training_seconds=account.training_seconds(stage.paths, methods),
        videos=figures.videos(),
        timings=account.timings(stage.paths),
        speeds=account.speeds(stage.paths, first_runs(methods)),
        methods=METHOD_NOTES,
        provenance=origins(stage, methods),
        seeds=seeds_of(methods),
        metric_check=check,
        response_plot=figures.responses(check),
        study=study,
        floor=asked,
        correlation_plot=figures.correlations(seen, study),
    )
    return write_report(out, data)


def origins(stage: stages.Stage, methods: list[Entrant]) -> dict[str, str]:
    """Commit, and hashes of parameters, split and score files."""
    files = {f"scores of {method.name}/{method.seed}": stage.paths.scores(method) for method in methods}
    return {
        "commit": provenance.commit(),
        "parameters": provenance.file_hash(stages.profile_file(stage.profile)),
        "split": provenance.split_hash(stage.paths.split),
        **{name: provenance.file_hash(file) for name, file in files.items()},
    }


def make_tables(
    scores: pd.DataFrame, stage: stages.Stage, expected: dict[str, int], study: Study | None
) -> list[Table]:
    """Every table; datasets that the paper does not have (a folder of videos) join Table 1, or are all of it."""
    config = stage.params["statistics"]
    known = LAYOUTS[1].datasets + LAYOUTS[2].datasets
    others = [name for name in expected if name not in known]
    paper = [name for name in LAYOUTS[1].datasets if set(expected) & set(known)]
    return [
        study_table(study, config, stage.stamp)
        if key == TABLE
        else build_table(
            key,
            scores,
            config,
            stamp=stage.stamp,
            expected=expected,
            datasets=[*paper, *others] if layout.number == 1 else None,
        )
        for key, layout in LAYOUTS.items()
    ]


def write_floor(stage: stages.Stage, tables: list[Table], scores: pd.DataFrame) -> Floor:
    """How much better than doing nothing Table 1's methods are, as CSV and for the page."""
    (comparison,) = (table for table in tables if table.layout.key == COMPARISON.key)
    asked = floor(comparison, scores, stage.params["statistics"])
    write_text(
        stage.paths.reports / f"table{COMPARISON.key}_floor.csv", floor_csv(asked, comparison.level, stage.stamp)
    )
    return asked


def write_table(table: Table, out: Path) -> None:
    """One table in its three forms."""
    stem = f"table{table.layout.key}"
    write_text(out / f"{stem}.csv", to_csv(table))
    write_text(out / f"{stem}.md", to_markdown(table))
    write_text(out / f"{stem}.tex", to_latex(table))


if __name__ == "__main__":
    from pipelines import report  # by name, so that workers can import its functions

    stages.main("report", report.run, SECTIONS)
