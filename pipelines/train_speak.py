"""Stage ``train_speak``: SPEAK on the full IRFD, on each IRFD of Table 3, and without each part of Table 4."""

from pipelines import stage as stages
from pipelines.ablations import Job, finish, make_job, train_all
from speak.data.split import SplitConfig
from speak.training.ablations import SPEAK_ABLATIONS, apply
from speak.training.speak import SpeakTrainConfig, train_speak

SECTIONS = {"split": SplitConfig, "speak": SpeakTrainConfig}


def run(stage: stages.Stage) -> None:
    """Train all ten, side by side."""
    config, irfd = stage.params["speak"], stage.paths.model("irfd")
    is_paper = config.speak.parts == "paper"  # pictures are judged by the trained sync network
    judges = {"sync_checkpoint": stage.paths.model("sync") / "checkpoint.pt"} if is_paper else {}
    jobs = [
        make_job(
            stage, "speak", name, apply(config, ablation.changes),
            {"irfd_checkpoint": irfd / ablation.irfd / "checkpoint.pt", **judges},
        )
        for name, ablation in SPEAK_ABLATIONS.items()
    ]  # fmt: skip
    train_all(train, jobs, stage)


def train(job: Job) -> None:
    """One training, in a process of its own."""
    job.partial.mkdir(parents=True, exist_ok=True)
    finish(job, train_speak(job.datasets, job.clip_ids, job.config, job.partial, **job.starts_from))


if __name__ == "__main__":
    from pipelines import train_speak as this  # by name, so that workers can import its functions

    stages.main("train_speak", this.run, SECTIONS)
