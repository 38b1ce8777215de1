"""Stage ``leaderboard``: the static site, from score files, submissions and the methods' videos."""

import shutil
from dataclasses import dataclass

import pandas as pd

from benchmarks.leaderboard.board import make_board
from benchmarks.leaderboard.entries import run_entry
from benchmarks.leaderboard.guests import admitted, guest_entry, guest_rows
from benchmarks.leaderboard.site import Site, write_site
from benchmarks.leaderboard.submission import FOLDER, read_submissions
from benchmarks.leaderboard.videos import copy_videos
from benchmarks.scores import read_scores
from benchmarks.statistics import StatisticsConfig
from pipelines import provenance
from pipelines import stage as stages
from pipelines.entrants import entrants
from pipelines.runs import first_runs, runs
from pipelines.seeds import AblationsConfig


@dataclass(frozen=True, kw_only=True)
class LeaderboardConfig:
    """What the site holds.

    Attributes:
        videos_per_dataset: clips whose videos lie in the site, at equal spacing; null: all.
    """

    videos_per_dataset: int | None

    def __post_init__(self):
        if self.videos_per_dataset is not None and self.videos_per_dataset < 1:
            raise ValueError("videos_per_dataset must be at least 1, or null for all")


SECTIONS = {"leaderboard": LeaderboardConfig, "statistics": StatisticsConfig, "ablations": AblationsConfig}


def run(stage: stages.Stage) -> None:
    """Write the site into ``reports/leaderboard/<profile>``; what lay there is replaced."""
    methods = runs(entrants(), stage.params["ablations"].seeds)
    scores = read_scores([stage.paths.scores(method) for method in methods])
    split = scores["split"].iloc[0]
    submissions, left_out = admitted(read_submissions(FOLDER), split)
    guests = guest_rows(submissions)
    first = first_runs(methods)
    entries = [*(run_entry(method.name) for method in first), *(guest_entry(one.card) for one in submissions)]
    index = pd.read_parquet(stage.paths.generated(methods[0]) / "index.parquet")
    expected = index.groupby("dataset").size().to_dict()
    board = make_board(scores, guests, entries, stage.params["statistics"], expected)
    out = stage.paths.leaderboard
    shutil.rmtree(out, ignore_errors=True)
    # Ablations have pages without videos: there are many, and the report's Figure 6 shows them.
    played = {method.name: stage.paths.generated(method) for method in first if not method.is_ablation}
    videos = copy_videos(out, played, index, stage.params["leaderboard"].videos_per_dataset)
    site = Site(
        profile=stage.profile,
        stamp=stage.stamp or None,
        level=stage.params["statistics"].level,
        origins={
            "commit": provenance.commit(),
            "profile's file": provenance.file_hash(stages.profile_file(stage.profile)),
            "split": split,
        },
        left_out=left_out,
    )
    write_site(out, site, board, pd.concat([scores, guests]), videos)


if __name__ == "__main__":
    from pipelines import leaderboard  # by name, as the other stages

    stages.main("leaderboard", leaderboard.run, SECTIONS)
