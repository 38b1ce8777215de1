"""Stage ``score@GROUP``: every metric on every test clip of each method of a group.

Landmarks of generated frames are found frame by frame, so a score never depends on order or on the number of workers.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.methods.method import model_folders
from benchmarks.protocol import Pairing, Request, request_for
from benchmarks.scores import Provenance, Score, Subject, score_clip, unscored_clip, write_scores
from pipelines import provenance
from pipelines import stage as stages
from pipelines.cluster import run_each
from pipelines.entrants import Entrant, entrants
from pipelines.runs import adapter_of, runs
from pipelines.seeds import AblationsConfig
from pipelines.training import datasets_of
from speak.assets import asset
from speak.data.samples import decoded_clips
from speak.data.shards import read_rows
from speak.data.split import SplitConfig
from speak.faces.landmarker import Landmarker
from speak.inference.sync import SyncScorer
from speak.media.video import read_clip
from speak.metrics import ClipPair, MetricConfig

SECTIONS = {"split": SplitConfig, "score": MetricConfig, "ablations": AblationsConfig}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What scoring one clip needs besides the clip; small, since it travels to the workers.

    ``sync_checkpoint`` is None where no sync network is at hand; its metric is then null with that reason.
    """

    method: Entrant
    videos: Path
    folders: list[Path]
    config: MetricConfig
    sync_checkpoint: Path | None
    origin: Provenance


def run(stage: stages.Stage, group: str) -> None:
    """Score a group's methods; writes ``scores/<group>/<method>/<seed>.parquet``."""
    score(runs(entrants(group), stage.params["ablations"].seeds), stage.paths.model("sync") / "checkpoint.pt", stage)


def score(methods: list[Entrant], sync_checkpoint: Path | None, stage: stages.Stage) -> None:
    """Score every row of each method's index; what could not be generated or scored is null with the reason."""
    settings = [_setting(method, sync_checkpoint, stage) for method in methods]
    jobs = [(row, setting) for setting in settings for row in _index(setting)]
    jobs.sort(key=lambda job: job[0]["clip_id"])  # so that a worker decodes a clip once for several methods
    asset("face_landmarker")  # fetched once, before the workers ask for it
    outcomes = run_each(score_row, jobs, stage.cluster, label="scoring")
    scores: dict[Entrant, list[Score]] = {method: [] for method in methods}
    for (row, setting), outcome in zip(jobs, outcomes, strict=True):
        unscored = unscored_clip(_subject(row, setting), outcome.error, setting.origin) if outcome.error else []
        scores[setting.method] += outcome.value or unscored
    for method in methods:
        write_scores(stage.paths.scores(method), scores[method])


def _setting(method: Entrant, sync_checkpoint: Path | None, stage: stages.Stage) -> Setting:
    folders = model_folders(adapter_of(method), method.seed)
    models = [stage.paths.model(folder) / "checkpoint.pt" for folder in folders]
    origin = Provenance(
        checkpoint="+".join(provenance.file_hash(model) for model in models) or None,
        params=provenance.params_hash(stage.params),
        split=provenance.file_hash(stage.paths.split),
        recipe="",
        code=provenance.code_hash("score"),
    )
    return Setting(
        method=method,
        videos=stage.paths.generated(method),
        folders=datasets_of(stage),
        config=stage.params["score"],
        sync_checkpoint=sync_checkpoint,
        origin=origin,
    )


def _index(setting: Setting) -> list[dict[str, Any]]:
    """The rows of a method's index, each with the clip whose sound is its control."""
    index = pd.read_parquet(setting.videos / "index.parquet").astype(object)
    rows = index.where(index.notna(), None).to_dict("records")
    return [{**row, "other": other_clip(place, rows)} for place, row in enumerate(rows)]


def other_clip(place: int, rows: list[dict[str, Any]]) -> str | None:
    """The next clip of another person, the first following the last; None where there is no other person."""
    turned = rows[place + 1 :] + rows[:place]
    return next((row["clip_id"] for row in turned if row["person"] != rows[place]["person"]), None)


def score_row(job: tuple[dict[str, Any], Setting]) -> list[Score]:
    """Score one clip of a method's index."""
    row, setting = job
    (meta,) = read_rows(setting.folders, ["recipe"], {row["clip_id"]})
    origin = replace(setting.origin, recipe=meta["recipe"])
    subject = _subject(row, setting)
    if row["file"] is None:
        return unscored_clip(subject, row["reason"], origin)
    pairing = Pairing(**{key: row[key] for key in ("clip_id", "dataset", "person", "identity_clip_id", "rule")})
    request = request_for(tuple(setting.folders), pairing)
    return score_clip(subject, _pair(request, row, setting), setting.config, origin)


def _pair(request: Request, row: dict[str, Any], setting: Setting) -> ClipPair:
    frames, landmarks = request.reference_frames, request.reference_landmarks
    if adapter_of(setting.method).encoded:
        frames = read_clip(setting.videos / row["file"])
        landmarks = _landmarker(asset("face_landmarker")).detect(frames).landmarks
    return ClipPair(
        reference_frames=request.reference_frames,
        generated_frames=frames,
        reference_landmarks=request.reference_landmarks,
        generated_landmarks=landmarks,
        audio=request.audio,
        other_audio=_sound(setting.folders, row["other"]) if row["other"] else None,
        still_landmarks=np.broadcast_to(request.identity_landmarks, request.reference_landmarks.shape),
        embed=_embed(setting.sync_checkpoint),
    )


def _sound(folders: list[Path], clip_id: str) -> np.ndarray:
    (clip,) = decoded_clips(folders, [clip_id], pictures=False)
    return clip.audio


def _subject(row: dict[str, Any], setting: Setting) -> Subject:
    method, fields = setting.method, {name: row[name] for name in ("dataset", "clip_id", "person")}
    return Subject(method=method.name, seed=method.seed, **fields)


@cache
def _landmarker(model: Path) -> Landmarker:
    """One landmarker per worker process; it keeps no state between frames."""
    return Landmarker(model)


@cache
def _embed(checkpoint: Path | None) -> Callable | None:
    return None if checkpoint is None else SyncScorer(checkpoint).embed


if __name__ == "__main__":
    from pipelines import score  # by name, so that workers can import its functions

    stages.main("score", score.run, SECTIONS)
