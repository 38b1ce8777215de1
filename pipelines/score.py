"""Stage ``score@GROUP``: every metric on every test clip of each method of a group.

Landmarks of generated frames are found frame by frame, so a score never depends on order or on the number of workers.
What was found in a clip is kept by content (``pipelines.kept_scores``).
"""

from functools import partial
from typing import Any

from benchmarks.judges.files import JudgeFiles, find, inception, judges
from benchmarks.protocol import Pairing, clips_for
from benchmarks.scores import measure, scores_of, write_scores
from benchmarks.set_scores import Features, SetConfig, score_sets, write_set_scores
from pipelines import stage as stages
from pipelines.cluster import run_each
from pipelines.entrants import Entrant, entrants
from pipelines.kept_scores import KeptScores, Seen, unseen
from pipelines.pairs import clip_pair, face_of, sound_of
from pipelines.runs import adapter_of, runs
from pipelines.score_jobs import Job, Setting, jobs_of, kept_of, setting_of
from pipelines.seeds import AblationsConfig
from speak.assets import asset
from speak.data.split import SplitConfig
from speak.media.video import read_clip
from speak.metrics import ClipPair, MetricConfig, Missing

SECTIONS = {"split": SplitConfig, "score": MetricConfig, "sets": SetConfig, "ablations": AblationsConfig}


def run(stage: stages.Stage, group: str) -> None:
    """Score a group's methods; writes ``<group>/<method>/<seed>.parquet`` in ``scores`` and in ``sets``."""
    files = find(stage.paths.model("sync") / "checkpoint.pt", stage.paths.judges / "checkpoint.pt")
    score(runs(entrants(group), stage.params["ablations"].seeds), files, stage)


def score(methods: list[Entrant], files: JudgeFiles, stage: stages.Stage) -> None:
    """Score every row of each method's index; what could not be generated or scored is null with the reason.

    What was seen before of the same content is not looked at again.
    """
    settings = [setting_of(method, files, stage) for method in methods]
    kept = kept_of(files, stage)
    jobs = jobs_of(settings, kept)
    jobs.sort(key=lambda job: job.row["clip_id"])  # so that a worker decodes a clip once for several methods
    judges(files)  # an unfit file is a mistake to tell once, not one of every clip
    inception(files)
    seen = _see_all(jobs, kept, stage)
    kept.forget_others(job.key for job in jobs if job.key)
    for setting in settings:
        _write({job: found for job, found in seen.items() if job.setting is setting}, setting, stage)


def _see_all(jobs: list[Job], kept: KeptScores, stage: stages.Stage) -> dict[Job, Seen]:
    """Of each job what is kept, what is measured now, or why nothing can be."""
    seen = {job: kept.read(job.key) if job.key else unseen(job.row["reason"]) for job in jobs}
    still_open = [job for job in jobs if seen[job] is None]
    if still_open:
        asset("face_landmarker")  # fetched once, before the workers ask for it
    outcomes = run_each(partial(see, kept=kept), still_open, stage.cluster, label="scoring")
    for job, outcome in zip(still_open, outcomes, strict=True):
        seen[job] = unseen(outcome.error) if outcome.error else outcome.value
    return seen


def _write(seen: dict[Job, Seen], setting: Setting, stage: stages.Stage) -> None:
    method = setting.method
    scores = [score for job, found in seen.items() for score in scores_of(job.subject, found.measured, job.origin)]
    write_scores(stage.paths.scores(method), scores)
    network = inception(setting.judges)
    features = (
        network if isinstance(network, Missing) else [found.features for found in seen.values() if found.features]
    )
    sets = score_sets(method.name, method.seed, {score.dataset for score in scores}, features, setting.origin)
    write_set_scores(stage.paths.set_scores(method), sets)


def see(job: Job, kept: KeptScores) -> Seen:
    """Measure one clip of a method, and keep what was found."""
    row, setting = job.row, job.setting
    pairing = Pairing(**{key: row[key] for key in ("clip_id", "dataset", "person", "identity_clip_id", "rule")})
    clip, identity = clips_for(tuple(setting.folders), pairing)
    frames, face = clip.frames, clip.face
    if adapter_of(setting.method).encoded:
        frames = read_clip(setting.videos / row["file"])
        face = face_of(frames)
    pair = clip_pair(clip, identity, (frames, face), sound_of(setting.folders, row["other"]), setting.judges)
    found = Seen(measured=measure(pair, setting.config), features=_features(pair, row, setting))
    kept.write(job.key, found)
    return found


def _features(pair: ClipPair, row: dict[str, Any], setting: Setting) -> Features | None:
    network = inception(setting.judges)
    if isinstance(network, Missing) or len(pair.generated_frames) != len(pair.reference_frames):
        return None
    reference, generated = (
        network.features(frames[:: setting.sets.every]) for frames in (pair.reference_frames, pair.generated_frames)
    )
    return Features(dataset=row["dataset"], reference=reference, generated=generated)


if __name__ == "__main__":
    from pipelines import score  # by name, so that workers can import its functions

    stages.main("score", score.run, SECTIONS)
