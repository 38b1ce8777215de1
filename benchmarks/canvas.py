"""What every drawn figure shares: colours, gaps, the typeface that Pillow carries, and PNG bytes that repeat."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

INK, MUTED, FAINT, ACCENT = "#1b1f24", "#5d6673", "#e3e6ea", "#1f5f99"
WARNING = "#9a4b00"
GAP, HEAD, SIDE, BLOCK_GAP = 4, 56, 150, 24


def font(size: int) -> ImageFont.FreeTypeFont:
    """The face that Pillow carries, so that a figure looks the same on every machine."""
    return ImageFont.load_default(size)


def fitted(text: str, face: ImageFont.FreeTypeFont, width: int) -> str:
    """The text, or as much of its end as fits: names differ at the end."""
    cut = text
    while face.getlength(cut) > width and len(cut) > 1:
        cut = "…" + cut.removeprefix("…")[1:]
    return cut


def short(label: str) -> str:
    """A row's label, cut to the margin's width."""
    return label if len(label) <= 17 else f"{label[:16]}…"


def picture(frame: np.ndarray, size: int) -> Image.Image:
    """(H, W, 3) uint8 RGB as a square picture."""
    return Image.fromarray(frame).resize((size, size), Image.Resampling.LANCZOS)


def absent(draw: ImageDraw.ImageDraw, corner: tuple[int, int], size: int, text: str) -> None:
    """A grey square that says what is missing."""
    left, top = corner
    draw.rectangle((left, top, left + size - 1, top + size - 1), "#f4f5f7")
    draw.text((left + size / 2, top + size / 2), text, MUTED, font(13), anchor="mm")


def png(canvas: Image.Image) -> bytes:
    """The same picture gives the same bytes."""
    stream = io.BytesIO()
    canvas.save(stream, format="PNG", optimize=False)
    return stream.getvalue()
