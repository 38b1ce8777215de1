"""Figures as PNG bytes: the same input gives the same bytes.

* ``figure4``: the paper's qualitative grid. Rows are the identity frame with the driving sound, the reference and
  the methods; columns are frames at equal spacing of one test clip of each dataset.
* ``contact_sheet``: one picture per person of a corpus.
* ``interval_plot``: every mean of a table with its interval.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from benchmarks.canvas import (
    ACCENT,
    BLOCK_GAP,
    FAINT,
    GAP,
    HEAD,
    INK,
    MUTED,
    SIDE,
    WARNING,
    absent,
    fitted,
    font,
    picture,
    png,
    short,
)
from benchmarks.table_text import heading
from benchmarks.tables import Table, dataset_title

MARK_IN = 0.4
"""Inches for a warning above a figure."""


@dataclass(frozen=True, kw_only=True)
class FigureClip:
    """One dataset's clip in Figure 4.

    Attributes:
        identity: (H, W, 3) uint8 RGB, the frame a method was given.
        reference: (T, H, W, 3) uint8 RGB.
        methods: by printed name, (T, H, W, 3) uint8 RGB or None where a method has no video of this clip.
        audio: (S,) float32 in [-1, 1], as long as the video.
    """

    dataset: str
    clip_id: str
    identity: np.ndarray
    reference: np.ndarray
    methods: Mapping[str, np.ndarray | None]
    audio: np.ndarray


def figure4(clips: Sequence[FigureClip], *, columns: int, size: int) -> bytes:
    """The qualitative grid as PNG.

    Args:
        clips: one per dataset, side by side; the methods of the first give the rows.
        columns: frames per clip.
        size: pixels of one picture's side.
    """
    labels = ["Identity, sound", "Reference", *clips[0].methods]
    block = columns * size + (columns - 1) * GAP
    width = SIDE + len(clips) * block + (len(clips) - 1) * BLOCK_GAP + GAP
    canvas = Image.new("RGB", (width, HEAD + len(labels) * (size + GAP)), "white")
    draw = ImageDraw.Draw(canvas)
    for index, label in enumerate(labels):
        middle = HEAD + index * (size + GAP) + size // 2
        draw.text((SIDE - 14, middle), short(label), INK, font(16), anchor="rm")
    for index, clip in enumerate(clips):
        _draw_block(canvas, clip, labels[2:], SIDE + index * (block + BLOCK_GAP), columns, size)
    return png(canvas)


def _draw_block(
    canvas: Image.Image, clip: FigureClip, methods: Sequence[str], left: int, columns: int, size: int
) -> None:
    draw = ImageDraw.Draw(canvas)
    draw.text((left, 6), dataset_title(clip.dataset), INK, font(18))
    draw.text((left, 30), clip.clip_id, MUTED, font(13))
    chosen = equal_spacing(len(clip.reference), columns)
    canvas.paste(picture(clip.identity, size), (left, HEAD))
    _draw_sound(draw, clip, chosen, (left + size + GAP, HEAD, left + columns * (size + GAP) - GAP, HEAD + size))
    for row, frames in enumerate([clip.reference, *(clip.methods.get(name) for name in methods)], start=1):
        top = HEAD + row * (size + GAP)
        for column, frame in enumerate(chosen):
            corner = (left + column * (size + GAP), top)
            if frames is None:
                absent(draw, corner, size, "no video")
            else:
                canvas.paste(picture(frames[min(frame, len(frames) - 1)], size), corner)


def equal_spacing(num_frames: int, columns: int) -> list[int]:
    """Frame indices in the middles of ``columns`` equal parts of a clip."""
    return [int((2 * i + 1) * num_frames / (2 * columns)) for i in range(columns)]


def _draw_sound(draw: ImageDraw.ImageDraw, clip: FigureClip, chosen: Sequence[int], box: tuple) -> None:
    """The driving sound's envelope over the clip, with a line at each frame that is shown."""
    left, top, right, bottom = box
    middle, half = (top + bottom) / 2, (bottom - top) / 2 - 8
    edges = np.linspace(0, len(clip.audio), right - left + 1).astype(int)
    peaks = np.array([np.abs(clip.audio[a:b]).max(initial=0) for a, b in pairwise(edges)])
    for frame in chosen:
        x = left + (frame + 0.5) / len(clip.reference) * (right - left)
        draw.line((x, top, x, bottom - 1), FAINT, 2)
    for x, peak in enumerate(peaks / max(peaks.max(initial=0), 1e-6)):
        draw.line((left + x, middle - half * peak, left + x, middle + half * peak), ACCENT)


def contact_sheet(pictures: Sequence[tuple[str, np.ndarray]], *, columns: int, size: int) -> bytes:
    """One picture per person with its name below, as PNG.

    Args:
        pictures: (name, (H, W, 3) uint8 RGB) each.
        columns: pictures in a row.
        size: pixels of one picture's side.
    """
    line = size + 24
    rows = -(-len(pictures) // columns)
    canvas = Image.new("RGB", (columns * (size + GAP) + GAP, rows * (line + GAP) + GAP), "white")
    draw = ImageDraw.Draw(canvas)
    for index, (name, face) in enumerate(pictures):
        left, top = GAP + index % columns * (size + GAP), GAP + index // columns * (line + GAP)
        canvas.paste(picture(face, size), (left, top))
        draw.text((left + size / 2, top + size + 4), fitted(name, font(13), size), MUTED, font(13), anchor="ma")
    return png(canvas)


def interval_plot(table: Table) -> bytes:
    """Dot and whisker for every measured mean of a table, one panel per dataset and column, as PNG."""
    columns = [column for column in table.layout.columns if not column.companion]
    measured = [row for row in table.rows if any(cell.value is not None and cell.row == row for cell in _cells(table))]
    figure = Figure(figsize=(2.3 * len(columns) + 1.4, (0.34 * max(len(measured), 1) + 0.95) * len(table.datasets)))
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(table.datasets), len(columns), squeeze=False, sharey=True)
    for line, dataset in zip(axes, table.datasets, strict=True):
        for axis, column in zip(line, columns, strict=True):
            _draw_intervals(axis, [table.cell(row, dataset, column) for row in measured])
            axis.set_title(heading(column), fontsize=10, color=INK)
        line[0].set_yticks(range(len(measured)), [row.label for row in measured], fontsize=9)
        line[0].set_ylabel(dataset_title(dataset), fontsize=11, color=INK)
        line[0].set_ylim(len(measured) - 0.4, -0.6)
    finish(figure, "" if table.source == "measured" else table.stamp or table.source)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=150, metadata={"Software": None})
    return stream.getvalue()


def finish(figure: Figure, mark: str) -> None:
    """Tighten a figure, with a warning above everything, or none for ""."""
    height = figure.get_figheight()
    if mark:
        figure.text(0.5, 1 - MARK_IN / 2 / height, mark, color=WARNING, weight="bold", ha="center", va="center")
    figure.tight_layout(rect=(0, 0, 1, 1 - MARK_IN / height if mark else 1))


def _cells(table: Table) -> Sequence:
    return tuple(table.cells.values())


def _draw_intervals(axis, cells: Sequence) -> None:
    for position, cell in enumerate(cells):
        color = ACCENT if cell.row.ranked else MUTED
        if cell.value is None:
            continue
        if cell.low is not None:
            axis.plot([cell.low, cell.high], [position, position], color=color, linewidth=1.6)
        filled = color if cell.best else "white"
        axis.plot(cell.value, position, "o", color=color, markersize=5.5, markerfacecolor=filled)
    axis.grid(axis="x", color=FAINT, linewidth=0.8)
    axis.set_axisbelow(True)
    axis.tick_params(labelsize=8, length=0, colors=MUTED)
    axis.margins(x=0.12)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.spines["bottom"].set_color(FAINT)
