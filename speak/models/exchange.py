"""What comes of exchanging one factor between two faces (fig. 2): the input of IRFD's losses."""

from dataclasses import dataclass

from torch import Tensor

from speak.models.codes import Codes


@dataclass(frozen=True)
class Exchange:
    """B pairs of faces S and T, taken apart, exchanged and put together.

    Attributes:
        source, target: codes of S and T.
        source_mixed, target_mixed: codes after the exchange; S's with one factor of T, T's with that factor of S.
        source_face, target_face: frames I_d made of the mixed codes, (B, *frame).
        source_seen, target_seen: codes read from those frames.
        source_self, target_self: frames made of S's and T's own codes (eqs. 5, 6).
        source_logits, target_logits: (B, 8) the emotion classifier's verdict on E_e(S) and E_e(T).
        choice: (B,) the factor exchanged in each pair, index into ``codes.FACTORS``.
    """

    source: Codes
    target: Codes
    source_mixed: Codes
    target_mixed: Codes
    source_face: Tensor
    target_face: Tensor
    source_seen: Codes
    target_seen: Codes
    source_self: Tensor
    target_self: Tensor
    source_logits: Tensor
    target_logits: Tensor
    choice: Tensor
