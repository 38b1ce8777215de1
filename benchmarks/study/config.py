"""What a study is made of: ``study.yaml``."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.study.questions import SCORES
from benchmarks.study.rules import Rules
from speak.config import build, read_yaml
from speak.media.video import VideoCodec

CONFIG = Path(__file__).with_name("study.yaml")


@dataclass(frozen=True, kw_only=True)
class MediaConfig:
    """How all videos are stored, whatever made them.

    Attributes:
        sample_rate: of the sound, in Hz.
        loudness_lufs: integrated loudness to which each sound is brought (EBU R128).
    """

    codec: VideoCodec
    sample_rate: int
    loudness_lufs: float


@dataclass(frozen=True, kw_only=True)
class StudyConfig:
    """How many people rate which videos.

    Attributes:
        videos: rated by each participant, without practice and checks.
        methods: keys of score files.
        model_seed: which training of a method.
        clips_per_dataset: at most so many are rated.
        training: practice items.
        contact: whom a participant may ask, as the consent page names them.
        min_watched_share: of a video's length that must have passed before it can be rated.
    """

    participants: int
    videos: int
    seed: int
    datasets: tuple[str, ...]
    methods: tuple[str, ...]
    model_seed: int
    clips_per_dataset: int
    training: int
    contact: str
    media: MediaConfig
    min_watched_share: float
    rules: Rules

    def __post_init__(self):
        least = {"participants": 1, "videos": 2, "clips_per_dataset": 1, "training": 0, "seed": 0}
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise ValueError(f"{name} must be at least {bound}")
        for name, count in (("datasets", 1), ("methods", 2)):
            found = getattr(self, name)
            if len(found) < count or len(set(found)) < len(found):
                raise ValueError(f"{name} needs {count} or more different names")
        if not 0 <= self.min_watched_share <= 1:
            raise ValueError("min_watched_share must lie between 0 and 1")
        if self.rules.trap_answer not in SCORES:
            raise ValueError("rules.trap_answer must be one of the scores 1 to 5")


def read_config(path: Path) -> StudyConfig:
    """Read such a file. Raises UserError naming the key that does not fit."""
    return build(StudyConfig, read_yaml(path), path.name)
