"""Where each stage of a profile reads and writes. Every path carries the profile, so profiles never mix."""

from dataclasses import dataclass
from pathlib import Path

from pipelines.entrants import Entrant


@dataclass(frozen=True)
class Paths:
    """The folders of one profile, relative to the project's root."""

    profile: str

    @property
    def work(self) -> Path:
        """Everything the profile makes apart from its reports."""
        return Path("work") / self.profile

    def mirror(self, dataset: str) -> Path:
        """The embedded corpus's copy of a dataset, in that dataset's own layout."""
        return self.work / "mirror" / dataset

    def raw(self, dataset: str) -> Path:
        """What ``fetch`` obtained, in the dataset's own layout."""
        return self.work / "raw" / dataset

    def ledger(self, dataset: str) -> Path:
        """What ``fetch`` expected, and what became of each item."""
        return self.work / "ledger" / f"{dataset}.parquet"

    def attempts(self, dataset: str) -> Path:
        """Every time a file was asked for over a network; beside the outputs, never part of them."""
        return self.work / "attempts" / dataset

    def clips(self, dataset: str) -> Path:
        """Clip shards, and the account of every expected item."""
        return self.work / "clips" / dataset

    def partial(self, stage: str) -> Path:
        """Finished pieces of an unfinished stage; survives a kill, emptied when the stage is done."""
        return self.work / "partial" / stage

    def kept(self, stage: str) -> Path:
        """Finished pieces that outlive the stage: it takes those that are still true."""
        return self.work / "kept" / stage

    @property
    def split(self) -> Path:
        """Which clip is for training and which for testing."""
        return self.work / "split.parquet"

    def model(self, name: str) -> Path:
        """Checkpoint and log of a trained network."""
        return self.work / "models" / name

    @property
    def judges(self) -> Path:
        """The judges of faces. Not among the models, so that fitting them anew generates nothing anew."""
        return self.work / "judges"

    def generated(self, method: Entrant) -> Path:
        """Videos a method generated for the test clips, with their index."""
        return self.work / "generated" / method.group / method.name / str(method.seed)

    def scores(self, method: Entrant) -> Path:
        """Score records of a method."""
        return self.work / "scores" / method.group / method.name / f"{method.seed}.parquet"

    @property
    def degradations(self) -> Path:
        """Every metric on test clips that were spoiled in known ways."""
        return self.work / "degradations.parquet"

    def set_scores(self, method: Entrant) -> Path:
        """Its numbers of whole datasets; apart, so that every file among the scores has one form."""
        return self.work / "sets" / method.group / method.name / f"{method.seed}.parquet"

    def examination(self, ablation: str) -> Path:
        """What a trained IRFD's codes hold and move."""
        return self.work / "examination" / f"{ablation}.json"

    @property
    def study(self) -> Path:
        """Ratings of this profile's videos with their design; the user puts them there, or into ``study`` itself."""
        common = Path("study")
        own = common / self.profile
        return own if own.is_dir() or not (common / "ratings.parquet").is_file() else common

    @property
    def timings(self) -> Path:
        """Seconds and memory of each stage's last run; beside the outputs, never part of them."""
        return self.work / "timings"

    def speed(self, method: Entrant) -> Path:
        """What a method spent on its videos."""
        return self.timings / "making" / method.name / f"{method.seed}.json"

    def training_timing(self, model: str) -> Path:
        """The same of one training of several in a stage; ``model`` as in ``model``."""
        return self.timings / "models" / f"{model}.json"

    @property
    def reports(self) -> Path:
        """Tables, figures and the page."""
        return Path("reports") / self.profile

    @property
    def leaderboard(self) -> Path:
        """The leaderboard's site."""
        return Path("reports") / "leaderboard" / self.profile
