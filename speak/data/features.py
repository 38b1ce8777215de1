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
        turn: standard deviation of an extra rotation about each axis, degrees.
        scale: standard deviation of the logarithm of an extra scale.
        shift: standard deviation of an extra shift in pixels, horizontally and vertically.
        gain: largest change of loudness, natural logarithm.
        hiss: largest standard deviation of noise added to the sound, full scale 1.
    """

    person: float
    turn: float
    scale: float
    shift: float
    gain: float
    hiss: float


@dataclass(frozen=True, kw_only=True)
class ClipFeatures:
    """One clip taken apart; the template belongs to the whole bank.

    Attributes:
        matrices: (T, 3, 3) rotation times scale of the head, from the template's coordinates to pixels.
        shifts: (T, 3) pixels.
        shapes: (T, K, 3) float32 points without the rigid motion.
        calm: (T, K, 3) the same with the clip's mean mouth.
        emotion: index into ``EMOTIONS`` or ``UNLABELLED``; level: 1 to 3 or None.
        audio: (S,) float32, 16 kHz.
    """

    clip_id: str
    person: str
    emotion: int
    level: int | None
    fps: float
    matrices: np.ndarray
    shifts: np.ndarray
    shapes: np.ndarray
    calm: np.ndarray
    audio: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Bank:
    """All clips, by clip id.

    Attributes:
        template: (K, 3) mean shape, in mean pixels, centred on the head points.
        neutral: each person's neutral shape (K, 3).
        directions: (P, K, 3) what the persons' neutral shapes differ by from their mean, over √P.
        clips_of: indices of each person's clips.
        skipped: reasons of the clips that gave nothing.
    """

    clips: list[ClipFeatures]
    template: np.ndarray
    neutral: dict[str, np.ndarray]
    directions: np.ndarray
    clips_of: dict[str, list[int]]
    skipped: dict[str, str]


@dataclass(frozen=True)
class Change:
    """One draw of ``AugmentConfig``: offset (K, 3) of the shape, extra rotation times scale (3, 3), shift (3,)."""

    offset: np.ndarray
    matrix: np.ndarray
    shift: np.ndarray


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
    clips = [_clip(row, part, template) for row, part in zip(rows, points, strict=True)]
    clips_of: dict[str, list[int]] = {}
    for index, clip in enumerate(clips):
        clips_of.setdefault(clip.person, []).append(index)
    neutral = {person: _neutral([clips[i] for i in own]) for person, own in clips_of.items()}
    shapes = np.stack(list(neutral.values()))
    directions = (shapes - shapes.mean(axis=0)) / np.sqrt(len(shapes))
    return Bank(
        clips=clips, template=template, neutral=neutral, directions=directions, clips_of=clips_of, skipped=skipped
    )


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


def draw_change(bank: Bank, config: AugmentConfig, rng: np.random.Generator) -> Change:
    """Draw a person and a placement."""
    weights = rng.standard_normal(len(bank.directions)) * config.person
    turn = np.radians(rng.standard_normal(3) * config.turn)
    matrix = rotation(turn) * np.exp(rng.standard_normal() * config.scale)
    shift = np.array([*rng.standard_normal(2), 0.0]) * config.shift
    return Change(np.tensordot(weights, bank.directions, 1), matrix, shift)


def placed(clip: ClipFeatures, frames: np.ndarray, change: Change, centre: np.ndarray, *, calm: bool) -> np.ndarray:
    """Points of some frames on the canvas, changed.

    Args:
        frames: (n,) indices.
        change: the extra motion turns about ``centre`` (3,), pixels.
        calm: with the clip's mean mouth.

    Returns:
        (n, K, 3) float64 pixels.
    """
    shapes = (clip.calm if calm else clip.shapes)[frames] + change.offset
    points = head_points.to_canvas(clip.matrices[frames], clip.shifts[frames], shapes)
    return (points - centre) @ change.matrix.T + centre + change.shift


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


def rotation(angles: np.ndarray) -> np.ndarray:
    """(3,) radians about x, y, z to a (3, 3) rotation matrix (x first)."""
    (a, b, c), (sa, sb, sc) = np.cos(angles), np.sin(angles)
    x = np.array([[1, 0, 0], [0, a, -sa], [0, sa, a]])
    y = np.array([[b, 0, sb], [0, 1, 0], [-sb, 0, b]])
    z = np.array([[c, -sc, 0], [sc, c, 0], [0, 0, 1]])
    return z @ y @ x


def _clip(row: dict, points: np.ndarray, template: np.ndarray) -> ClipFeatures:
    matrices, shifts = head_points.motions(template, points)
    shapes = head_points.to_head(matrices, shifts, points)
    return ClipFeatures(
        clip_id=row["clip_id"],
        person=row["person"],
        emotion=EMOTIONS.index(row["emotion"]) if row["emotion"] else UNLABELLED,
        level=row["level"],
        fps=row["fps"],
        matrices=matrices,
        shifts=shifts,
        shapes=shapes.astype(np.float32),
        calm=head_points.with_calm_mouth(shapes).astype(np.float32),
        audio=decode_flac(row["audio"])[0],
    )


def _neutral(clips: list[ClipFeatures]) -> np.ndarray:
    """Mean shape of a person's neutral clips, of all its clips where none is labelled neutral."""
    labelled = [clip for clip in clips if clip.emotion == EMOTIONS.index("neutral")] or clips
    return np.mean([clip.shapes.mean(axis=0) for clip in labelled], axis=0)
