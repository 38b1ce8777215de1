"""The corpus as HDTF: source videos ``videos/<name>.mp4``, of which whole-second intervals are meant, and
text files.

Each person has one video, the persons are dealt to the three subsets. The crop is a square around the true
face, enlarged, in pixels of the video's height. On request a further video is a dead link, and the last one
has no crop.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from speak.corpus.layouts.names import full_name, youtube_id
from speak.corpus.sentences import LONG_SENTENCES
from speak.corpus.shot import Camera, Fault, Shot, film, people
from speak.corpus.truth import face_boxes
from speak.files import write_text
from speak.sources.hdtf import SUBSETS, clip_name

PLACE = 3
SOUND_RATE = 44_100
WINDOW = 2.2
"""Side of the crop window over that of the box around the face's features: a head with its shoulders."""
CROP_RATIO = 1.2
"""What most rows of HDTF's ``crop_ratio`` tables say."""


@dataclass(frozen=True, kw_only=True)
class HdtfConfig:
    """``lead_s``: whole seconds of each video before its interval; the interval lasts until the last whole
    second.

    ``videos`` counts good ones; a dead link comes on top.
    """

    videos: int
    lead_s: int
    camera: Camera
    dead_link: bool
    no_crop: bool

    def __post_init__(self):
        if self.videos < 1:
            raise ValueError("videos: expected 1 or more")
        if self.lead_s < 0 or int(self.camera.duration_s[0]) <= self.lead_s:
            raise ValueError("lead_s: expected 0 or more, and a whole second less than the shortest duration_s")


def shots(config: HdtfConfig, seed: int) -> list[Shot]:
    """One shot per video, sorted by name."""
    count = config.videos + config.dead_link
    planned = []
    for index, (person_seed, sex) in enumerate(people(seed, PLACE, count)):
        dead = index >= config.videos
        fault: Fault | None = "dead_link" if dead else None
        if config.no_crop and index == config.videos - 1:
            fault = "no_crop"
        planned.append(_shot(config, seed, index, (person_seed, sex), fault))
    return sorted(planned, key=lambda shot: shot.clip_ids)


def _shot(config: HdtfConfig, seed: int, index: int, who: tuple[int, str], fault: Fault | None) -> Shot:
    person_seed, sex = who
    subset = SUBSETS[index % len(SUBSETS)]
    person = f"Radio{index + 1}" if subset == "RD" else "".join(full_name(index, sex))
    name = person if subset == "RD" else f"{person}{index % 2}"
    rng = np.random.default_rng([seed, PLACE, index])
    sentences = rng.permutation(LONG_SENTENCES)[:2]
    take = film(config.camera, person_seed, rng, sentence=". ".join(sentences), emotion="neutral", level=1)
    return Shot(
        dataset="hdtf",
        clip_ids=(f"hdtf/{clip_name(subset, name, 0)}",),
        person=person,
        take=take,
        camera=config.camera,
        video=f"videos/{name}.mp4",
        intervals=((config.lead_s, int(take.duration_s + 1e-6)),),
        fault=fault,
    )


def write_tables(planned: list[Shot], root: Path, mirror: Path) -> None:
    """Five text files per subset that has videos; one with a byte-order mark and without last newline."""
    for subset in SUBSETS:
        chosen = [shot for shot in planned if shot.clip_ids[0].startswith(f"hdtf/{subset}_")]
        if chosen:
            for table, lines in _tables(chosen, mirror).items():
                text = "".join(f"{line}\n" for line in lines)
                if (subset, table) == ("WDA", "video_url"):
                    text = "\ufeff" + text.removesuffix("\n")
                write_text(root / f"{subset}_{table}.txt", text)


def _tables(planned: list[Shot], mirror: Path) -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {name: [] for name in ("video_url", "resolution", "annotion_time")}
    tables |= {"crop_wh": [], "crop_ratio": []}
    for index, shot in enumerate(planned):
        name = PurePosixPath(shot.video).stem
        video_id = youtube_id(np.random.default_rng(shot.take.seed), index)
        start = "&t=6s" if index % 3 == 2 else ""
        tables["video_url"].append(f"{name} https://www.youtube.com/watch?v={video_id}{start}")
        tables["resolution"].append(f"{name}.mp4 {shot.take.height}")
        tables["annotion_time"].append(" ".join([f"{name}.mp4", *(_clock(*span) for span in shot.intervals)]))
        for k, span in enumerate(shot.intervals if shot.fault != "no_crop" else ()):
            window = " ".join(map(str, _window(shot, span, mirror)))
            tables["crop_wh"].append(f"{name}_{k}.mp4 {window}")
            tables["crop_ratio"].append(f"{name}_{k}.mp4 {CROP_RATIO}")
    return tables


def _clock(start_s: int, end_s: int) -> str:
    return f"{start_s // 60:02d}:{start_s % 60:02d}-{end_s // 60:02d}:{end_s % 60:02d}"


def _window(shot: Shot, span: tuple[int, int], mirror: Path) -> tuple[int, int, int, int]:
    """x, width, y, height of a square around the face in all frames of the interval, inside the picture.

    A dead link's picture was never made; its window stands in the middle.
    """
    width, height = shot.take.width, shot.take.height
    if shot.fault == "dead_link":
        return (width - height // 2) // 2, height // 2, height // 4, height // 2
    first, last = (round(second * shot.take.fps) for second in span)
    boxes = face_boxes(mirror, shot)[first:last]
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    side = min(int(np.ceil(max(high - low) * WINDOW)), width, height)
    x, y = np.clip(np.rint((low + high - side) / 2), 0, [width - side, height - side]).astype(int)
    return int(x), side, int(y), side
