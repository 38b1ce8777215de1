"""Stage ``train_speak``: SPEAK on the full IRFD, on each IRFD of Table 3, and without each part of Table 4.

With every seed; SPEAK starts from the IRFD that was trained with its own.
"""

from pipelines import stage as stages
from pipelines.ablations import Job, make_job, train_all, train_job
from pipelines.seeds import AblationsConfig, with_seed
from speak.data.split import SplitConfig
from speak.training.ablations import SPEAK_ABLATIONS, apply
from speak.training.speak import SpeakTrainConfig, train_speak

SECTIONS = {"split": SplitConfig, "speak": SpeakTrainConfig, "ablations": AblationsConfig}


def run(stage: stages.Stage) -> None:
    """Train all ten with every seed, side by side."""
    jobs = [speak_job(stage, name, seed) for seed in stage.params["ablations"].seeds for name in SPEAK_ABLATIONS]
    train_all(train, jobs, stage)


def speak_job(stage: stages.Stage, name: str, seed: int) -> Job:
    """One ablation with one seed."""
    ablation = SPEAK_ABLATIONS[name]
    starts_from = {"irfd_checkpoint": stage.paths.model(f"irfd/{ablation.irfd}/{seed}") / "checkpoint.pt"}
    if stage.params["speak"].speak.parts == "paper":  # pictures are judged by the trained sync network
        starts_from["sync_checkpoint"] = stage.paths.model("sync") / "checkpoint.pt"
    config = with_seed(apply(stage.params["speak"], ablation.changes), seed)
    return make_job(stage, f"speak/{name}/{seed}", config, starts_from)


def train(job: Job) -> None:
    """One training."""
    train_job(job, train_speak)


if __name__ == "__main__":
    from pipelines import train_speak as this  # by name, so that workers can import its functions

    stages.main("train_speak", this.run, SECTIONS)
