"""Figures 5 and 6: what IRFD's codes carry, and what each ablation looks like."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks.figures_irfd import figure5, figure6
from benchmarks.layout import FULL_MODEL
from benchmarks.probe_clips import load_irfd
from benchmarks.report.data import ReportFigure
from benchmarks.swap_grid import CAPTION, SMALL_NOTE, shown, swap_row
from pipelines.pictures import Pictures
from speak.data.samples import DecodedClip, decoded_clips
from speak.inference.talker import Talker
from speak.training.ablations import FULL

PAIRS = 3
FIGURE6_CAPTION = "Figure 6. One test clip: the driving clip, SPEAK, and SPEAK without each part (Tables 3 and 4)."


def swaps(pictures: Pictures) -> ReportFigure | None:
    """Figure 5, from the first test clip of each of several persons; None where SPEAK does not take part."""
    seeds = [method.seed for method in pictures.methods if method.name == FULL_MODEL.method]
    if not seeds:
        return None
    irfd, speak = (pictures.paths.model(f"{family}/{FULL}/{seeds[0]}") for family in ("irfd", "speak"))
    model, inside = load_irfd(irfd / "checkpoint.pt"), Talker(speak / "checkpoint.pt").model.inside
    clips = _of_different_persons(pictures.index, pictures.folders)
    faces = [shown(model, clip, len(clip.frames) // 2) for clip in clips]
    rows = [swap_row(model, inside, one, other) for one, other in zip(faces[::2], faces[1::2], strict=False)]
    content = figure5(rows, size=pictures.config.figure_size)
    caption = CAPTION if model.basis is None else f"{CAPTION} {SMALL_NOTE}"
    return pictures.figure("figure5.png", "Figure 5", content, caption)


def ablations(pictures: Pictures) -> ReportFigure | None:
    """Figure 6, on the first test clip; None where no ablation takes part."""
    methods = [method for method in pictures.methods if method.name.startswith("speak")]
    if len(methods) < 2:
        return None
    clip = pictures.figure_clips(pictures.index.head(1), methods)[0]
    config = pictures.config
    content = figure6(clip, columns=config.figure_columns, size=config.figure_size)
    return pictures.figure("figure6.png", "Figure 6", content, FIGURE6_CAPTION)


def _of_different_persons(index: pd.DataFrame, folders: Sequence[Path]) -> list[DecodedClip]:
    """The last clip of each person (the first is often the neutral one), for as many as the figure shows."""
    ids = index.drop_duplicates("person", keep="last").clip_id.head(2 * PAIRS).tolist()
    return list(decoded_clips(folders, ids, pictures=True))
