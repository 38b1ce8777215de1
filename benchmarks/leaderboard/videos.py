"""Which videos lie in the site: a method's beside the ground truth's, of some clips or all."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from speak.data.clip import file_stem

TRUTH = "ground_truth"
"""The method whose videos stand on the left."""


@dataclass(frozen=True, kw_only=True)
class Videos:
    """Videos in the site's folder ``videos``.

    Attributes:
        files: by method key and clip id, the file's name.
        reasons: by method key and clip id, why there is none.
    """

    files: Mapping[tuple[str, str], str] = field(default_factory=dict)
    reasons: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def has(self, method: str) -> bool:
        """Whether any of a method's clips can be watched."""
        return any(key == method for key, _ in self.files)

    def address(self, method: str, clip_id: str) -> str | None:
        """A video's address on a method's page; None where there is none."""
        name = self.files.get((method, clip_id))
        if name is None:
            return None
        return f"../videos/{quote(file_stem(method))}/{quote(name)}"

    def missing(self, method: str, clip_id: str) -> str | None:
        """Why a method has no video of a clip."""
        return self.reasons.get((method, clip_id))


def copy_videos(site: Path, sources: Mapping[str, Path], index: pd.DataFrame, per_dataset: int | None) -> Videos:
    """Copy videos beside the pages.

    Args:
        site: the site's root.
        sources: by method key, the folder with its videos and their ``index.parquet``.
        index: rows of the clips, with ``dataset`` and ``clip_id``.
        per_dataset: clips of each dataset, at equal spacing; None: all.
    """
    wanted = set(chosen_clips(index, per_dataset))
    files, reasons = {}, {}
    for method, folder in sources.items():
        target = site / "videos" / file_stem(method)
        target.mkdir(parents=True, exist_ok=True)
        rows = pd.read_parquet(folder / "index.parquet")
        for clip_id, name, reason in rows[["clip_id", "file", "reason"]].itertuples(index=False):
            if clip_id not in wanted:
                continue
            if pd.isna(name):
                reasons[method, clip_id] = reason
            else:
                shutil.copyfile(folder / name, target / name)
                files[method, clip_id] = name
    return Videos(files=files, reasons=reasons)


def chosen_clips(index: pd.DataFrame, per_dataset: int | None) -> Sequence[str]:
    """Clip ids, the same number of each dataset and spread over it."""
    ids = [list(rows["clip_id"]) for _, rows in index.groupby("dataset", sort=False)]
    if per_dataset is None:
        return [name for found in ids for name in found]
    counts = [min(per_dataset, len(found)) for found in ids]
    return [found[i * len(found) // n] for found, n in zip(ids, counts, strict=True) for i in range(n)]
