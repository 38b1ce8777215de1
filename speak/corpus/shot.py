"""One media file of the embedded corpus: what is rendered, under which name, with which fault."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from speak.corpus.identity import identity
from speak.corpus.render import Take

Fault = Literal["git_lfs_pointer", "error_picture", "dead_link", "no_crop"]
"""Faults of the real datasets that the mirror repeats on purpose.

``git_lfs_pointer``: pointer texts under media names. ``error_picture``: a picture with a notice on it, no
face, silence. ``dead_link``: the tables name a video that is not there. ``no_crop``: an interval without a
crop.
"""

SEEDS_PER_DATASET = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Camera:
    """How a dataset is filmed.

    Attributes:
        width, height: of the frame in pixels, even numbers.
        fps: frames a second.
        duration_s: shortest and longest clip.
        face_scale: smallest and largest height of the head as a share of the frame's height.
        motion: factor on the amplitude of head motion.
        supersample: rendered pixels per pixel and direction.
        crf: x264's constant rate factor (not used for FLV).
        preset: x264's preset.
        studio: True where a person's clips share place, light and framing (MEAD, CREMA-D); False where each video
            is somewhere else.
    """

    width: int
    height: int
    fps: float
    duration_s: tuple[float, float]
    face_scale: tuple[float, float]
    motion: float
    supersample: int
    crf: int
    preset: str
    studio: bool

    def __post_init__(self):
        if self.width % 2 or self.height % 2:
            raise ValueError(f"frame size {self.width}x{self.height} is odd; 4:2:0 video needs even sizes")
        if not 0 < self.duration_s[0] <= self.duration_s[1]:
            raise ValueError("duration_s: expected [shortest, longest], both above 0")
        if not 0 < self.face_scale[0] <= self.face_scale[1] <= 1:
            raise ValueError("face_scale: expected [smallest, largest] within 0 to 1")


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One media file of the corpus, with its sound.

    Attributes:
        dataset: a key of ``speak.sources.SOURCES``.
        clip_ids: ids of the items that the dataset's source makes of the file: one, or one per interval.
        video, audio: paths under the dataset's root; ``audio`` None where the sound is only in the video.
        intervals: start and end in whole seconds for each of ``clip_ids``; () means the whole file.
    """

    dataset: str
    clip_ids: tuple[str, ...]
    person: str
    take: Take
    camera: Camera
    video: str
    audio: str | None = None
    intervals: tuple[tuple[int, int], ...] = ()
    fault: Fault | None = None


def people(seed: int, place: int, count: int) -> list[tuple[int, str]]:
    """``count`` person seeds with their sex ("f" or "m"), women and men in turn.

    Datasets at different ``place`` (0, 1 ...) share nobody, nor do different ``seed``.
    """
    start = (seed * 10 + place) * SEEDS_PER_DATASET
    candidates = _with_sex(start)
    chosen: list[tuple[int, str]] = []
    spare: dict[str, list[tuple[int, str]]] = {"f": [], "m": []}
    while len(chosen) < count:
        wanted = "fm"[len(chosen) % 2]
        while not spare[wanted]:
            person = next(candidates)
            spare[person[1]].append(person)
        chosen.append(spare[wanted].pop(0))
    return chosen


def _with_sex(start: int) -> Iterator[tuple[int, str]]:
    for person_seed in range(start, start + SEEDS_PER_DATASET):
        yield person_seed, sex_of(person_seed)


def sex_of(person_seed: int) -> str:
    """Returns "f" or "m", as in the datasets' tables and names."""
    return identity(person_seed).sex[0]


def film(
    camera: Camera, person_seed: int, rng: np.random.Generator, *, sentence: str, emotion: str, level: int
) -> Take:
    """A take by ``camera``; its length, framing and seed are drawn from ``rng``."""
    num_frames = round(rng.uniform(*camera.duration_s) * camera.fps)
    seed = int(rng.integers(2**31))
    framing = np.random.default_rng(person_seed) if camera.studio else rng
    return Take(
        person_seed=person_seed,
        seed=seed,
        scene_seed=0 if camera.studio else seed,
        sentence=sentence,
        emotion=emotion,
        level=level,
        fps=camera.fps,
        duration_s=num_frames / camera.fps,
        width=camera.width,
        height=camera.height,
        face_scale=round(float(framing.uniform(*camera.face_scale)), 3),
        motion=camera.motion,
        supersample=camera.supersample,
    )
