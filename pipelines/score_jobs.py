"""What the score stage has to do: a job for each clip of each method, with the key of what is kept about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks import judges as judging
from benchmarks import protocol
from benchmarks import scores as scoring
from benchmarks.judges.files import JudgeFiles
from benchmarks.methods.method import model_folders
from benchmarks.scores import Provenance, Subject
from benchmarks.set_scores import SetConfig
from pipelines import pairs, provenance
from pipelines import stage as stages
from pipelines.entrants import Entrant
from pipelines.kept_scores import KeptScores
from pipelines.runs import adapter_of
from pipelines.training import datasets_of
from speak.data.shards import METADATA_COLUMNS, read_rows
from speak.files import sha256_of
from speak.metrics import MetricConfig


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What scoring one clip needs besides the clip; small, since it travels to the workers."""

    method: Entrant
    videos: Path
    folders: list[Path]
    config: MetricConfig
    sets: SetConfig
    judges: JudgeFiles
    origin: Provenance


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """One clip of a method.

    Attributes:
        row: of the method's index, with the clip whose sound is its control.
        recipe: of the clip.
        key: of what is kept about it; None where the method made no video.
    """

    row: dict[str, Any]
    setting: Setting
    recipe: str
    key: str | None

    @property
    def subject(self) -> Subject:
        """Whose clip this is."""
        method, fields = self.setting.method, {name: self.row[name] for name in ("dataset", "clip_id", "person")}
        return Subject(method=method.name, seed=method.seed, **fields)

    @property
    def origin(self) -> Provenance:
        """The hashes behind its scores."""
        return replace(self.setting.origin, recipe=self.recipe)


def setting_of(method: Entrant, files: JudgeFiles, stage: stages.Stage) -> Setting:
    """What all clips of a method have in common."""
    folders = model_folders(adapter_of(method), method.seed)
    models = [stage.paths.model(folder) / "checkpoint.pt" for folder in folders]
    origin = Provenance(
        checkpoint="+".join(provenance.file_hash(model) for model in models) or None,
        params=provenance.params_hash(stage.params),
        split=provenance.split_hash(stage.paths.split),
        recipe="",
        code=provenance.code_hash("score"),
    )
    return Setting(
        method=method,
        videos=stage.paths.generated(method),
        folders=datasets_of(stage),
        config=stage.params["score"],
        sets=stage.params["sets"],
        judges=files,
        origin=origin,
    )


def kept_of(files: JudgeFiles, stage: stages.Stage) -> KeptScores:
    """What is kept of the stage's clips, as far as code, thresholds and the networks that judge are the same."""
    modules = [Path(module.__file__) for module in (protocol, scoring, pairs)]
    code = [*modules, Path(__file__).with_name("score.py"), *sorted(Path(judging.__file__).parent.glob("*.py"))]
    common = [
        provenance.code_hash("score", packages=("speak",)),
        provenance.params_hash({name: stage.params[name] for name in ("score", "sets")}),
        *(provenance.file_hash(path) for path in code),
        *(provenance.file_hash(path) for path in files.paths()),
    ]
    return KeptScores(stage.paths.kept(stage.name), "/".join(common))


def jobs_of(settings: Sequence[Setting], kept: KeptScores) -> list[Job]:
    """The clips of all methods, one method after another; all of one stage, so that what lies behind is read once."""
    clips = {row["clip_id"]: row for row in read_rows(settings[0].folders, METADATA_COLUMNS)} if settings else {}
    return [job for setting in settings for job in _jobs(setting, clips, kept)]


def _jobs(setting: Setting, clips: Mapping[str, dict], kept: KeptScores) -> list[Job]:
    index = pd.read_parquet(setting.videos / "index.parquet").astype(object)
    rows = index.where(index.notna(), None).to_dict("records")
    rows = [{**row, "other": other_clip(place, rows)} for place, row in enumerate(rows)]
    return [
        Job(row=row, setting=setting, recipe=clips[row["clip_id"]]["recipe"], key=_key(row, clips, setting, kept))
        for row in rows
    ]


def _key(row: dict[str, Any], clips: Mapping[str, dict], setting: Setting, kept: KeptScores) -> str | None:
    """The key of a row: the video, and the clips behind it."""
    if row["file"] is None:
        return None
    encoded = adapter_of(setting.method).encoded
    behind = [clips.get(row[name]) for name in ("clip_id", "identity_clip_id", "other")]
    return kept.key([sha256_of(setting.videos / row["file"]) if encoded else None, *map(repr, behind)])


def other_clip(place: int, rows: list[dict[str, Any]]) -> str | None:
    """The next clip of another person, the first following the last; None where there is no other person."""
    turned = rows[place + 1 :] + rows[:place]
    return next((row["clip_id"] for row in turned if row["person"] != rows[place]["person"]), None)
