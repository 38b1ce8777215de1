"""Stage ``train_baselines``: the four baselines of Table 1, trained here or made of their authors' files, side by side.

With every seed, as SPEAK. Trained here, they see the same clips for the same number of steps.
"""

from benchmarks.training.baselines import PHASES, train_baseline
from benchmarks.training.config import BaselinesConfig
from pipelines import stage as stages
from pipelines.ablations import Job, make_job, train_all, train_job
from pipelines.seeds import AblationsConfig, with_seed
from speak.data.split import SplitConfig

SECTIONS = {"split": SplitConfig, "baselines": BaselinesConfig, "ablations": AblationsConfig}


def run(stage: stages.Stage) -> None:
    """Train all four with every seed."""
    jobs = [baseline_job(stage, name, seed) for seed in stage.params["ablations"].seeds for name in PHASES]
    train_all(train, jobs, stage)


def baseline_job(stage: stages.Stage, name: str, seed: int) -> Job:
    """One method with one seed."""
    config = with_seed(stage.params["baselines"].training(name), seed)
    return make_job(stage, f"baselines/{name}/{seed}", config, {}, packages=("speak", "benchmarks"))


def train(job: Job) -> None:
    """One training."""
    train_job(job, train_baseline)


if __name__ == "__main__":
    from pipelines import train_baselines as this  # by name, so that workers can import its functions

    stages.main("train_baselines", this.run, SECTIONS)
