"""What a submission must fit: the test clips, who may be trained on, and the split behind both, in ``benchmark.json``.

A run's report writes its own; that of the embedded ``demo`` profile lies beside this module, so that a submission can
be checked without a run. The metrics are those of the code (``speak.metrics.METRICS``).
"""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.leaderboard.submission import NAME
from speak.config import build
from speak.data.split import TEST, TRAIN
from speak.errors import UserError
from speak.files import write_text

FILE = "benchmark.json"
COMMITTED = Path(__file__).parent
"""Where the benchmarks lie that come with the code, as ``<profile>.json``."""


@dataclass(frozen=True, kw_only=True)
class BenchmarkClip:
    """A clip that every method makes."""

    clip_id: str
    dataset: str
    person: str


@dataclass(frozen=True, kw_only=True)
class Persons:
    """A dataset's persons by side of the split."""

    train: tuple[str, ...]
    test: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """One profile's benchmark.

    Attributes:
        split: hash of the split file, as score rows carry it.
        clips: sorted by id.
        persons: by dataset.
    """

    profile: str
    split: str
    clips: tuple[BenchmarkClip, ...]
    persons: dict[str, Persons]

    @property
    def test_persons(self) -> set[str]:
        """Whom no method may have seen."""
        return {person for persons in self.persons.values() for person in persons.test}


def make_benchmark(profile: str, split_hash: str, split: pd.DataFrame, clips: pd.DataFrame) -> Benchmark:
    """The benchmark of a run.

    Args:
        profile: its name.
        split_hash: of the split file.
        split: that file: ``dataset``, ``person``, ``split``.
        clips: the test clips: ``clip_id``, ``dataset``, ``person``.
    """
    persons = {
        str(dataset): Persons(
            **{side: tuple(sorted(set(rows.loc[rows["split"] == side, "person"]))) for side in (TRAIN, TEST)}
        )
        for dataset, rows in split.groupby("dataset")
    }
    rows = clips[["clip_id", "dataset", "person"]].sort_values("clip_id").to_dict("records")
    return Benchmark(
        profile=profile, split=split_hash, clips=tuple(BenchmarkClip(**row) for row in rows), persons=persons
    )


def write_benchmark(path: Path, benchmark: Benchmark) -> None:
    """Write ``benchmark.json``."""
    write_text(path, json.dumps(dataclasses.asdict(benchmark), indent=1, ensure_ascii=False) + "\n")


def find_benchmark(profile: str) -> Path:
    """The file of a profile's benchmark: the run's in this project, else the one that comes with the code.

    Raises:
        UserError: there is neither.
    """
    if not NAME.fullmatch(profile):
        raise UserError(f"{profile!r} is not a profile's name")
    places = (Path("reports") / profile / FILE, COMMITTED / f"{profile}.json")
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise UserError(f"{places[0]}: not there; run profile {profile} first (`dvc repro`), its report writes it")
    return found


def read_benchmark(path: Path) -> Benchmark:
    """Read ``benchmark.json``. Raises UserError when it does not fit."""
    try:
        return build(Benchmark, json.loads(path.read_text(encoding="utf-8")), str(path))
    except ValueError as error:
        raise UserError(f"{path}: not a JSON file ({error}); run the report stage again") from error
