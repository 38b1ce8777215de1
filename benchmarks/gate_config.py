"""What the gate guards, and how far a number may move: ``gate.yaml``."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.statistics import StatisticsConfig
from speak.config import build, read_yaml
from speak.metrics import METRICS

CONFIG = Path(__file__).with_name("gate.yaml")


@dataclass(frozen=True, kw_only=True)
class Floor:
    """How far a mean must move to count.

    Attributes:
        absolute: in the metric's unit.
        relative: share of the baseline's mean.
    """

    absolute: float
    relative: float

    def __post_init__(self):
        if not (self.absolute >= 0 and self.relative >= 0):
            raise ValueError("floors must be 0 or more")


@dataclass(frozen=True, kw_only=True)
class GateConfig:
    """What is guarded, and how sharply.

    Attributes:
        resamples, level, seed: of the intervals, as in ``StatisticsConfig``.
        methods: those guarded; None for all that the baseline has.
        ignored_metrics: names of metrics that say nothing about quality, such as controls.
        default: floor of a metric without one of its own.
        floors: by metric name.
    """

    resamples: int
    level: float
    seed: int
    methods: tuple[str, ...] | None
    ignored_metrics: tuple[str, ...]
    default: Floor
    floors: dict[str, Floor]

    def __post_init__(self):
        unknown = sorted({*self.ignored_metrics, *self.floors} - METRICS.keys())
        if unknown:
            raise ValueError(f"{unknown[0]}: no such metric; metrics are {', '.join(METRICS)}")
        _ = self.statistics  # checks the numbers

    @property
    def statistics(self) -> StatisticsConfig:
        """How intervals are made; a clip that only one side scored is no reason to leave out a method here."""
        return StatisticsConfig(resamples=self.resamples, level=self.level, seed=self.seed, min_scored_share=0.0)


def read_config(path: Path = CONFIG) -> GateConfig:
    """The floors and what is guarded. Raises UserError by dotted name."""
    return build(GateConfig, read_yaml(path), str(path))
