"""The feature bank: everything that the small parts train on, in memory, taken apart once.

Each frame's landmarks are split into the head's rigid motion and a shape without it. A training sample puts them
together again, for a person who need not exist: the neutral shape is moved along the differences between the training
persons (the same way in every frame of the sample), and the head is turned, scaled and shifted a little. With a few
dozen persons this is what makes unseen ones work. No picture is touched during training.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from speak.data.clip import EMOTIONS
from speak.data.shards import read_rows
from speak.errors import UserError
from speak.faces import head_points
from speak.media.audio import decode_flac

SAMPLE_RATE = 16_000
UNLABELLED = -1
"""Emotion of a clip whose dataset has none (masked out of eq. 2)."""
PROCRUSTES_ROUNDS = 3


@dataclass(frozen=True, kw_only=True)
class AugmentConfig:
    """Random changes of training samples.

    Attributes:
        person: how far the neutral shape moves along the differences between persons, in their standard deviations.
        stranger: the same for faces that are to share nothing but expression or pose with the first.
        turn: standard deviation of an extra rotation about each axis, degrees.
        scale: standard deviation of the logarithm of an extra scale.
        shift: standard deviation of an extra shift in pixels, horizontally and vertically.
        gain: largest change of loudness, natural logarithm.
        hiss: largest standard deviation of noise added to the sound, full scale 1.
    """

    person: float
    stranger: float
    turn: float
    scale: float
    shift: float
    gain: float
    hiss: float


@dataclass(frozen=True)
class Motion:
    """Frames taken apart; the template belongs to the whole bank.

    Attributes:
        matrices: (F, 3, 3) rotation times scale of the head, from the template's coordinates to pixels.
        shifts: (F, 3) pixels.
        shapes: (F, K, 3) float32 points without the rigid motion.
        calm: (F, K, 3) the same with the clip's mean mouth.
    """

    matrices: np.ndarray
    shifts: np.ndarray
    shapes: np.ndarray
    calm: np.ndarray


@dataclass(frozen=True, kw_only=True)
class ClipFeatures:
    """One clip of the bank.

    Attributes:
        rows: its frames in ``Bank.motion``.
        emotion: index into ``EMOTIONS`` or ``UNLABELLED``; level: 1 to 3 or None.
        audio: (S,) float32, 16 kHz.
    """

    clip_id: str
    person: str
    emotion: int
    level: int | None
    fps: float
    rows: range
    audio: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Bank:
    """All clips, by clip id.

    Attributes:
        motion: the frames of all clips, one clip after another.
        template: (K, 3) mean shape, in mean pixels, centred on the head points.
        neutral: each person's neutral shape (K, 3).
        directions: (P, K, 3) what the persons' neutral shapes differ by from their mean, over √P.
        clips_of: indices of each person's clips.
        skipped: reasons of the clips that gave nothing.
    """

    clips: list[ClipFeatures]
    motion: Motion
    template: np.ndarray
    neutral: dict[str, np.ndarray]
    directions: np.ndarray
    clips_of: dict[str, list[int]]
    skipped: dict[str, str]


@dataclass(frozen=True)
class Change:
    """N draws of ``AugmentConfig``.

    Attributes:
        offsets: (N, K, 3) of the shape.
        matrices: (N, 3, 3) extra rotation times scale.
        shifts: (N, 3) pixels.
    """

    offsets: np.ndarray
    matrices: np.ndarray
    shifts: np.ndarray

    def at(self, index: np.ndarray) -> "Change":
        """The draws at ``index``, which may repeat."""
        return Change(self.offsets[index], self.matrices[index], self.shifts[index])


def read_bank(folders: Iterable[Path], clip_ids: Iterable[str]) -> Bank:
    """Read landmarks and sound of the named clips and take them apart; videos are not read.

    Raises:
        UserError: none of the clips has a face.
    """
    rows, points, skipped = [], [], {}
    for row in read_rows(folders, ["person", "emotion", "level", "fps", "audio", "landmarks"], set(clip_ids)):
        try:
            points.append(head_points.used_points(row["landmarks"]))
            rows.append(row)
        except ValueError as error:
            skipped[row["clip_id"]] = str(error)
    if not rows:
        raise UserError("training: no clip with a face; look at the quarantine tables of the clip folders")
    order = np.argsort([row["clip_id"] for row in rows])
    rows, points = [rows[i] for i in order], [points[i] for i in order]
    template = mean_shape(points)
    parts = [_taken_apart(part, template) for part in points]
    ends = np.cumsum([len(part) for part in points])
    clips = [_clip(row, range(end - len(part), end)) for row, part, end in zip(rows, points, ends, strict=True)]
    motion = Motion(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    clips_of: dict[str, list[int]] = {}
    for index, clip in enumerate(clips):
        clips_of.setdefault(clip.person, []).append(index)
    neutral = {person: _neutral([clips[i] for i in own], motion) for person, own in clips_of.items()}
    shapes = np.stack(list(neutral.values()))
    directions = ((shapes - shapes.mean(axis=0)) / np.sqrt(len(shapes))).astype(np.float32)
    return Bank(
        clips=clips, motion=motion, template=template, neutral=neutral, directions=directions, clips_of=clips_of,
        skipped=skipped,
    )  # fmt: skip


def mean_shape(points: list[np.ndarray]) -> np.ndarray:
    """Generalised Procrustes mean of clips' points (T, K, 3): (K, 3), centred on the head points, in mean pixels."""
    head = head_points.GROUPS["head"]
    middles = np.stack([clip[len(clip) // 2] for clip in points])
    template = middles[0] - middles[0, head].mean(axis=0)
    for _ in range(PROCRUSTES_ROUNDS):
        matrices, shifts = head_points.motions(template, middles)
        scale = np.cbrt(np.linalg.det(matrices)).mean()
        shape = head_points.to_head(matrices, shifts, middles).mean(axis=0)
        template = scale * (shape - shape[head].mean(axis=0))
    return template


def draw_offsets(bank: Bank, spread: float, rng: np.random.Generator, count: int) -> np.ndarray:
    """(count, K, 3) moves along the differences between persons; ``spread`` in their standard deviations."""
    weights = rng.standard_normal((count, len(bank.directions)), dtype=np.float32) * np.float32(spread)
    return np.tensordot(weights, bank.directions, 1)


def draw_changes(bank: Bank, config: AugmentConfig, rng: np.random.Generator, count: int) -> Change:
    """Draw ``count`` persons and placements."""
    offsets = draw_offsets(bank, config.person, rng, count)
    turns = np.radians(rng.standard_normal((count, 3)) * config.turn)
    scales = np.exp(rng.standard_normal((count, 1, 1)) * config.scale)
    shifts = np.concatenate([rng.standard_normal((count, 2)), np.zeros((count, 1))], axis=1) * config.shift
    return Change(offsets, rotations(turns) * scales, shifts)


def placed(bank: Bank, frames: np.ndarray, change: Change, centre: np.ndarray, *, calm: bool = False) -> np.ndarray:
    """Points of frames on the canvas, each with its own change.

    Args:
        bank: the clips.
        frames: (N,) rows of ``bank.motion``.
        change: N changes; the extra motions turn about ``centre`` (3,), pixels.
        calm: with the clips' mean mouths.

    Returns:
        (N, K, 3) float32 pixels.
    """
    motion = bank.motion
    shapes = (motion.calm if calm else motion.shapes)[frames] + change.offsets
    matrices = change.matrices @ motion.matrices[frames]
    shifts = np.einsum("nij,nj->ni", change.matrices, motion.shifts[frames] - centre) + centre + change.shifts
    return head_points.to_canvas(matrices.astype(np.float32), shifts.astype(np.float32), shapes)


def cut_audio(clip: ClipFeatures, first: int, frames: int) -> np.ndarray:
    """The sound of ``frames`` frames from ``first`` on, silence beyond the clip: (round(frames / fps · 16000),)."""
    length = round(frames / clip.fps * SAMPLE_RATE)
    start = round(first / clip.fps * SAMPLE_RATE)
    cut = np.zeros(length, np.float32)
    part = clip.audio[max(start, 0) : max(start + length, 0)]
    cut[max(-start, 0) : max(-start, 0) + len(part)] = part
    return cut


def noisy(audio: np.ndarray, config: AugmentConfig, rng: np.random.Generator) -> np.ndarray:
    """The sound a little louder or softer and with hiss: same shape, float32."""
    hiss = rng.standard_normal(len(audio), dtype=np.float32) * np.float32(rng.uniform(0, config.hiss))
    return audio * np.float32(np.exp(rng.uniform(-config.gain, config.gain))) + hiss


def rotations(angles: np.ndarray) -> np.ndarray:
    """(N, 3) radians about x, y, z to (N, 3, 3) rotation matrices (x first)."""
    return Rotation.from_euler("xyz", angles).as_matrix()


def _taken_apart(points: np.ndarray, template: np.ndarray) -> tuple[np.ndarray, ...]:
    """A clip's points (T, K, 3) as the columns of ``Motion``."""
    matrices, shifts = head_points.motions(template, points)
    shapes = head_points.to_head(matrices, shifts, points)
    return matrices, shifts, shapes.astype(np.float32), head_points.with_calm_mouth(shapes).astype(np.float32)


def _clip(row: dict, rows: range) -> ClipFeatures:
    return ClipFeatures(
        clip_id=row["clip_id"],
        person=row["person"],
        emotion=EMOTIONS.index(row["emotion"]) if row["emotion"] else UNLABELLED,
        level=row["level"],
        fps=row["fps"],
        rows=rows,
        audio=decode_flac(row["audio"])[0],
    )


def _neutral(clips: list[ClipFeatures], motion: Motion) -> np.ndarray:
    """Mean shape of a person's neutral clips, of all its clips where none is labelled neutral."""
    labelled = [clip for clip in clips if clip.emotion == EMOTIONS.index("neutral")] or clips
    return np.mean([motion.shapes[clip.rows.start : clip.rows.stop].mean(axis=0) for clip in labelled], axis=0)
