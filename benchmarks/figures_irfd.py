"""Figures 5 and 6: what the codes hold, and what each loss is for.

* ``figure5``: two clips of different persons, and what the decoder makes of the source when one of its three codes is
  replaced by the target's.
* ``figure6``: one test clip by the full model and by each ablation, at the same frames.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.canvas import GAP, HEAD, INK, MUTED, absent, fitted, font, picture, png
from benchmarks.figures import FigureClip, figure4

FACTORS = ("identity", "emotion", "pose")
COLUMNS = ("source", "target", "rebuilt", *FACTORS)
TITLES = {
    "source": "Source",
    "target": "Target",
    "rebuilt": "Source, rebuilt",
    **{factor: f"Target’s {factor}" for factor in FACTORS},
}
LINE = 22


@dataclass(frozen=True, kw_only=True)
class SwapRow:
    """One pair of frames in Figure 5.

    Attributes:
        source, target: (H, W, 3) uint8 RGB, real frames of two persons' test clips.
        rebuilt: the source's own codes decoded: (H, W, 3) uint8 RGB, or None.
        swapped: by factor, the source with that code of the target: (H, W, 3) uint8 RGB, or None where it cannot be
            drawn.
        source_name, target_name: printed under the two.
    """

    source: np.ndarray
    target: np.ndarray
    rebuilt: np.ndarray | None
    swapped: Mapping[str, np.ndarray | None]
    source_name: str
    target_name: str


def figure5(rows: Sequence[SwapRow], *, size: int) -> bytes:
    """The swap grid as PNG: one row a pair; columns in the order of ``COLUMNS``.

    Args:
        rows: pairs of frames of different persons.
        size: pixels of one picture's side.
    """
    step, line = size + GAP, size + LINE
    canvas = Image.new("RGB", (len(COLUMNS) * step + GAP, HEAD // 2 + len(rows) * line + GAP), "white")
    draw = ImageDraw.Draw(canvas)
    for column, name in enumerate(COLUMNS):
        title = fitted(TITLES[name], font(14), size)
        draw.text((GAP + column * step + size / 2, HEAD // 4), title, INK, font(14), anchor="mm")
    for index, row in enumerate(rows):
        top = HEAD // 2 + index * line
        shown = {"source": row.source, "target": row.target, "rebuilt": row.rebuilt, **row.swapped}
        for column, name in enumerate(COLUMNS):
            corner = (GAP + column * step, top)
            if shown.get(name) is None:
                absent(draw, corner, size, "not drawn")
            else:
                canvas.paste(picture(shown[name], size), corner)
        for column, name in enumerate((row.source_name, row.target_name)):
            middle = (GAP + column * step + size / 2, top + size + 3)
            draw.text(middle, fitted(name, font(12), size), MUTED, font(12), anchor="ma")
    return png(canvas)


def figure6(clip: FigureClip, *, columns: int, size: int) -> bytes:
    """The ablation strip as PNG: the driving clip, then one row for each entry of ``clip.methods`` in its order.

    Args:
        clip: its ``methods`` are the full model and the ablations by printed name; None where there is no video.
        columns: frames, equally spaced.
        size: pixels of one picture's side.
    """
    return figure4([clip], columns=columns, size=size)
