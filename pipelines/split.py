"""Stage ``split``: who trains and who tests, decided by person over all datasets at once.

Which clips there are is read from each dataset's account: one file, however many shards there are.
"""

from pathlib import Path

import pandas as pd

from pipelines import stage as stages
from speak.data.ledger import CLIP
from speak.data.split import SplitConfig, split_persons
from speak.errors import UserError
from speak.files import atomic_path

SECTIONS = {"split": SplitConfig}


def run(stage: stages.Stage) -> None:
    """Write ``split.parquet``: clip_id, dataset, person, split."""
    config = stage.params["split"]
    clips = pd.concat([_clips(stage.paths.clips(dataset)) for dataset in config.roles], ignore_index=True)
    if clips.empty:
        raise UserError("no clips in any dataset; see clips/*/expected.parquet for the reasons")
    pairs = clips[["dataset", "person"]].drop_duplicates()
    clips["split"] = clips["person"].map(split_persons(pairs.itertuples(index=False, name=None), config))
    with atomic_path(stage.paths.split) as temporary:
        clips.to_parquet(temporary, index=False)


def _clips(folder: Path) -> pd.DataFrame:
    """The clips of one dataset: clip_id, dataset, person."""
    columns = ["item_id", "dataset", "person"]
    table = pd.read_parquet(folder / "expected.parquet", columns=columns, filters=[("status", "==", CLIP)])
    return table.rename(columns={"item_id": "clip_id"})


if __name__ == "__main__":
    from pipelines import split  # by name, so that workers can import its functions

    stages.main("split", split.run, SECTIONS)
