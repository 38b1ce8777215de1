"""A run as the gate sees it: all its score rows, from wherever they lie; and one kept as the accepted one."""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.plain_text import shown
from benchmarks.scores import KEY, read_scores, records, write_scores
from speak.errors import UserError


def read_run(path: Path) -> pd.DataFrame:
    """The score rows of a run; a value that is not finite counts as none.

    Args:
        path: a score file, a folder with score files at any depth, or a run's folder ``work/<profile>`` or
            ``reports/<profile>``.

    Raises:
        UserError: nothing is there, a file is no score file, or two rows are about the same thing.
    """
    scores = read_scores(_score_files(path))
    if scores[list(KEY)].isna().any(axis=None):
        raise UserError(f"{path}: a row does not say its {', '.join(KEY)}; run the score stage again")
    twins = scores[scores.duplicated(list(KEY))]
    if len(twins):
        first = shown(" ".join(map(str, twins.iloc[0][list(KEY)])))
        raise UserError(f"{path}: two scores for {first}; is a run in it twice?")
    if scores.empty:
        raise UserError(f"{path}: no scores in it")
    return scores.assign(value=scores["value"].where(np.isfinite(scores["value"])))


def accept(run: Path, file: Path) -> None:
    """Keep a run's scores in one Parquet file, sorted; equal scores give equal bytes."""
    write_scores(file, records(read_run(run)))


def _score_files(path: Path) -> list[Path]:
    """The score files of a run, sorted. Raises UserError when there are none."""
    if path.is_file():
        return [path]
    run = path.parent.with_name("work") / path.name if path.parent.name == "reports" else path
    folder = run / "scores" if (run / "scores").is_dir() else run
    files = sorted(file for file in folder.rglob("*.parquet") if not file.name.startswith("."))
    if not files:
        raise UserError(f"{path}: no score files there; give a score file, a folder of them, or work/<profile>")
    return files
