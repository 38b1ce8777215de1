"""The corpus as the VoxCeleb2 release: ``mp4/id00100/<video>/00001.mp4``, face crops of 224x224 at 25 fps.

The text files place each crop in an imagined source video of 1280x720: a face box for every frame, in
fractions of that picture, with the frame numbers of the whole video.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from speak.corpus.layouts.names import full_name, youtube_id
from speak.corpus.sentences import SHORT_SENTENCES
from speak.corpus.shot import Camera, Shot, film, people, sex_of
from speak.corpus.truth import face_boxes
from speak.data.clip import EMOTIONS
from speak.files import write_text

PLACE = 0
SOUND_RATE = 16_000
SOURCE_WIDTH, SOURCE_HEIGHT = 1280, 720
FPS = 25
"""FRAME numbers count at this rate."""


@dataclass(frozen=True, kw_only=True)
class VoxCelebConfig:
    """What to film.

    Attributes:
        persons: number of speakers.
        clips: utterances in all, dealt to the speakers in turn.
        neutral_share: probability that an utterance is neutral; the others are drawn from all emotions, mild.
    """

    persons: int
    clips: int
    neutral_share: float
    camera: Camera

    def __post_init__(self):
        if not 1 <= self.persons <= self.clips:
            raise ValueError("clips: expected as many as persons or more, and 1 person or more")


def shots(config: VoxCelebConfig, seed: int) -> list[Shot]:
    """All utterances, sorted by person."""
    crowd = people(seed, PLACE, config.persons)
    planned = [_shot(config, seed, clip, crowd[clip % config.persons][0]) for clip in range(config.clips)]
    return sorted(planned, key=lambda shot: shot.clip_ids)


def _shot(config: VoxCelebConfig, seed: int, clip: int, person_seed: int) -> Shot:
    number, index = divmod(clip, config.persons)
    rng = np.random.default_rng([seed, PLACE, index, number])
    moved = rng.random() >= config.neutral_share
    emotion = EMOTIONS[int(rng.integers(len(EMOTIONS)))] if moved else "neutral"
    sentence = SHORT_SENTENCES[int(rng.integers(len(SHORT_SENTENCES)))]
    person = f"id{100 + 17 * index:05d}"
    video_id = youtube_id(np.random.default_rng([seed, PLACE, index]), index)
    name = f"{person}/{video_id}/{number + 1:05d}"
    return Shot(
        dataset="voxceleb",
        clip_ids=(f"voxceleb/{name}",),
        person=person,
        take=film(config.camera, person_seed, rng, sentence=sentence, emotion=emotion, level=1),
        camera=config.camera,
        video=f"mp4/{name}.mp4",
    )


def write_tables(planned: list[Shot], root: Path, mirror: Path) -> None:
    """One text file per utterance and ``vox2_meta.csv``."""
    for shot in planned:
        path = root / shot.video.replace("mp4/", "txt/", 1)
        write_text(path.with_suffix(".txt"), utterance_text(shot, face_boxes(mirror, shot)))
    write_text(root / "vox2_meta.csv", _speakers(planned))


def utterance_text(shot: Shot, boxes: np.ndarray) -> str:
    """The text file of one utterance, from (T, 4) true face boxes in pixels of the crop."""
    rng = np.random.default_rng(shot.take.seed)
    person, video_id, _ = shot.video.removeprefix("mp4/").split("/")
    first = int(rng.integers(100, 9000))
    side = float(rng.uniform(0.55, 0.95)) * SOURCE_HEIGHT
    corner = rng.uniform(0, [SOURCE_WIDTH - side, SOURCE_HEIGHT - side])
    scale = side / np.array([shot.take.width, shot.take.height])
    low = np.floor((corner + boxes[:, :2] * scale) / [SOURCE_WIDTH, SOURCE_HEIGHT] * 1000) / 1000
    high = np.ceil((corner + boxes[:, 2:] * scale) / [SOURCE_WIDTH, SOURCE_HEIGHT] * 1000) / 1000
    header = (
        f"Identity  : \t{person}\nReference : \t{video_id}\nOffset    : \t0\n"
        f"FV Conf   : \t{rng.uniform(12, 24):.3f}\t(1)\nASD Conf  : \t{rng.uniform(2, 8):.3f}\n\n"
    )
    rows = np.hstack([low, high - low])
    lines = [f"{first + k:06d} \t" + " \t".join(f"{value:.3f}" for value in row) + " \n" for k, row in enumerate(rows)]
    return header + "FRAME \tX \tY \tW \tH \n" + "".join(lines)


def _speakers(planned: list[Shot]) -> str:
    """``vox2_meta.csv``: tab separated in spite of its name, a space behind each field."""
    seeds = {shot.person: shot.take.person_seed for shot in planned}
    rows = [("Name", "VoxCeleb2 ID", "VGGFace2 ID", "Gender", "Set")]
    for index, (person, person_seed) in enumerate(seeds.items()):
        sex = sex_of(person_seed)
        rows.append(("_".join(full_name(index, sex)), person, f"n0{person[2:]}", sex, "dev"))
    return "".join("\t".join(f"{value} " for value in row) + "\n" for row in rows)
