"""Table 2 and the files beside it, from an analysed study or from none."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmarks.layout import LAYOUTS, RATINGS
from benchmarks.plain_text import shown
from benchmarks.statistics import StatisticsConfig
from benchmarks.study.analysis import TABLE, Difference, Study, opinion_rows, records_csv
from benchmarks.study.exclusions import Exclusion
from benchmarks.study.ratings import SCHEMA
from benchmarks.study.reliability import Agreement
from benchmarks.table_text import rank_text
from benchmarks.tables import Table, build_table, dataset_title
from speak.files import write_text

INVITATION = 'No ratings yet; "make study" starts a study, docs/study-analysis.md tells where its ratings go.'
NOT_RATED = "nobody whose answers count has rated it"
ONLY_SIMULATED = "only simulated ratings; a claim about people needs people"


def study_table(study: Study | None, config: StatisticsConfig, stamp: str | None) -> Table:
    """Table 2 with the paper's values; without a study, every cell of ours says that there are no ratings yet.

    Args:
        study: analysed, or None.
        config: how intervals are made.
        stamp: what the profile says about its numbers; simulated ratings add their mark.
    """
    if study is None:
        nothing = opinion_rows(SCHEMA.empty_table().to_pandas())
        return dataclasses.replace(build_table(TABLE, nothing, config, stamp=stamp, expected={}), remark=INVITATION)
    stamps = [text for text in (study.mark, stamp) if text]
    table = build_table(
        TABLE,
        study.opinions,
        config,
        stamp="; ".join(stamps) or None,
        expected=study.clips,
        reasons={row.method: NOT_RATED for row in LAYOUTS[TABLE].rows},
    )
    return dataclasses.replace(table, source="simulated" if study.mark else "measured", remark=f"{study.summary}.")


def with_opinions(scores: pd.DataFrame, study: Study | None) -> pd.DataFrame:
    """Score rows, and those of people's ratings, for the claims; simulated ones say nothing about a claim."""
    return scores if study is None or study.mark else pd.concat([scores, study.opinions], ignore_index=True)


def claim_reasons(study: Study | None) -> dict[int, str]:
    """Why claims about Table 2 are not measured; empty where they can be."""
    if study is None:
        return {TABLE: "no ratings yet"}
    return {TABLE: ONLY_SIMULATED} if study.mark else {}


def write_study(out: Path, study: Study) -> None:
    """Differences, exclusions and agreement as CSV in a folder; each line names the ratings' source."""
    for name, kind, items in (
        ("differences", Difference, study.differences),
        ("exclusions", Exclusion, study.broken),
        ("agreement", Agreement, study.agreements),
    ):
        write_text(out / f"{name}.csv", records_csv(study.source, kind, items))


def study_lines(study: Study, table: Table) -> Iterator[str]:
    """The study for a terminal: who counts, then mean opinions with intervals, possible ranks, and agreement.

    Args:
        study: analysed.
        table: its ``study_table``.
    """
    if study.mark:
        yield study.mark
    yield f"{study.summary}."
    for item in study.broken:
        yield f"excluded: {shown(item.participant)}, {item.reason}"
    for found in study.agreements:
        column = RATINGS[found.question]
        reason = found.reason or f"alpha {found.alpha:.2f}, ICC(2,{found.k:.3g}) {found.icc:.2f}"
        yield f"{dataset_title(found.dataset)}, {column.title.lower()} ({reason})"
        cells = (table.cell(row, found.dataset, column) for row in table.rows if found.dataset in table.datasets)
        for cell in (cell for cell in cells if cell.value is not None):
            interval = f"({cell.low:.2f}, {cell.high:.2f})" if cell.low is not None else f"no interval: {cell.reason}"
            rank = f"  #{rank_text(cell)}" if cell.rank else ""
            yield f"  {shown(cell.row.label):16} {cell.value:.2f} {interval}{rank}"
