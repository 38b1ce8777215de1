"""Figures and videos of the report, taken from clips and generated videos."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.degradation.check import MetricCheck
from benchmarks.degradation.figure import response_plot
from benchmarks.figures import FigureClip, contact_sheet, figure4, interval_plot
from benchmarks.protocol import Pairing, requests
from benchmarks.report.data import ReportFigure, ReportFile, VideoRow
from benchmarks.study.analysis import Study
from benchmarks.study.correlation import Correlation
from benchmarks.study.figure import correlation_plot
from benchmarks.tables import Table, is_measured
from pipelines.entrants import Entrant
from pipelines.paths import Paths
from pipelines.runs import adapter_of
from speak.data.shards import read_rows
from speak.data.split import SplitConfig
from speak.files import write_bytes
from speak.media.video import read_clip, read_frames

if TYPE_CHECKING:
    from pipelines.report import ReportConfig

FIGURE4_CAPTION = (
    "Figure 4. One test clip of each dataset: the identity frame with the driving sound, the reference, and what each "
    "method makes of it, at frames of equal spacing (orange marks in the sound)."
)
PEOPLE_CAPTION = "Everyone in this run, by dataset and person, as cropped for training and testing."
INTERVALS_CAPTION = (
    "{} as a picture: means and their intervals, filled where best, grey where not ranked; the paper's numbers "
    "are not in it. Two methods whose intervals overlap may still be separated, since their difference is paired."
)

RESPONSES_CAPTION = (
    "Mean change of each metric, up where worse, as a share of its own largest one, by level from mild to strong. "
    "Blue: as expected, red: not as expected, grey: nothing claimed; whiskers: the standard "
    "errors over clips above which a change counts."
)
CORRELATIONS_CAPTION = (
    "Spearman's correlation of each metric with the mean opinion. Dots: over the videos of competing methods, with "
    "intervals in which participants and persons count as random. Diamonds: over the methods' means. A metric that is "
    "better when lower should lie on the left, others on the right."
)


@dataclass(frozen=True)
class Pictures:
    """Writes pictures and videos into the report's folder and names them for the page."""

    paths: Paths
    split: SplitConfig
    index: pd.DataFrame
    methods: list[Entrant]
    config: "ReportConfig"

    @property
    def folders(self) -> list[Path]:
        """Clip folders of all datasets."""
        return [self.paths.clips(dataset) for dataset in self.split.roles]

    def intervals(self, tables: Sequence[Table]) -> dict[int | str, ReportFigure]:
        """Dots and whiskers of the paper's tables, as far as they have numbers, by table key."""
        shown = [table for table in tables if not table.layout.variant and is_measured(table)]
        return {table.layout.key: self._intervals(table) for table in shown}

    def _intervals(self, table: Table) -> ReportFigure:
        name, label = f"table{table.layout.key}.png", f"{table.layout.name}, intervals"
        return self.figure(name, label, interval_plot(table), INTERVALS_CAPTION.format(table.layout.name))

    def responses(self, check: MetricCheck | None) -> ReportFigure | None:
        """What the metrics make of spoiled clips; None where they were not tried."""
        if check is None:
            return None
        return self.figure("degradations.png", "Metrics and spoiled clips", response_plot(check), RESPONSES_CAPTION)

    def correlations(self, found: Sequence[Correlation], study: Study | None) -> ReportFigure | None:
        """Metrics against people's opinions; None where nobody has rated."""
        if study is None or not found:
            return None
        caption = f"{study.mark}. {CORRELATIONS_CAPTION}" if study.mark else CORRELATIONS_CAPTION
        return self.figure(
            "study/correlations.png", "Metrics and opinions", correlation_plot(found, study.mark), caption
        )

    def people(self) -> ReportFigure:
        """The first frame of each person's first clip."""
        first: dict[tuple[str, str], dict] = {}
        for row in read_rows(self.folders, ["dataset", "person"]):
            first.setdefault((row["dataset"], row["person"]), row)
        ids = {row["clip_id"] for row in first.values()}
        found = [
            (f"{row['dataset']} {row['person']}", next(read_frames(row["video"]))[1])
            for row in read_rows(self.folders, ["dataset", "person", "video"], ids)
        ]
        sheet = contact_sheet(found, columns=self.config.people_columns, size=self.config.figure_size)
        return self.figure("people.png", "People", sheet, PEOPLE_CAPTION)

    def figure4(self) -> ReportFigure:
        """The paper's qualitative comparison, on the first test clip of each dataset."""
        clips = self.figure_clips(self.index.drop_duplicates("dataset"), self._played())
        content = figure4(clips, columns=self.config.figure_columns, size=self.config.figure_size)
        return self.figure("figure4.png", "Figure 4", content, FIGURE4_CAPTION)

    def figure_clips(self, chosen: pd.DataFrame, methods: Sequence[Entrant]) -> list[FigureClip]:
        """Rows of the index with the frames of the named methods."""
        fields = ["clip_id", "dataset", "person", "identity_clip_id", "rule"]
        pairings = [Pairing(**row) for row in chosen[fields].to_dict("records")]
        return [
            FigureClip(
                dataset=pairing.dataset,
                clip_id=pairing.clip_id,
                identity=request.identity_frame,
                reference=request.reference_frames,
                methods=self._frames(pairing.clip_id, methods),
                audio=request.audio,
            )
            for pairing, request in zip(pairings, requests(self.folders, pairings), strict=True)
        ]

    def videos(self) -> tuple[VideoRow, ...]:
        """A few clips by every method, copied beside the page."""
        rows = self.index.groupby("dataset", sort=False).head(self.config.videos_per_dataset)
        return tuple(
            VideoRow(
                dataset=row.dataset,
                clip_id=row.clip_id,
                videos=tuple(self._video(method, row.clip_id) for method in self._played()),
            )
            for row in rows.itertuples()
        )

    def figure(self, name: str, label: str, content: bytes, caption: str) -> ReportFigure:
        """Write a picture into the report's folder."""
        write_bytes(self.paths.reports / name, content)
        return ReportFigure(file=ReportFile(label=label, path=name), caption=caption)

    def _frames(self, clip_id: str, methods: Sequence[Entrant]) -> dict[str, np.ndarray | None]:
        """What each method made of a clip; the ground truth is the reference and needs no row of its own."""
        shown = [method for method in methods if adapter_of(method).encoded]
        files = {method: self._file(method, clip_id) for method in shown}
        return {adapter_of(m).label: None if file is None else read_clip(file) for m, file in files.items()}

    def _played(self) -> list[Entrant]:
        """Side by side: everything but the ablations, which Figure 6 shows."""
        return [method for method in self.methods if not method.is_ablation]

    def _video(self, method: Entrant, clip_id: str) -> ReportFile:
        label, file = adapter_of(method).label, self._file(method, clip_id)
        if file is None:
            return ReportFile(label=label, path=None)
        target = Path("videos") / method.name / file.name
        (self.paths.reports / target.parent).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, self.paths.reports / target)
        return ReportFile(label=label, path=str(target))

    def _file(self, method: Entrant, clip_id: str) -> Path | None:
        index = pd.read_parquet(self.paths.generated(method) / "index.parquet")
        (name,) = index.file[index.clip_id == clip_id]
        return None if pd.isna(name) else self.paths.generated(method) / name
