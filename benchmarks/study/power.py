"""How many participants separate two methods? Answered by simulation, before anybody is invited."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.ranks import separations
from benchmarks.statistics import StatisticsConfig
from benchmarks.study.analysis import opinion_rows
from benchmarks.study.panel import rating_panel
from benchmarks.study.questions import QUESTIONS
from benchmarks.study.simulation import RaterModel, Scene, simulate
from speak.config import build, read_yaml

CONFIG = Path(__file__).with_name("power.yaml")


@dataclass(frozen=True, kw_only=True)
class PowerConfig:
    """The studies that are simulated.

    Attributes:
        seed: of everything random.
        trials: studies for each number of participants and each difference.
        level: 1 - level is the error allowed for all pairs of a dataset and question.
        participants: numbers of them.
        differences: by how many points of the scale one method is better than all others.
        methods: that compete, the better one included.
        quality: what an average participant means to give to the others.
        datasets, persons, clips_per_person: what is shown; persons are those of one dataset.
        videos: rated by each participant.
        raters: how participants differ.
    """

    seed: int
    trials: int
    level: float
    participants: tuple[int, ...]
    differences: tuple[float, ...]
    methods: int
    quality: float
    datasets: int
    persons: int
    clips_per_person: int
    videos: int
    raters: RaterModel

    def __post_init__(self):
        if min(self.trials, self.datasets, self.clips_per_person, self.videos) < 1 or not 0 < self.level < 1:
            raise ValueError("trials, datasets, clips_per_person and videos must be at least 1, and level in (0, 1)")
        if min(self.methods, self.persons, *self.participants) < 2:
            raise ValueError("methods, persons and participants must be at least 2: one alone has no interval")


@dataclass(frozen=True, kw_only=True)
class Power:
    """What a study of this size would find.

    Attributes:
        separated: share of studies in which the better method is separated from the next, all pairs corrected.
        half_width: mean half width of the difference's interval, uncorrected, in points.
    """

    participants: int
    difference: float
    separated: float
    half_width: float


def read_config(path: Path = CONFIG) -> PowerConfig:
    """The assumptions. Raises UserError by dotted name."""
    return build(PowerConfig, read_yaml(path), str(path))


def powers(config: PowerConfig) -> list[Power]:
    """Simulate every size and difference; one question of the first dataset stands for all."""
    return [_power(number, gap, config) for number in config.participants for gap in config.differences]


def _power(participants: int, difference: float, config: PowerConfig) -> Power:
    statistics = StatisticsConfig(resamples=2, level=config.level, seed=config.seed, min_scored_share=0.0)
    names = [f"method {number}" for number in range(config.methods)]
    quality = dict.fromkeys(names, config.quality) | {names[0]: config.quality + difference}
    scene = Scene(
        participants=participants,
        videos=config.videos,
        clips={f"dataset {number}": _clips(config) for number in range(config.datasets)},
        quality=quality,
        gold_quality=config.quality,
        trap_answer=1,
    )
    found, widths = [], []
    for trial in range(config.trials):
        ratings = simulate(scene, config.raters, config.seed + trial, checks=False)
        own = ratings[(ratings["dataset"] == "dataset 0") & (ratings["question"] == next(iter(QUESTIONS)))]
        panel = rating_panel(opinion_rows(own), names, statistics)
        interval = panel.difference(names[0], names[1])
        found.append(separations(panel, names, higher_is_better=True)[0, 1] == 1)
        widths.append((interval.high - interval.low) / 2)
    return Power(
        participants=participants,
        difference=difference,
        separated=float(np.mean(found)),
        half_width=float(np.mean(widths)),
    )


def _clips(config: PowerConfig) -> list[tuple[str, str]]:
    return [
        (f"clip {person}-{number}", f"person {person}")
        for person in range(config.persons)
        for number in range(config.clips_per_person)
    ]


def power_lines(found: list[Power]) -> list[str]:
    """A table for the terminal: participants × differences."""
    gaps = list(dict.fromkeys(item.difference for item in found))
    lines = ["participants  " + "  ".join(f"{f'{gap:g} points':>22}" for gap in gaps)]
    for number in dict.fromkeys(item.participants for item in found):
        own = [item for item in found if item.participants == number]
        cells = (f"{100 * item.separated:3.0f} %, ±{item.half_width:.2f}" for item in own)
        lines.append(f"{number:12d}  " + "  ".join(f"{cell:>22}" for cell in cells))
    return lines
