"""Which generated videos there are to be rated."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.protocol import spread
from benchmarks.study.config import StudyConfig
from benchmarks.study.plan import SPARE_CLIPS, TRUTH, Clips, Video
from speak.errors import UserError


@dataclass(frozen=True, kw_only=True)
class Material:
    """Videos of the clips that every method has made.

    Attributes:
        files: by video.
        persons: by clip id.
    """

    clips: Clips
    files: dict[Video, Path]
    persons: dict[str, str]


def find_material(generated: Path, config: StudyConfig) -> Material:
    """Look through ``generated/<group>/<method>/<seed>/index.parquet``.

    Raises:
        UserError: there are no videos, a method has none, or too few clips are common to all methods.
    """
    if not generated.is_dir():
        raise UserError(f"{generated}: no generated videos; run `make repro` first")
    tables = {
        method: _table(generated, method, config.model_seed) for method in dict.fromkeys([*config.methods, TRUTH])
    }
    common = set.intersection(*(set(table["clip_id"]) for table in tables.values()))
    rows = tables[TRUTH][tables[TRUTH]["clip_id"].isin(common)]
    rated, spare = {}, {}
    for dataset in config.datasets:
        rated[dataset], spare[dataset] = _parted(rows[rows["dataset"] == dataset], dataset, config.clips_per_dataset)
    files = {
        Video(method, row.dataset, row.clip_id): row.path
        for method, table in tables.items()
        for row in table.itertuples()
        if row.clip_id in common
    }
    return Material(
        clips=Clips(rated=rated, spare=spare),
        files=files,
        persons=dict(zip(rows["clip_id"], rows["person"], strict=True)),
    )


def _table(generated: Path, method: str, seed: int) -> pd.DataFrame:
    """A method's finished videos, each with its path."""
    found = sorted(generated.glob(f"*/{method}/{seed}/index.parquet"))
    if len(found) != 1:
        problem = "several groups have" if found else "no group has"
        raise UserError(
            f"{generated}: {problem} videos of {method!r}, seed {seed}; generate them or name other methods"
        )
    table = pd.read_parquet(found[0])
    table = table[table["file"].notna()]
    return table.assign(path=[found[0].parent / name for name in table["file"]])


def _parted(rows: pd.DataFrame, dataset: str, most: int) -> tuple[Sequence[str], Sequence[str]]:
    """A dataset's clips, spread over persons: those to be rated, and the spare ones."""
    if len(rows) <= SPARE_CLIPS:
        raise UserError(
            f"{dataset}: {len(rows)} clips have videos of all methods; a study needs more than {SPARE_CLIPS} of each "
            "dataset"
        )
    known = rows[["clip_id", "person"]].assign(emotion=None).to_dict("records")
    wanted = [row["clip_id"] for row in spread(known, min(most, len(known) - SPARE_CLIPS))]
    left = [row["clip_id"] for row in known if row["clip_id"] not in set(wanted)]
    return wanted, left[:SPARE_CLIPS]
