"""One VoxCeleb utterance's text file: who, from which video, and a face box for each frame at 25 fps.

The header's fields are split by tabs with spaces around them. FRAME counts at 25 fps whatever the rate of the
video, and the last one is inclusive. VoxCeleb1 gives integer pixels of a frame scaled to height 360;
VoxCeleb2 gives fractions of the frame's width and height. Boxes are x, y, width, height.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from speak.errors import UserError

FPS = 25.0
PIXEL_HEIGHT = 360
"""Height of the frame that VoxCeleb1's pixels belong to."""

Row = tuple[float, float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """``rows``: (time_s, left, top, right, bottom), times on the clock of the whole video."""

    person: str
    video_id: str
    first: int
    last: int
    unit: Literal["pixels", "fraction"]
    rows: tuple[Row, ...]


def read_utterance(path: Path) -> Utterance:
    """Read one text file. Raises UserError naming file and line when it is not of that form."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    header = dict(_header_field(line) for line in lines if ":" in line)
    starts = [number for number, line in enumerate(lines) if line.split()[:1] == ["FRAME"]]
    if not starts or "Identity" not in header or "Reference" not in header:
        raise UserError(f"{path}: no VoxCeleb text file (Identity, Reference and a FRAME table expected)")
    table = [(number, line.split()) for number, line in enumerate(lines, start=1) if number > starts[0] + 1]
    rows = [_row(path, number, fields) for number, fields in table if fields]
    if not rows:
        raise UserError(f"{path}: the FRAME table is empty; take the file from the dataset again")
    return Utterance(
        person=header["Identity"],
        video_id=header["Reference"],
        first=rows[0][0],
        last=rows[-1][0],
        unit="fraction" if all(right <= 2 and bottom <= 2 for _, _, _, right, bottom in rows) else "pixels",
        rows=tuple((frame / FPS, *box) for frame, *box in rows),
    )


def _header_field(line: str) -> tuple[str, str]:
    """``FV Conf   : <TAB>20.230<TAB>(1)`` is ("FV Conf", "20.230")."""
    name, _, value = line.partition(":")
    return name.strip(), (value.split() or [""])[0]


def _row(path: Path, number: int, fields: list[str]) -> tuple[int, float, float, float, float]:
    try:
        frame, (x, y, width, height) = int(fields[0]), map(float, fields[1:])
    except ValueError as error:
        raise UserError(f"{path}:{number}: expected FRAME X Y W H, got {' '.join(fields)!r}") from error
    return frame, x, y, x + width, y + height
