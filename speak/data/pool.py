"""A pool of decoded clips that neighbouring training steps share.

Decoding a clip for a single frame of it is waste. So a fixed number of clips is held, each for a number of steps, and
every step draws its frames from all of them; the clips are replaced in turn, one every ``steps / clips`` steps. Which
clip fills which slot at which step follows from the seed and the step alone: a resumed training decodes the same clips
again, and the order in which steps are drawn, or by how many threads, changes nothing.

Memory: ``clips`` · (``moments`` + ``stretch``) pictures of 192 KiB, and each clip's landmarks and sound where a stretch
is kept (at most 2.3 MiB for ten seconds).
"""

import threading
from dataclasses import dataclass

import numpy as np

from speak.data.places import Place
from speak.errors import UserError
from speak.faces.mouth_view import fill_missing
from speak.media.audio import decode_flac
from speak.media.errors import MediaError
from speak.media.timeline import at_rate
from speak.media.video import read_some

SAMPLE_RATE = 16_000
POOL = 2
"""Keeps the draws of the pool apart from those of the training steps."""


@dataclass(frozen=True, kw_only=True)
class PoolConfig:
    """Size of the pool.

    Attributes:
        clips: held at a time.
        steps: for how many steps a clip is held.
        moments: frames kept from anywhere in a clip; at least 2.
        stretch: consecutive frames kept; 0 where only single frames are wanted.
        fps: time line of the training; clips of another rate are brought to it.
    """

    clips: int
    steps: int
    moments: int
    stretch: int
    fps: float

    def __post_init__(self):
        if self.moments < 2:
            raise ValueError(f"moments: a face and another moment of it are 2 frames, got {self.moments}")


@dataclass(frozen=True, eq=False, kw_only=True)
class Cut:
    """What is kept of a clip, on the training's time line.

    Attributes:
        place: the clip.
        moments: (m,) frame numbers of single moments, increasing.
        stretch: frame numbers of the consecutive part.
        numbers: (n,) frame numbers of ``frames``, increasing.
        frames: (n, 256, 256, 3) uint8 RGB.
        landmarks: (T, 478, 3) pixels of all frames, no NaN; None where no stretch is kept.
        audio: (S,) float32, 16 kHz; None where no stretch is kept.
    """

    place: Place
    moments: np.ndarray
    stretch: range
    numbers: np.ndarray
    frames: np.ndarray
    landmarks: np.ndarray | None
    audio: np.ndarray | None

    def pictures(self, numbers: np.ndarray) -> np.ndarray:
        """Frames by their numbers, which must have been kept: (n, 256, 256, 3) uint8."""
        return self.frames[np.searchsorted(self.numbers, numbers)]

    def sound(self, first: int, frames: int, fps: float) -> np.ndarray:
        """The sound of ``frames`` frames from ``first`` on, silence beyond the clip: (round(frames / fps · 16000),)."""
        length = round(frames / fps * SAMPLE_RATE)
        part = self.audio[round(first / fps * SAMPLE_RATE) :][:length]
        return np.pad(part, (0, length - len(part)))


class Pool:
    """The clips that a step draws from.

    Args:
        clips: all training clips; persons are drawn first, so that one with many clips does not count for more.
        config: size.
    """

    def __init__(self, clips: list[Place], config: PoolConfig):
        self.config = config
        by_person: dict[str, list[Place]] = {}
        for place in clips:
            by_person.setdefault(place.person, []).append(place)
        self.persons = [by_person[person] for person in sorted(by_person)]
        self._held: list[tuple[tuple[int, ...], Cut] | None] = [None] * config.clips
        self._locks = [threading.Lock() for _ in range(config.clips)]

    def cut(self, slot: int, rng: np.random.Generator) -> Cut:
        """What a slot holds in the step of ``rng`` (see ``step_of``). Raises UserError for an unreadable clip."""
        step, stream = step_of(rng)
        age = step + slot * self.config.steps // self.config.clips
        key = (*stream, slot, age // self.config.steps, POOL)
        with self._locks[slot]:
            held = self._held[slot]
            if held is None or held[0] != key:
                self._held[slot] = held = (key, self._fill(np.random.default_rng(key)))
        return held[1]

    def _fill(self, rng: np.random.Generator) -> Cut:
        own = self.persons[rng.integers(len(self.persons))]
        place = own[rng.integers(len(own))]
        try:
            return cut_clip(place, self.config, rng)
        except (MediaError, ValueError) as error:
            raise UserError(f"{place.clip_id}: cannot be trained on: {error}; preprocess it again") from error


def cut_clip(place: Place, config: PoolConfig, rng: np.random.Generator) -> Cut:
    """Decode random parts of a clip.

    Raises:
        MediaError: the video cannot be read. ValueError: a stretch is wanted, and no frame shows a face.
    """
    ticks = on_timeline(place.num_frames, place.fps, config.fps)
    moments = np.sort(rng.choice(len(ticks), min(config.moments, len(ticks)), replace=False))
    length = min(config.stretch, len(ticks))
    first = int(rng.integers(len(ticks) - length + 1))
    numbers = np.union1d(moments, np.arange(first, first + length))
    row = place.read(["video", "landmarks", "audio"] if length else ["video"])
    wanted, position = np.unique(ticks[numbers], return_inverse=True)
    return Cut(
        place=place,
        moments=moments,
        stretch=range(first, first + length),
        numbers=numbers,
        frames=read_some(row["video"], wanted)[position],
        landmarks=fill_missing(row["landmarks"])[ticks] if length else None,
        audio=decode_flac(row["audio"])[0] if length else None,
    )


def on_timeline(num_frames: int, fps: float, wanted_fps: float) -> np.ndarray:
    """Which frame of a clip each frame of another rate shows: (T at ``wanted_fps``,) integers."""
    timed = ((number / fps, number) for number in range(num_frames))
    return np.fromiter(at_rate(timed, wanted_fps, 0.0, num_frames / fps), dtype=np.int64)


def step_of(rng: np.random.Generator) -> tuple[int, tuple[int, ...]]:
    """The step that a generator belongs to, and the rest of what it was seeded with.

    ``speak.training.loop`` seeds a step's generators with (seed, step, ...). A generator seeded with one number counts
    as step 0.
    """
    seed, *rest = (int(part) for part in np.atleast_1d(rng.bit_generator.seed_seq.entropy))
    return (rest[0], (seed, *rest[1:])) if rest else (0, (seed,))
