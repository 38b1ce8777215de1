"""What the report says about the run itself: counts, timings, the sync network's check."""

from collections import Counter

from benchmarks.report.data import (
    DatasetCount,
    StageTiming,
    SyncEvaluation,
    read_sync_evaluation,
    read_timing,
)
from pipelines.paths import Paths
from speak.data.ledger import CLIP, MISSING, QUARANTINED, account, read_ledger

STAGES = ("corpus", "fetch", "preprocess", "split", "train_sync", "train_mouth", "generate", "score")


def count(dataset: str, paths: Paths) -> DatasetCount:
    """Expected = clips + quarantined + missing, with the reasons."""
    rows = read_ledger(paths.clips(dataset) / "expected.parquet")
    account(rows)
    reasons = {
        status: Counter(row.reason for row in rows if row.status == status) for status in (QUARANTINED, MISSING)
    }
    return DatasetCount(
        dataset=dataset,
        expected=len(rows),
        clips=sum(row.status == CLIP for row in rows),
        quarantined=dict(sorted(reasons[QUARANTINED].items())),
        missing=dict(sorted(reasons[MISSING].items())),
    )


def sync_evaluation(paths: Paths) -> SyncEvaluation | None:
    """The sync network's check; None when no network was trained or no clip could check it."""
    path = paths.model("sync") / "evaluation.json"
    evaluation = read_sync_evaluation(path) if path.exists() else None
    return evaluation if evaluation and evaluation.conditions else None


def timings(paths: Paths) -> tuple[StageTiming, ...]:
    """The last run of each stage on this machine, in the pipeline's order; a stage taken from a cache has none."""
    found = [read_timing(path) for path in sorted(paths.timings.glob("*.json"))]
    known = [timing for timing in found if timing.stage.partition("@")[0] in STAGES]
    return tuple(sorted(known, key=lambda timing: (STAGES.index(timing.stage.partition("@")[0]), timing.stage)))
