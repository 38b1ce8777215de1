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
    rows = read_rows([stage.paths.clips(dataset) for dataset in config.roles], ["dataset", "person"])
    clips = pd.DataFrame(rows, columns=["clip_id", "dataset", "person"])
    if clips.empty:
        raise UserError("no clips in any dataset; see clips/*/expected.parquet for the reasons")
    pairs = clips[["dataset", "person"]].drop_duplicates()
    clips["split"] = clips["person"].map(split_persons(pairs.itertuples(index=False, name=None), config))
    with atomic_path(stage.paths.split) as temporary:
        clips.to_parquet(temporary, index=False)


if __name__ == "__main__":
    from pipelines import split  # by name, so that workers can import its functions

    stages.main("split", split.run, SECTIONS)
