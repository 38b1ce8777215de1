"""Rows of set scores as the page shows them."""

import pandas as pd

from benchmarks.layout import LAYOUTS
from benchmarks.report.data import SetRow, SetTable
from speak.metrics import SET_METRICS

LABELS = {row.method: row.label for layout in LAYOUTS.values() for row in layout.rows}


def set_table(scores: pd.DataFrame) -> SetTable:
    """One row per dataset, method and seed that has a value, in the order of the files.

    Args:
        scores: of ``benchmarks.set_scores.read_set_scores``.
    """
    names = {metric.id: name for name, metric in SET_METRICS.items()}
    several = scores["seed"].nunique() > 1
    rows = []
    for (dataset, method, seed), own in scores.groupby(["dataset", "method", "seed"], sort=False):
        if own["value"].notna().any():
            label = LABELS.get(method, method) + (f", seed {seed}" if several else "")
            values = {names[row.metric]: None if pd.isna(row.value) else row.value for row in own.itertuples()}
            rows.append(SetRow(dataset=dataset, label=label, values=values, n=int(own["n"].max())))
    rows.sort(key=lambda row: row.dataset)  # stable: methods keep their order
    return SetTable(rows=tuple(rows), reasons=tuple(dict.fromkeys(scores["reason"].dropna())))
