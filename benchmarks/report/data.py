"""Everything the report page shows, as one typed value. Pipelines gather it; nothing here reads a clip or a
video."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from benchmarks.claims import CheckedClaim
from benchmarks.degradation.check import MetricCheck
from benchmarks.disentanglement import Disentanglement
from benchmarks.floor import Floor
from benchmarks.judges.trial import QUESTIONS, Trial
from benchmarks.study.analysis import Study
from benchmarks.tables import Table
from speak.errors import UserError

QUALITY = {
    "face_share": ("Face found", "share of frames", 3),
    "sharpness": ("Sharpness", "variance of the Laplacian", 0),
    "brightness": ("Brightness", "mean luma of 255", 0),
    "audio_dbfs": ("Sound", "dBFS", 1),
    "speech_share": ("Speech", "share of the sound", 2),
    "sync_offset": ("Sync offset", "frames of 1/25 s", 0),
    "sync_conf": ("Sync confidence", "of the network that measured it", 2),
}
"""Quality columns of a clip: heading, unit and digits in the table of the page."""


@dataclass(frozen=True, kw_only=True)
class DatasetCount:
    """What became of a dataset's items: expected = clips + quarantined + missing.

    Attributes:
        quarantined: reason to number of items.
        missing: reason to number of items that never arrived.
        quality: quality column of the clips to its 5 % quantile, median and 95 % quantile over the clips in which it
            was measured.
    """

    dataset: str
    expected: int
    clips: int
    quarantined: Mapping[str, int]
    missing: Mapping[str, int]
    quality: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)

    def __post_init__(self):
        found = self.clips + sum(self.quarantined.values()) + sum(self.missing.values())
        if found != self.expected:
            raise ValueError(f"{self.dataset}: {self.expected} items expected, {found} accounted for")


@dataclass(frozen=True, kw_only=True)
class SyncCondition:
    """The sync network's mean confidence on one kind of video.

    Attributes:
        low, high: its interval; None without one.
        n: clips.
        offset: median of the offsets found, frames at 25 fps; positive where the sound comes first.
    """

    name: str
    sync_conf: float
    low: float | None
    high: float | None
    n: int
    offset: float | None = None


@dataclass(frozen=True, kw_only=True)
class SyncEvaluation:
    """How well the sync network works on persons it never saw.

    Attributes:
        accuracy: share of windows in which the synchronous sound is told from a shifted one, in [0, 1].
        n: windows.
        conditions: ground truth, shifted, frozen mouth, other clip, in this order.
    """

    accuracy: float
    n: int
    conditions: tuple[SyncCondition, ...]

    @property
    def separates(self) -> bool:
        """Whether the clip itself and its shifted copy score above videos without sync, intervals included."""
        ends = [
            (c.sync_conf if c.low is None else c.low, c.sync_conf if c.high is None else c.high)
            for c in self.conditions
        ]
        return min(low for low, _ in ends[:2]) > max(high for _, high in ends[2:])


@dataclass(frozen=True, kw_only=True)
class SetRow:
    """A method's numbers of a whole dataset.

    Attributes:
        label: its printed name, with the seed where there are several.
        values: by the metric's name; None where it has none.
        n: frames of the method, and as many of the reference.
    """

    dataset: str
    label: str
    values: Mapping[str, float | None]
    n: int


@dataclass(frozen=True, kw_only=True)
class SetTable:
    """FID, KID: the rows that have a value, and the reasons of those that have none."""

    rows: tuple[SetRow, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StageTiming:
    """What a stage's last run cost."""

    stage: str
    seconds: float
    peak_memory_mib: float | None


@dataclass(frozen=True, kw_only=True)
class Speed:
    """What a method spent on all of its videos; memory is that of a whole process at its worst, None: unknown."""

    frames: int
    cpu_seconds: float
    peak_memory_mib: float | None


@dataclass(frozen=True, kw_only=True)
class ReportFile:
    """A picture or video in the report's folder. ``path`` is relative to it and stays inside it; None: there
    is none."""

    label: str
    path: str | None

    def __post_init__(self):
        if self.path is None:
            return
        path = PurePosixPath(self.path)
        if path.is_absolute() or ".." in path.parts or "\\" in self.path or ":" in self.path:
            raise ValueError(f"{self.path!r}: expected a path inside the report's folder")


@dataclass(frozen=True, kw_only=True)
class ReportFigure:
    """A picture with its caption."""

    file: ReportFile
    caption: str


@dataclass(frozen=True, kw_only=True)
class VideoRow:
    """One test clip by every method, side by side."""

    dataset: str
    clip_id: str
    videos: tuple[ReportFile, ...]


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """All inputs of the page.

    Attributes:
        profile: name of the profile.
        stamp: what the profile says about its numbers; None for the paper's own setting.
        datasets: counts, in printed order.
        tables: Tables 1 to 4.
        claims: the claims check.
        sync: the sync network's evaluation, or None where none was made.
        judges: by name, how the judges of faces did on persons they never saw; empty where none was fitted.
        sets: numbers of whole datasets.
        interval_plots: by table key, the picture of its intervals; tables without a number have none.
        figures: Figure 4 and others.
        videos: a few clips side by side.
        timings: one per stage, in the order of the pipeline.
        methods: printed name to one or two sentences.
        provenance: name to value: commit, hashes of parameters, split, recipe, checkpoints.
        training_seconds: by method key, how long its training took on this machine; on the page only, since a table's
            files must not depend on it.
        speeds: by method key, of methods with a network; on the page only, as seconds differ from run to run.
        disentanglement: by printed name, the full IRFD first, then its ablations; empty where none was evaluated.
        seeds: of the methods that are trained once per seed; figures, videos and disentanglement show the first.
        metric_check: whether the metrics work, or None where they were not tried.
        response_plot: its picture, or None.
        study: the analysed user study, or None where nobody has rated.
        correlation_plot: metrics against its opinions, or None.
        floor: by how much methods are better than doing nothing; empty where no still image was scored.
    """

    profile: str
    stamp: str | None
    datasets: tuple[DatasetCount, ...]
    tables: tuple[Table, ...]
    claims: tuple[CheckedClaim, ...]
    sync: SyncEvaluation | None
    interval_plots: Mapping[int | str, ReportFigure]
    figures: tuple[ReportFigure, ...]
    videos: tuple[VideoRow, ...]
    timings: tuple[StageTiming, ...]
    methods: Mapping[str, str]
    provenance: Mapping[str, str]
    training_seconds: Mapping[str, float] = field(default_factory=dict)
    disentanglement: Mapping[str, Disentanglement] = field(default_factory=dict)
    seeds: tuple[int, ...] = ()
    metric_check: MetricCheck | None = None
    response_plot: ReportFigure | None = None
    study: Study | None = None
    correlation_plot: ReportFigure | None = None
    judges: Mapping[str, Trial] = field(default_factory=dict)
    sets: SetTable = SetTable(rows=(), reasons=())
    speeds: Mapping[str, Speed] = field(default_factory=dict)
    floor: Floor = field(default_factory=dict)


def read_sync_evaluation(path: Path) -> SyncEvaluation:
    """Read ``{"accuracy", "n", "conditions": [{"name", "sync_conf", "low", "high", "n", "offset"}]}``."""
    content = _read_json(path)
    try:
        conditions = tuple(SyncCondition(**condition) for condition in content["conditions"])
        return SyncEvaluation(accuracy=content["accuracy"], n=content["n"], conditions=conditions)
    except (KeyError, TypeError) as error:
        raise UserError(f"{path}: not a sync evaluation ({error}); run its stage again") from error


def read_judge_trials(path: Path) -> dict[str, Trial]:
    """Read ``metrics.json`` of the stage ``train_judges``: for each judge the fields of a ``Trial``."""
    content = _read_json(path)
    try:
        return {name: Trial(**content[name]) for name in QUESTIONS}
    except (KeyError, TypeError) as error:
        raise UserError(f"{path}: not the trials of judges ({error}); run the stage train_judges again") from error


def read_timing(path: Path) -> StageTiming:
    """Read ``{"stage", "seconds", "peak_memory_mib"}``; further keys are ignored."""
    content = _read_json(path)
    try:
        memory = content.get("peak_memory_mib")
        return StageTiming(stage=content["stage"], seconds=float(content["seconds"]), peak_memory_mib=memory)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: not a stage's timing ({error}); run the stage again") from error


def read_speed(path: Path) -> Speed:
    """Read the fields of a ``Speed``."""
    try:
        return Speed(**_read_json(path))
    except TypeError as error:
        raise UserError(f"{path}: not a method's speed ({error}); run its generate stage again") from error


def _read_json(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read as JSON ({error}); run its stage again") from error
