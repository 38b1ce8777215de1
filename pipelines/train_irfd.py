"""Stage ``train_irfd``: the disentanglement module of section 3.1, whole and with each term of eq. 8 left out.

The modules of the first seed are then examined on unseen persons: what can be read from each code, and what a swapped
code moves. The answers lie outside ``models``, so that examining anew does not generate anew.
"""

from benchmarks.disentanglement import write_disentanglement
from benchmarks.examination import DisentanglementConfig, fit_instruments
from benchmarks.probe_clips import examine_checkpoint, known_clips
from benchmarks.statistics import StatisticsConfig
from pipelines import stage as stages
from pipelines.ablations import Job, make_job, train_all, train_job
from pipelines.seeds import AblationsConfig, with_seed
from pipelines.training import clips_of, datasets_of
from speak.data.split import TEST, TRAIN, SplitConfig
from speak.training.ablations import IRFD_ABLATIONS, apply
from speak.training.irfd import IrfdTrainConfig, train_irfd

SECTIONS = {
    "split": SplitConfig,
    "irfd": IrfdTrainConfig,
    "ablations": AblationsConfig,
    "disentanglement": DisentanglementConfig,
    "statistics": StatisticsConfig,
}


def run(stage: stages.Stage) -> None:
    """Train the full module and the five of Table 3 side by side with every seed, then examine the first seed's."""
    config, seeds = stage.params["irfd"], stage.params["ablations"].seeds
    jobs = [
        make_job(stage, f"irfd/{name}/{seed}", with_seed(apply(config, changes), seed), {})
        for seed in seeds
        for name, changes in IRFD_ABLATIONS.items()
    ]
    train_all(train, jobs, stage)
    examine(seeds[0], stage)


def train(job: Job) -> None:
    """One training."""
    train_job(job, train_irfd)


def examine(seed: int, stage: stages.Stage) -> None:
    """Write what is found in each module of one seed."""
    config, folders = stage.params["disentanglement"], datasets_of(stage)
    instruments = fit_instruments(known_clips(folders, clips_of(stage, TRAIN), config.frames), config.instruments)
    for name in IRFD_ABLATIONS:
        result = examine_checkpoint(
            stage.paths.model(f"irfd/{name}/{seed}") / "checkpoint.pt",
            folders,
            clips_of(stage, TEST),
            instruments,
            config,
            stage.params["statistics"],
        )
        write_disentanglement(stage.paths.examination(name), result)


if __name__ == "__main__":
    from pipelines import train_irfd as this  # by name, so that workers can import its functions

    stages.main("train_irfd", this.run, SECTIONS)
