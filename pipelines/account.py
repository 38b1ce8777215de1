"""What the report says about the run itself: counts, timings, the sync network's check."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks.degradation import check
from benchmarks.degradation.config import DegradeConfig
from benchmarks.disentanglement import Disentanglement, read_disentanglement
from benchmarks.judges.trial import Trial
from benchmarks.methods.method import model_folders
from benchmarks.methods.registry import METHODS
from benchmarks.report.data import (
    QUALITY,
    DatasetCount,
    Speed,
    StageTiming,
    SyncEvaluation,
    read_judge_trials,
    read_speed,
    read_sync_evaluation,
    read_timing,
)
from pipelines.entrants import Entrant
from pipelines.paths import Paths
from pipelines.runs import adapter_of
from speak.data.ledger import CLIP, MISSING, QUARANTINED
from speak.data.shards import read_rows
from speak.training.ablations import IRFD_ABLATIONS, SPEAK_ABLATIONS

STAGES = (
    "corpus",
    "fetch",
    "preprocess",
    "split",
    "train_sync",
    "train_judges",
    "train_mouth",
    "train_irfd",
    "train_speak",
    "train_baselines",
    "generate",
    "score",
    "degrade",
)

TOLD_REASONS = 20
"""A dataset's row of the page tells at most so many; all stand in ``expected.parquet``."""

PARTICULAR = re.compile(r"\S*[\d/]\S*")
"""Words of a reason that belong to one item: paths and figures."""


def count(dataset: str, paths: Paths) -> DatasetCount:
    """Expected = clips + quarantined + missing, with the reasons."""
    rows = pd.read_parquet(paths.clips(dataset) / "expected.parquet", columns=["status", "reason"])
    return DatasetCount(
        dataset=dataset,
        expected=len(rows),
        clips=int((rows["status"] == CLIP).sum()),
        quarantined=_told(Counter(rows.loc[rows["status"] == QUARANTINED, "reason"])),
        missing=_told(Counter(rows.loc[rows["status"] == MISSING, "reason"])),
        quality=_quality(paths.clips(dataset)),
    )


def _told(reasons: Counter[str]) -> dict[str, int]:
    """Reasons in alphabetical order; where they are many, the most frequent ones without their names and figures."""
    if len(reasons) <= TOLD_REASONS:
        return dict(sorted(reasons.items()))
    kinds: Counter[str] = Counter()
    for reason, number in reasons.items():
        kinds[PARTICULAR.sub("…", reason)] += number
    told = dict(sorted(kinds.most_common(TOLD_REASONS)))
    rest = kinds.total() - sum(told.values())
    return told | ({"other reasons": rest} if rest else {})


def _quality(folder: Path) -> dict[str, tuple[float, float, float]]:
    """By quality column, its 5 % quantile, median and 95 % quantile over the clips that have it."""
    table = pd.DataFrame(read_rows([folder], QUALITY), columns=list(QUALITY)).astype(float)
    known = table.dropna(axis="columns", how="all")
    return {column: tuple(float(v) for v in known[column].quantile([0.05, 0.5, 0.95])) for column in known}


def sync_evaluation(paths: Paths) -> SyncEvaluation | None:
    """The sync network's check; None when no network was trained or no clip could check it."""
    path = paths.model("sync") / "evaluation.json"
    evaluation = read_sync_evaluation(path) if path.exists() else None
    return evaluation if evaluation and evaluation.conditions else None


def judge_trials(paths: Paths) -> dict[str, Trial]:
    """How the judges of faces did on unseen persons; nothing where none was fitted."""
    path = paths.judges / "metrics.json"
    return read_judge_trials(path) if path.exists() else {}


def disentanglement(paths: Paths) -> dict[str, Disentanglement]:
    """The examination of each trained IRFD of the first seed, the full one first; nothing where none was trained."""
    files = {name: paths.examination(name) for name in IRFD_ABLATIONS}
    return {SPEAK_ABLATIONS[name].label: read_disentanglement(file) for name, file in files.items() if file.exists()}


def metric_check(paths: Paths, config: DegradeConfig) -> check.MetricCheck | None:
    """Whether the metrics work; None where they were not tried."""
    return check.metric_check(pd.read_parquet(paths.degradations), config) if paths.degradations.exists() else None


def budgets(paths: Paths, methods: Sequence[Entrant]) -> dict[str, str]:
    """By method, with which parts, how long, on whom and with how many seeds it was trained; others have no entry."""
    found = {}
    for name, models in _models(methods).items():
        figures = [json.loads((paths.model(model) / "metrics.json").read_text()) for model in models]
        seeds = f"{len(models)} seed{'s' if len(models) > 1 else ''} of " if METHODS[name].seeded else ""
        steps = dict.fromkeys(f"{figure['steps']} steps on {figure['persons']} persons" for figure in figures)
        trained = seeds + " and ".join(steps) if figures[0]["steps"] else ""
        found[name] = ", ".join(text for text in (figures[0].get("parts"), trained) if text)
    return found


def training_seconds(paths: Paths, methods: Sequence[Entrant]) -> dict[str, float]:
    """By method, the seconds its own trainings took on this machine, over all seeds, where all were timed."""
    found = {}
    for name, models in _models(methods).items():
        seeded = METHODS[name].seeded
        files = [paths.training_timing(m) if seeded else paths.timings / f"train_{m}.json" for m in models]
        if all(file.exists() for file in files):
            found[name] = sum(read_timing(file).seconds for file in files)
    return found


def speeds(paths: Paths, methods: Sequence[Entrant]) -> dict[str, Speed]:
    """By method, how fast it made its videos on this machine; those without a network, and ablations, are left out."""
    files = {one.name: paths.speed(one) for one in methods if adapter_of(one).models and not one.is_ablation}
    return {name: read_speed(file) for name, file in files.items() if file.exists()}


def _models(methods: Sequence[Entrant]) -> dict[str, list[str]]:
    """By method, the model folders of all its seeds; methods without a model are left out."""
    found: dict[str, list[str]] = {}
    for method in methods:
        for model in model_folders(adapter_of(method), method.seed):
            found.setdefault(method.name, []).append(model)
    return found


def timings(paths: Paths) -> tuple[StageTiming, ...]:
    """The last run of each stage on this machine, in the pipeline's order; a stage taken from a cache has none."""
    found = [read_timing(path) for path in sorted(paths.timings.glob("*.json"))]
    known = [timing for timing in found if timing.stage.partition("@")[0] in STAGES]
    return tuple(sorted(known, key=lambda timing: (STAGES.index(timing.stage.partition("@")[0]), timing.stage)))
