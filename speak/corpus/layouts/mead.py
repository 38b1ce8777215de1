"""The corpus as MEAD: ``M003/video/front/happy/level_1/001.mp4`` with ``M003/audio/happy/level_1/001.m4a``.

Few takes per person, so they are dealt out: each person's first take is neutral (the identity source), and
the others go through the seven emotions and three levels in turn across persons, so that every emotion is
seen on several people. MEAD films 1920x1080; the camera here is smaller with the same shape.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from speak.corpus.sentences import SHORT_SENTENCES
from speak.corpus.shot import Camera, Shot, film, people
from speak.data.clip import EMOTIONS

PLACE = 1
SOUND_RATE = 48_000
MOODS = tuple(emotion for emotion in EMOTIONS if emotion != "neutral")


@dataclass(frozen=True, kw_only=True)
class MeadConfig:
    """``takes``: per person, the first of them neutral."""

    persons: int
    takes: int
    camera: Camera

    def __post_init__(self):
        if self.persons < 1 or self.takes < 1:
            raise ValueError("expected 1 person and 1 take or more")


def shots(config: MeadConfig, seed: int) -> list[Shot]:
    """All takes of all persons, in order."""
    planned = []
    for index, (person_seed, sex) in enumerate(people(seed, PLACE, config.persons)):
        person = f"{'W' if sex == 'f' else 'M'}{3 + 2 * index:03d}"
        numbers: dict[tuple[str, int], int] = {}
        for number in range(config.takes):
            dealt = index * (config.takes - 1) + number - 1
            emotion, level = ("neutral", 1) if number == 0 else (MOODS[dealt % 7], 1 + dealt // 7 % 3)
            take_number = numbers[emotion, level] = numbers.get((emotion, level), 0) + 1
            rng = np.random.default_rng([seed, PLACE, index, number])
            planned.append(_shot(config, person, person_seed, rng, (emotion, level, take_number)))
    return planned


def _shot(
    config: MeadConfig, person: str, person_seed: int, rng: np.random.Generator, name: tuple[str, int, int]
) -> Shot:
    emotion, level, number = name
    sentence = SHORT_SENTENCES[int(rng.integers(len(SHORT_SENTENCES)))]
    label = f"{emotion}/level_{level}/{number:03d}"
    return Shot(
        dataset="mead",
        clip_ids=(f"mead/{person}/front/{label}",),
        person=person,
        take=film(config.camera, person_seed, rng, sentence=sentence, emotion=emotion, level=level),
        camera=config.camera,
        video=f"{person}/video/front/{label}.mp4",
        audio=f"{person}/audio/{label}.m4a",
    )


def write_tables(planned: list[Shot], root: Path, mirror: Path) -> None:
    """MEAD has no tables: its paths say everything."""
