"""Stage ``train_judges``: who is it, and what does the face show? Fitted on training persons, tried on test persons."""

import json
from dataclasses import asdict

from benchmarks.judges.faces import FaceJudge, FaceJudgeConfig, seen_clips
from benchmarks.judges.trial import trials
from pipelines import stage as stages
from pipelines.training import clips_of, datasets_of
from speak.data.split import TEST, TRAIN, SplitConfig
from speak.errors import UserError
from speak.files import write_text

SECTIONS = {"split": SplitConfig, "judges": FaceJudgeConfig}


def run(stage: stages.Stage) -> None:
    """Fit the judges of faces; their own accuracy on unseen persons lies beside them in ``metrics.json``."""
    config, folders = stage.params["judges"], datasets_of(stage)
    known = seen_clips(folders, clips_of(stage, TRAIN), config)
    if len({clip.person for clip in known}) < 2:
        raise UserError(f"{stage.paths.split}: clips of two training persons or more are needed to fit the judges")
    judge, folder = FaceJudge.fit(known, config), stage.paths.judges
    judge.save(folder / "checkpoint.pt", [clip.clip_id for clip in known])
    found = trials(judge, seen_clips(folders, clips_of(stage, TEST), config))
    figures = {name: asdict(trial) for name, trial in found.items()}
    figures["fitted"] = {"clips": len(known), "persons": len({clip.person for clip in known})}
    write_text(folder / "metrics.json", json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    from pipelines import train_judges  # by name, so that workers can import its functions

    stages.main("train_judges", train_judges.run, SECTIONS)
