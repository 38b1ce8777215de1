"""The user study's ratings, where there are any: ``study/<profile>/ratings.parquet`` beside its ``design.json``."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from benchmarks.plain_text import shown
from benchmarks.statistics import StatisticsConfig
from benchmarks.study.analysis import Study, analyse, records_csv
from benchmarks.study.correlation import Correlation, correlations
from benchmarks.study.ratings import read_ratings
from benchmarks.study.table2 import write_study
from benchmarks.study.terms import check_belongs, read_terms
from speak.errors import UserError
from speak.files import write_text

RATINGS, DESIGN = "ratings.parquet", "design.json"


def read_study(folder: Path, methods: Iterable[str], index: pd.DataFrame, config: StatisticsConfig) -> Study | None:
    """Analyse a profile's study.

    Args:
        folder: ``Paths.study``.
        methods: keys of this run.
        index: this run's test clips, columns ``dataset`` and ``clip_id``.
        config: how intervals are made.

    Returns:
        None where there are no ratings yet.

    Raises:
        UserError: the ratings are malformed, or of another study or another run.
    """
    path = folder / RATINGS
    if not path.is_file():
        return None
    ratings = read_ratings(path, methods)
    if ratings.empty:
        return None
    terms = read_terms(folder)
    check_belongs(ratings, terms, path)
    known = set(zip(index["dataset"], index["clip_id"], strict=True))
    strange = sorted({(dataset, clip) for dataset, _, clip in terms.rated} - known)
    if strange:
        raise UserError(f"{path}: {shown(strange[0][1])} is no test clip of this run; these ratings are of another one")
    return analyse(ratings, terms, config)


def write_files(out: Path, study: Study, scores: pd.DataFrame, config: StatisticsConfig) -> list[Correlation]:
    """Write what belongs to Table 2 as CSV into a folder; returns the correlations with the run's scores."""
    found = correlations(scores, study.opinions, config)
    write_study(out, study)
    write_text(out / "correlations.csv", records_csv(study.source, Correlation, found))
    return found
