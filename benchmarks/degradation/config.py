"""How strongly and on how many clips the metrics are tried."""

from dataclasses import dataclass

from benchmarks.degradation.registry import DEGRADATIONS, WHOLE


@dataclass(frozen=True, kw_only=True)
class DegradeConfig:
    """Clips, levels, and what counts as a change.

    Attributes:
        clips_per_dataset: at most so many test clips of each dataset, spread over persons.
        frames: of each clip, from its start; shorter clips are not taken.
        levels: of each degradation that has several, from mild to strong, in its own unit.
        seed: of noise and jitter.
        least_share: a mean change counts only above this share of the metric's largest one under any degradation.
        standard_errors: and above so many standard errors over clips.
        min_measured_share: in (0, 1]; a level is not measured when fewer of the clips have a number.
    """

    clips_per_dataset: int
    frames: int
    levels: dict[str, tuple[float, ...]]
    seed: int
    least_share: float
    standard_errors: float
    min_measured_share: float

    def __post_init__(self):
        graded = [name for name, degradation in DEGRADATIONS.items() if degradation.unit]
        if sorted(self.levels) != sorted(graded):
            raise ValueError(f"levels of {', '.join(graded)} wanted, got those of {', '.join(self.levels)}")
        for name, levels in self.levels.items():
            if not levels or min(levels) <= 0 or sorted(set(levels)) != list(levels):
                raise ValueError(f"levels.{name}: positive and rising numbers wanted, got {list(levels)}")
        if self.clips_per_dataset < 1 or self.frames < 1:
            raise ValueError("clips_per_dataset and frames must be at least 1")
        if not 0 <= self.least_share < 1 or self.standard_errors < 0:
            raise ValueError("least_share must be in [0, 1), standard_errors at least 0")
        if not 0 < self.min_measured_share <= 1:
            raise ValueError(f"min_measured_share must be in (0, 1], got {self.min_measured_share}")

    def levels_of(self, degradation: str) -> tuple[float, ...]:
        """The levels of one degradation, from mild to strong."""
        return self.levels.get(degradation, (WHOLE,))
