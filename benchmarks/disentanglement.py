"""Does IRFD disentangle? The answer for one checkpoint, on persons it never saw, as a record.

Leakage: what a linear probe can read from each code (``benchmarks.probes``). Swaps: what moves in the decoded face when
one code is exchanged (``benchmarks.swaps``), seen by instruments of its own (``benchmarks.instruments``). It is made by
``benchmarks.examination``, which knows the networks; this module does not.
"""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from benchmarks.probes import Probe
from benchmarks.swaps import Response
from speak.config import build
from speak.errors import UserError
from speak.files import write_text


@dataclass(frozen=True, kw_only=True)
class Disentanglement:
    """The answer for one checkpoint.

    Attributes:
        leakage: {code: {factor: what a probe reads}}.
        swaps: {swapped factor: {measured factor: how far it follows}}.
        instruments: how good the instruments are on real frames of the same clips: share of clips whose nearest other
            clip is of the same person, share whose emotion is named rightly, R² of the pose; None: not measurable.
        drawn: share of decoded frames in which a face was found.
        clips, persons: what was examined.
        measured_on: in words, what the instruments looked at.
    """

    leakage: dict[str, dict[str, Probe]]
    swaps: dict[str, dict[str, Response]]
    instruments: dict[str, float | None]
    drawn: float
    clips: int
    persons: int
    measured_on: str


def write_disentanglement(path: Path, result: Disentanglement) -> None:
    """Write as JSON; "could not compute" is null with its reason."""
    write_text(path, json.dumps(dataclasses.asdict(result), indent=2, allow_nan=False) + "\n")


def read_disentanglement(path: Path) -> Disentanglement:
    """Read what ``write_disentanglement`` wrote. Raises UserError."""
    try:
        return build(Disentanglement, json.loads(path.read_text(encoding="utf-8")), str(path))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read as JSON ({error}); run its stage again") from error
