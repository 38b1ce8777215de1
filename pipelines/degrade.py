"""Stage ``degrade``: do the metrics work? A few test clips, spoiled in known ways, scored by every metric.

Each clip first goes through the codec that stores every method's videos; that is the unspoiled clip, and what is
spoiled. Landmarks are found anew wherever the picture has changed.
"""

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import scores as scoring
from benchmarks.degradation.config import DegradeConfig
from benchmarks.degradation.material import Material
from benchmarks.degradation.registry import BEFORE, DEGRADATIONS, UNSPOILED, Degradation
from benchmarks.degradation.trials import COLUMNS, Trial, trials
from benchmarks.judges.files import JudgeFiles, find, judges
from benchmarks.protocol import GenerateConfig, ProtocolConfig, clips_for
from pipelines import stage as stages
from pipelines.cluster import run_each
from pipelines.pairs import clip_pair, face_of, sound_of
from pipelines.training import clips_of, datasets_of
from speak.assets import asset
from speak.data.samples import DecodedClip, decoded_clips
from speak.data.shards import METADATA_COLUMNS, read_rows
from speak.data.split import TEST, SplitConfig
from speak.faces.track import FaceTrack
from speak.files import atomic_path
from speak.media.video import read_clip
from speak.media.writing import VideoCodec, encode_video
from speak.metrics import ClipPair, Measurement, MetricConfig

SECTIONS = {
    "split": SplitConfig,
    "protocol": ProtocolConfig,
    "generate": GenerateConfig,
    "score": MetricConfig,
    "degrade": DegradeConfig,
}

NO_SUBSTITUTE = {
    "stranger": "no long enough test clip of another person of the dataset",
    "emotion": "no long enough test clip of this person with another emotion",
}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What spoiling and scoring a clip needs besides the clip; small, since it travels to the workers."""

    folders: tuple[Path, ...]
    codec: VideoCodec
    frames: int
    seed: int
    metrics: MetricConfig
    judges: JudgeFiles


@dataclass(frozen=True, kw_only=True)
class Job:
    """One clip under one degradation, at each of its levels."""

    trial: Trial
    degradation: str
    levels: tuple[float, ...]


def run(stage: stages.Stage) -> None:
    """Write ``degradations.parquet``."""
    folders, params = datasets_of(stage), stage.params
    config = params["degrade"]
    setting = Setting(
        folders=tuple(folders),
        codec=params["generate"].codec,
        frames=config.frames,
        seed=config.seed,
        metrics=params["score"],
        judges=find(stage.paths.model("sync") / "checkpoint.pt", stage.paths.judges / "checkpoint.pt"),
    )
    rows = list(read_rows(folders, METADATA_COLUMNS))
    chosen = trials(rows, set(clips_of(stage, TEST)), params["protocol"], config)
    levels = {UNSPOILED: BEFORE[1:]} | {name: config.levels_of(name) for name in DEGRADATIONS}
    jobs = [Job(trial=trial, degradation=name, levels=levels[name]) for trial in chosen for name in levels]
    asset("face_landmarker")  # fetched once, before the workers ask for it
    judges(setting.judges)  # an unfit file is a mistake to tell once, not one of every clip
    outcomes = run_each(partial(measure, setting=setting), jobs, stage.cluster, label="degrading")
    found = [outcome.value or _no_rows(job, outcome.error) for job, outcome in zip(jobs, outcomes, strict=True)]
    with atomic_path(stage.paths.degradations) as temporary:
        table = pd.DataFrame([row for rows in found for row in rows], columns=list(COLUMNS))
        table.to_parquet(temporary, index=False)


def measure(job: Job, setting: Setting) -> list[dict[str, Any]]:
    """A row for each level and metric."""
    unspoiled = _unspoiled(job.trial, setting)
    if job.degradation == UNSPOILED:
        return _rows(job, *job.levels, unspoiled, setting)
    degradation = DEGRADATIONS[job.degradation]
    substitute = degradation.substitute and job.trial.substitute(degradation.substitute)
    if degradation.substitute and substitute is None:
        return _no_rows(job, NO_SUBSTITUTE[degradation.substitute])
    material = Material(
        frames=unspoiled.generated_frames,
        landmarks=unspoiled.reference_landmarks,
        audio=unspoiled.audio,
        substitute=substitute and _substitute(substitute, setting),
        codec=setting.codec,
        seed=setting.seed,
    )
    spoiled = {level: _spoiled(unspoiled, degradation, material, level) for level in job.levels}
    return [row for level, pair in spoiled.items() for row in _rows(job, level, pair, setting)]


@lru_cache(maxsize=1)
def _unspoiled(trial: Trial, setting: Setting) -> ClipPair:
    """A clip's start and the same through the codec; asked again for the same, does nothing."""
    clip, identity = clips_for(setting.folders, trial.pairing)
    clip = _start(clip, setting.frames)
    frames = _encoded(clip.frames, setting)
    other = sound_of(setting.folders, trial.stranger)
    return clip_pair(clip, identity, (frames, face_of(frames)), other, setting.judges)


def _spoiled(unspoiled: ClipPair, degradation: Degradation, material: Material, level: float) -> ClipPair:
    if degradation.audio:
        return replace(unspoiled, audio=degradation.audio(material, level))
    frames = degradation.frames(material, level)
    return replace(unspoiled, generated_frames=frames, generated_face=face_of(frames))


def _start(clip: DecodedClip, count: int) -> DecodedClip:
    """The first ``count`` frames of a clip, with their sound."""
    face = FaceTrack(**{name: track[:count] for name, track in vars(clip.face).items()})
    audio = clip.audio[: round(count * len(clip.audio) / len(clip.frames))]
    return replace(clip, frames=clip.frames[:count], face=face, audio=audio)


def _substitute(clip_id: str, setting: Setting) -> np.ndarray:
    (clip,) = decoded_clips(setting.folders, [clip_id], pictures=True)
    return _encoded(clip.frames[: setting.frames], setting)


def _encoded(frames: np.ndarray, setting: Setting) -> np.ndarray:
    return read_clip(encode_video(frames, setting.codec))


def _rows(job: Job, level: float, pair: ClipPair, setting: Setting) -> list[dict[str, Any]]:
    return [_row(job, level, name, found) for name, found in scoring.measure(pair, setting.metrics).items()]


def _no_rows(job: Job, reason: str) -> list[dict[str, Any]]:
    """What could not be spoiled or measured: null, with the reason."""
    nothing = scoring.unmeasured(reason)
    return [_row(job, level, name, found) for level in job.levels for name, found in nothing.items()]


def _row(job: Job, level: float, metric: str, measurement: Measurement) -> dict[str, Any]:
    pairing = job.trial.pairing
    values = (pairing.dataset, pairing.person, pairing.clip_id, job.degradation, level, metric)
    return dict(zip(COLUMNS, (*values, measurement.value, measurement.reason), strict=True))


if __name__ == "__main__":
    from pipelines import degrade  # by name, so that workers can import its functions

    stages.main("degrade", degrade.run, SECTIONS)
