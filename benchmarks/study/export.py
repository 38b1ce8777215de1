"""From the database to the ratings table."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.study.design import Design
from benchmarks.study.ratings import PEOPLE, SCHEMA
from benchmarks.study.storage import Store
from speak.errors import UserError
from speak.files import atomic_path


def ratings_table(design: Design, store: Store) -> pd.DataFrame:
    """Every answer, in the columns of ``ratings.SCHEMA``."""
    rows = []
    for row in store.ratings():
        step, item = design.step(row["participant"], row["position"])
        shown = {name: getattr(item, name) for name in ("dataset", "method", "clip_id", "person")}
        rows.append({**row, **shown, "source": PEOPLE, "kind": step.kind})
    return pa.Table.from_pylist(rows, SCHEMA).to_pandas()


def write_ratings(file: Path, ratings: pd.DataFrame) -> None:
    """Write Parquet or CSV, by the file's suffix. Raises UserError for any other."""
    if file.suffix not in (".parquet", ".csv"):
        raise UserError(f"{file}: name a file that ends in .parquet or .csv")
    with atomic_path(file) as temporary:
        if file.suffix == ".csv":
            ratings.to_csv(temporary, index=False, lineterminator="\n")
        else:
            pq.write_table(pa.Table.from_pandas(ratings, SCHEMA, preserve_index=False), temporary)
