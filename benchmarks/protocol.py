"""The self-driven protocol (the paper's section 4.3.2): audio, pose and emotion come from the test clip
itself.

The identity frame is the first frame of a neutral clip of the same person where the dataset has one, else the
clip's own first frame (paper-notes row 18): a method that copies the clip's first frame must not look good
for that alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from speak.data.samples import DecodedClip, decoded_clips
from speak.media.writing import VideoCodec

NEUTRAL = "neutral"


@dataclass(frozen=True, kw_only=True)
class ProtocolConfig:
    """Which clips are tested.

    Attributes:
        datasets: in the tables' order.
        ablations: those of them on which ablations are printed (Tables 3 and 4).
        clips_per_dataset: at most so many of each, spread over persons; None takes all.
    """

    datasets: tuple[str, ...]
    ablations: tuple[str, ...]
    clips_per_dataset: int | None


@dataclass(frozen=True, kw_only=True)
class GenerateConfig:
    """How generated videos are stored; the same codec for every method."""

    codec: VideoCodec
    sample_rate: int


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """A test clip and the clip whose first frame with a face shows who speaks; ``rule`` says in words why
    that one."""

    clip_id: str
    dataset: str
    person: str
    identity_clip_id: str
    rule: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Request:
    """What a method is given.

    Attributes:
        identity_frame: (256, 256, 3) uint8 RGB.
        identity_landmarks: (478, 3) float32 pixels of it; NaN where no face was found.
        audio: (S,) float32 in [-1, 1], 16 kHz.
        num_frames, fps: what is to be made.
        reference_frames: (T, 256, 256, 3) uint8 RGB of the driving clip, the source of pose and emotion.
        reference_landmarks: (T, 478, 3) float32 pixels.
    """

    clip_id: str
    identity_frame: np.ndarray
    identity_landmarks: np.ndarray
    audio: np.ndarray
    num_frames: int
    fps: float
    reference_frames: np.ndarray
    reference_landmarks: np.ndarray


def pairings(rows: Iterable[dict[str, Any]], test_ids: set[str], config: ProtocolConfig) -> list[Pairing]:
    """Choose the test clips and their identity clips.

    Args:
        rows: metadata of all clips: ``clip_id``, ``dataset``, ``person``, ``emotion``.
        test_ids: clips of the test split.
        config: see ``ProtocolConfig``.

    Returns:
        by dataset in the configured order, then by clip id.
    """
    test = sorted((row for row in rows if row["clip_id"] in test_ids), key=lambda row: row["clip_id"])
    chosen = []
    for dataset in config.datasets:
        own = [row for row in test if row["dataset"] == dataset]
        picked = spread(own, config.clips_per_dataset)
        chosen += [_pairing(row, own) for row in picked]
    return chosen


def spread(rows: Sequence[dict[str, Any]], count: int | None) -> list[dict[str, Any]]:
    """Take ``count`` clips turn by turn from each person, each turn another emotion where there is one;
    sorted."""
    if count is None or count >= len(rows):
        return list(rows)
    queues = {person: _by_turns([row for row in rows if row["person"] == person]) for person in _persons(rows)}
    taken: list[dict[str, Any]] = []
    while len(taken) < count:
        for index, queue in enumerate(queues.values()):
            if queue and len(taken) < count:
                taken.append(queue.pop(index % len(queue)))
    return sorted(taken, key=lambda row: row["clip_id"])


def requests(folders: Iterable[Path], chosen: Sequence[Pairing]) -> Iterator[Request]:
    """Decode what is needed, one clip after another, in the order of ``chosen``."""
    folders = tuple(folders)
    for pairing in chosen:
        yield request_for(folders, pairing)


def request_for(folders: tuple[Path, ...], pairing: Pairing) -> Request:
    """The request for one test clip."""
    return make_request(*clips_for(folders, pairing))


@lru_cache(maxsize=1)
def clips_for(folders: tuple[Path, ...], pairing: Pairing) -> tuple[DecodedClip, DecodedClip]:
    """A test clip and its identity clip; asked again for the same, decodes nothing. Leave the arrays as they are."""
    wanted = {pairing.clip_id, pairing.identity_clip_id}
    clips = {clip.clip_id: clip for clip in decoded_clips(folders, wanted, pictures=True)}
    return clips[pairing.clip_id], clips[pairing.identity_clip_id]


def make_request(clip: DecodedClip, identity: DecodedClip) -> Request:
    """The request for a test clip; the identity frame is the identity clip's first frame with a face."""
    first = first_face(identity)
    return Request(
        clip_id=clip.clip_id,
        identity_frame=identity.frames[first],
        identity_landmarks=identity.landmarks[first],
        audio=clip.audio,
        num_frames=len(clip.frames),
        fps=clip.fps,
        reference_frames=clip.frames,
        reference_landmarks=clip.landmarks,
    )


def first_face(clip: DecodedClip) -> int:
    """The first frame that shows a face; 0 where none does."""
    return int(np.isfinite(clip.landmarks).all(axis=(1, 2)).argmax())


def _pairing(row: dict[str, Any], candidates: Sequence[dict[str, Any]]) -> Pairing:
    """Prefer the neutral clip whose id shares most leading parts (same camera, same session), then the first
    by name."""
    neutral = [
        other
        for other in candidates
        if other["person"] == row["person"] and other["emotion"] == NEUTRAL and other["clip_id"] != row["clip_id"]
    ]
    identity, rule = row["clip_id"], "first frame of the clip itself: no other neutral clip of this person"
    if neutral:
        identity = min(neutral, key=lambda other: (-_shared(other["clip_id"], row["clip_id"]), other["clip_id"]))[
            "clip_id"
        ]
        rule = "first frame of a neutral clip of the same person"
    return Pairing(
        clip_id=row["clip_id"],
        dataset=row["dataset"],
        person=row["person"],
        identity_clip_id=identity,
        rule=rule,
    )


def _shared(one: str, other: str) -> int:
    count = 0
    for a, b in zip(one.split("/"), other.split("/"), strict=False):
        if a != b:
            break
        count += 1
    return count


def _persons(rows: Sequence[dict[str, Any]]) -> list[str]:
    return sorted({row["person"] for row in rows})


def _by_turns(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One clip of each emotion, then the second of each, and so on."""
    seen: dict[str, int] = {}
    order = []
    for row in rows:
        emotion = row["emotion"] or ""
        seen[emotion] = seen.get(emotion, 0) + 1
        order.append((seen[emotion], emotion, row["clip_id"], row))
    return [row for *_, row in sorted(order, key=lambda entry: entry[:3])]
