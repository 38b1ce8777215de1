"""Stage ``corpus``: render the embedded corpus as a mirror of the four datasets, in their own layouts.

A profile for real data has no embedded corpus (``corpus.shots: null``-like empty plan) and the stage makes an empty
mirror.
"""

from functools import partial

from pipelines import stage as stages
from pipelines.cluster import first_error, run_each
from speak.corpus.plan import CorpusConfig, plan, write_metadata, write_shot

SECTIONS = {"corpus": CorpusConfig}


def run(stage: stages.Stage) -> None:
    """Render every shot (in parallel, each alone), then write the datasets' tables."""
    shots = plan(stage.params["corpus"])
    mirror = stage.paths.work / "mirror"
    mirror.mkdir(parents=True, exist_ok=True)
    write = partial(write_shot, root=mirror)
    first_error(run_each(write, shots, stage.cluster, label="rendering shots"))
    for dataset in sorted({shot.dataset for shot in shots}):
        write_metadata(dataset, [shot for shot in shots if shot.dataset == dataset], mirror / dataset)


if __name__ == "__main__":
    stages.main("corpus", run, SECTIONS)
