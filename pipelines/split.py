"""Stage ``split``: who trains and who tests, decided by person over all datasets at once."""

import pandas as pd

from pipelines import stage as stages
from speak.data.shards import read_rows
from speak.data.split import SplitConfig, split_persons
from speak.errors import UserError
from speak.files import atomic_path

SECTIONS = {"split": SplitConfig}


def run(stage: stages.Stage) -> None:
    """Write ``split.parquet``: clip_id, dataset, person, split."""
    config = stage.params["split"]
    rows = list(read_rows([stage.paths.clips(dataset) for dataset in config.roles], ["dataset", "person"]))
    if not rows:
        raise UserError("no clips in any dataset; see clips/*/expected.parquet for the reasons")
    sides = split_persons(rows, config)
    table = pd.DataFrame([{**row, "split": sides[row["clip_id"]]} for row in rows])
    with atomic_path(stage.paths.split) as temporary:
        table[["clip_id", "dataset", "person", "split"]].to_parquet(temporary, index=False)


if __name__ == "__main__":
    from pipelines import split  # by name, so that workers can import its functions

    stages.main("split", split.run, SECTIONS)
