"""Stage ``train_mouth``: the small audio-to-mouth model, on the training persons."""

from pipelines import stage as stages
from pipelines.run_training import train_into
from speak.data.split import SplitConfig
from speak.training.mouth import MouthConfig, train_mouth

SECTIONS = {"split": SplitConfig, "mouth": MouthConfig}


def run(stage: stages.Stage) -> None:
    """Train; the checkpoint carries its parameters and a fingerprint of parameters and code."""
    train_into(stage, "mouth", train_mouth, stage.params["mouth"])


if __name__ == "__main__":
    from pipelines import train_mouth  # by name, so that workers can import its functions

    stages.main("train_mouth", train_mouth.run, SECTIONS)
