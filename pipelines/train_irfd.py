"""Stage ``train_irfd``: the disentanglement module of section 3.1, whole and with each term of eq. 8 left out.

Each trained module is then examined on unseen persons: what can be read from each code, and what a swapped code moves.
"""

from benchmarks.disentanglement import write_disentanglement
from benchmarks.examination import DisentanglementConfig, fit_instruments
from benchmarks.probe_clips import examine_checkpoint, known_clips
from benchmarks.statistics import StatisticsConfig
from pipelines import stage as stages
from pipelines.ablations import Job, make_job, train_all, train_job
from pipelines.training import clips_of, datasets_of
from speak.data.split import TEST, TRAIN, SplitConfig
from speak.training.ablations import IRFD_ABLATIONS, apply
from speak.training.irfd import IrfdTrainConfig, train_irfd

SECTIONS = {
    "split": SplitConfig,
    "irfd": IrfdTrainConfig,
    "disentanglement": DisentanglementConfig,
    "statistics": StatisticsConfig,
}


def run(stage: stages.Stage) -> None:
    """Train the full module and the five of Table 3 side by side, then examine them."""
    config = stage.params["irfd"]
    jobs = [make_job(stage, "irfd", name, apply(config, changes), {}) for name, changes in IRFD_ABLATIONS.items()]
    train_all(train, jobs, stage)
    examine(jobs, stage)


def train(job: Job) -> None:
    """One training."""
    train_job(job, train_irfd)


def examine(jobs: list[Job], stage: stages.Stage) -> None:
    """Write ``disentanglement.json`` beside each checkpoint."""
    config, folders = stage.params["disentanglement"], datasets_of(stage)
    instruments = fit_instruments(known_clips(folders, clips_of(stage, TRAIN), config.frames), config.instruments)
    for job in jobs:
        result = examine_checkpoint(
            job.folder / "checkpoint.pt",
            folders,
            clips_of(stage, TEST),
            instruments,
            config,
            stage.params["statistics"],
        )
        write_disentanglement(job.folder / "disentanglement.json", result)


if __name__ == "__main__":
    from pipelines import train_irfd as this  # by name, so that workers can import its functions

    stages.main("train_irfd", this.run, SECTIONS)
