"""Stage ``corpus``: film the embedded corpus as a mirror of the four datasets, in their own layouts.

A profile for real data has no embedded corpus (``corpus: null``); its mirror is empty.
"""

from functools import partial

from pipelines import stage as stages
from pipelines.cluster import run_each
from pipelines.outcome import first_error
from speak.corpus.plan import CorpusConfig, plan, write_metadata, write_shot

SECTIONS = {"corpus": CorpusConfig | None}


def run(stage: stages.Stage) -> None:
    """Film every shot (in parallel, each alone), then write the datasets' tables."""
    config = stage.params["corpus"]
    mirror = stage.paths.work / "mirror"
    mirror.mkdir(parents=True, exist_ok=True)
    shots = plan(config) if config else []
    first_error(run_each(partial(write_shot, mirror=mirror), shots, stage.cluster, label="filming the corpus"))
    for dataset in sorted({shot.dataset for shot in shots}):
        write_metadata(dataset, shots, mirror)


if __name__ == "__main__":
    from pipelines import corpus  # by name, so that workers can import its functions

    stages.main("corpus", corpus.run, SECTIONS)
