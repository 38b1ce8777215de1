"""Stage ``train_sync``: the sync network of section 3.3, and how far it can be trusted on unseen persons."""

import json

from pipelines import stage as stages
from pipelines.run_training import train_into
from pipelines.training import clips_of, datasets_of
from speak.data.split import TEST, SplitConfig
from speak.files import write_text
from speak.inference.sync import SyncScorer
from speak.inference.sync_check import evaluate_sync
from speak.training.sync import SyncConfig, train_sync

SECTIONS = {"split": SplitConfig, "sync": SyncConfig}


def run(stage: stages.Stage) -> None:
    """Train on the training persons, then check discrimination and confidence on the test persons."""
    folder = train_into(stage, "sync", train_sync, stage.params["sync"])
    scorer = SyncScorer(folder / "checkpoint.pt")
    report = evaluate_sync(scorer, datasets_of(stage), clips_of(stage, TEST))
    write_text(folder / "evaluation.json", json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    from pipelines import train_sync  # by name, so that workers can import its functions

    stages.main("train_sync", train_sync.run, SECTIONS)
