"""Your own videos through the same path: ``python -m pipelines.folder PROFILE DATA``.

Any folder of videos (with an optional ``labels.csv``, see docs/datasets.md) is preprocessed, and the methods that need
no training are scored on it: the ground truth, the codec's ceiling and the still image. Not a DVC stage, since the
folder is outside the project; everything lands under ``work/folder`` and ``reports/folder``.
"""

import dataclasses
import shutil
from pathlib import Path

import pandas as pd

from benchmarks.judges.files import NO_FACES, NO_SYNC, find
from benchmarks.methods.registry import METHODS
from benchmarks.protocol import pairings
from benchmarks.scores import read_scores
from pipelines import fetch, preprocess, report, score, split
from pipelines import generate as generating
from pipelines import stage as stages
from pipelines.entrants import Entrant
from pipelines.paths import Paths
from pipelines.training import clips_of, datasets_of
from speak.data.ledger import account, write_ledger
from speak.data.shards import METADATA_COLUMNS, read_rows
from speak.data.split import TEST
from speak.errors import UserError

FOLDER = "folder"
STAMP = "own clips, reference rows only"
UNTRAINED = [Entrant("reference", name) for name, method in METHODS.items() if not method.models]
SECTIONS = preprocess.SECTIONS | generating.SECTIONS | score.SECTIONS | report.SECTIONS


def run(stage: stages.Stage, data: str) -> None:
    """Preprocess and score every video below ``data``."""
    stage = _own_stage(stage)
    for folder in (stage.paths.work, stage.paths.reports):
        shutil.rmtree(folder, ignore_errors=True)
    rows = fetch.obtain(FOLDER, Path(data), Path(data))
    write_ledger(rows, stage.paths.ledger(FOLDER))
    clips, partial = stage.paths.clips(FOLDER), stage.paths.partial(stage.name)
    counts = account(preprocess.preprocess(rows, clips, partial, stage.params, stage.cluster))
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    if not counts["clips"]:
        raise UserError(f"{data}: no usable clip; the reasons are in {clips / 'expected.parquet'}")
    split.run(stage)
    chosen = pairings(read_rows([clips], METADATA_COLUMNS), set(clips_of(stage, TEST)), stage.params["protocol"])
    generating.generate(UNTRAINED, chosen, datasets_of(stage), stage)
    score.score(UNTRAINED, find(NO_SYNC, NO_FACES), stage)
    scores = read_scores([stage.paths.scores(method) for method in UNTRAINED])
    index = pd.read_parquet(stage.paths.generated(UNTRAINED[0]) / "index.parquet")
    print(report.write(stage, scores, index, UNTRAINED, [FOLDER]).resolve())


def _own_stage(stage: stages.Stage) -> stages.Stage:
    """The same parameters, with the folder as the only dataset and all of it for testing."""
    params = dict(stage.params)
    params["split"] = dataclasses.replace(params["split"], roles={FOLDER: TEST})
    params["protocol"] = dataclasses.replace(params["protocol"], datasets=(FOLDER,), clips_per_dataset=None)
    return dataclasses.replace(stage, name=FOLDER, paths=Paths(FOLDER), params=params, stamp=STAMP)


if __name__ == "__main__":
    from pipelines import folder  # by name, so that workers can import its functions

    stages.main(FOLDER, folder.run, SECTIONS)
