"""Which clips are spoiled, and whose clips take their places."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from benchmarks.degradation.config import DegradeConfig
from benchmarks.protocol import Pairing, ProtocolConfig, pairings

COLUMNS = ("dataset", "person", "clip_id", "degradation", "level", "metric", "value", "reason")
"""Of ``degradations.parquet``, one row per clip × degradation × level × metric (its versioned id)."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One clip to spoil.

    Attributes:
        pairing: the clip, and the clip of its identity frame.
        stranger: a clip of another person of the same dataset; None where there is none.
        emotion: a clip of the same person with another emotion; None where there is none.
    """

    pairing: Pairing
    stranger: str | None
    emotion: str | None

    def substitute(self, kind: Literal["stranger", "emotion"]) -> str | None:
        """The clip that takes this one's place."""
        return {"stranger": self.stranger, "emotion": self.emotion}[kind]


def trials(
    rows: Sequence[dict[str, Any]], test_ids: set[str], protocol: ProtocolConfig, config: DegradeConfig
) -> list[Trial]:
    """Choose test clips that are long enough, spread over persons and emotions, with their substitutes.

    Args:
        rows: metadata of all clips: ``clip_id``, ``dataset``, ``person``, ``emotion``, ``sentence``, ``num_frames``.
        test_ids: clips of the test split.
        protocol: whose datasets count.
        config: how many clips, of how many frames.
    """
    fit = {row["clip_id"]: row for row in rows if row["clip_id"] in test_ids and row["num_frames"] >= config.frames}
    chosen = pairings(fit.values(), set(fit), replace(protocol, clips_per_dataset=config.clips_per_dataset))
    candidates = sorted(fit.values(), key=lambda row: row["clip_id"])
    return [
        Trial(
            pairing=pairing,
            stranger=_stranger(fit[pairing.clip_id], candidates),
            emotion=_other_emotion(fit[pairing.clip_id], candidates),
        )
        for pairing in chosen
    ]


def _stranger(row: dict[str, Any], candidates: Sequence[dict[str, Any]]) -> str | None:
    """The next clip of another person of the dataset; after the last comes the first."""
    others = [
        other["clip_id"]
        for other in candidates
        if other["dataset"] == row["dataset"] and other["person"] != row["person"]
    ]
    return min(others, key=lambda clip_id: (clip_id < row["clip_id"], clip_id), default=None)


def _other_emotion(row: dict[str, Any], candidates: Sequence[dict[str, Any]]) -> str | None:
    """The person's first clip of another emotion, preferably of the same sentence."""
    others = [
        other
        for other in candidates
        if (other["dataset"], other["person"]) == (row["dataset"], row["person"])
        and None not in (row["emotion"], other["emotion"])
        and other["emotion"] != row["emotion"]
    ]
    same = [other for other in others if other["sentence"] is not None and other["sentence"] == row["sentence"]]
    return next((other["clip_id"] for other in same or others), None)
