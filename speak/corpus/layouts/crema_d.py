"""The corpus as CREMA-D: ``VideoFlash/1001_DFA_ANG_XX.flv``, ``AudioWAV/1001_DFA_ANG_XX.wav`` and its tables.

Each actor's first clip is neutral (the identity source); sentences and the other five emotions follow in
turn. As in CREMA-D only "It's eleven o'clock" comes in levels, and its neutral has none. On request one more
clip is a Git LFS pointer, and another one an error picture with silence (the real ``1076_MTI_SAD_XX`` is
one).
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from speak.corpus.layouts import crema_d_tables
from speak.corpus.shot import Camera, Fault, Shot, film, people
from speak.sources.crema_d import EMOTION_OF, LEVEL_OF, SENTENCES

PLACE = 2
SOUND_RATE = 44_100
FIRST_ACTOR = 1001
MOODS = tuple(code for code in EMOTION_OF if code != "NEU")


@dataclass(frozen=True, kw_only=True)
class CremaDConfig:
    """``clips``: good ones per person, at most 50, the first of them neutral. The faults come on top."""

    persons: int
    clips: int
    camera: Camera
    git_lfs_pointer: bool
    error_picture: bool

    def __post_init__(self):
        if self.persons < 1 or not 1 <= self.clips <= 50:
            raise ValueError("expected 1 person or more, and 1 to 50 clips")


def shots(config: CremaDConfig, seed: int) -> list[Shot]:
    """All clips of all actors; the faulty ones are further clips of the last actor."""
    faults: list[Fault] = ["git_lfs_pointer"] * config.git_lfs_pointer + ["error_picture"] * config.error_picture
    actors = people(seed, PLACE, config.persons)
    planned = [
        _shot(config, seed, (index, number), person_seed)
        for index, (person_seed, _) in enumerate(actors)
        for number in range(config.clips)
    ]
    further = [
        replace(_shot(config, seed, (len(actors) - 1, number), actors[-1][0]), fault=fault)
        for number, fault in enumerate(faults, start=config.clips)
    ]
    return planned + further


def _shot(config: CremaDConfig, seed: int, place: tuple[int, int], person_seed: int) -> Shot:
    index, number = place
    dealt = index * (config.clips - 1) + number - 1
    mood = "NEU" if number == 0 else MOODS[dealt % len(MOODS)]
    rng = np.random.default_rng([seed, PLACE, index, number])
    code = list(SENTENCES)[(5 * index + number) % len(SENTENCES)]
    level = "XX" if code != "IEO" or mood == "NEU" else ("LO", "MD", "HI")[int(rng.integers(3))]
    name = f"{FIRST_ACTOR + index}_{code}_{mood}_{level}"
    return Shot(
        dataset="crema_d",
        clip_ids=(f"crema_d/{name}",),
        person=str(FIRST_ACTOR + index),
        take=film(
            config.camera,
            person_seed,
            rng,
            sentence=SENTENCES[code],
            emotion=EMOTION_OF[mood],
            level=LEVEL_OF[level] or 2,
        ),
        camera=config.camera,
        video=f"VideoFlash/{name}.flv",
        audio=f"AudioWAV/{name}.wav",
    )


def write_tables(planned: list[Shot], root: Path, mirror: Path) -> None:
    """The dataset's four tables."""
    crema_d_tables.write(planned, root)
