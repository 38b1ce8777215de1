"""``study new``: from generated videos to a study's folder."""

import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.study.balance import balance
from benchmarks.study.config import StudyConfig
from benchmarks.study.design import VIDEOS, Design, Item, ScreenCheck, Step, make_design, write_design
from benchmarks.study.drawn import screen_check, with_instruction
from benchmarks.study.invitations import invite
from benchmarks.study.material import Material, find_material
from benchmarks.study.plan import TRAP, Turn, Video, plan
from benchmarks.study.questions import SCORES
from benchmarks.study.videos import decoded, opaque_name, store
from speak.errors import UserError

KEY_BYTES = 32


def make_study(folder: Path, generated: Path, config: StudyConfig) -> Design:
    """Write the videos, the design, and an invitation for each participant.

    The key of the opaque names is drawn anew each time and not kept; all else follows from the parameters. The folder
    appears when all is done.

    Args:
        folder: of the study, to be made.
        generated: the folder with ``<group>/<method>/<seed>/index.parquet``.

    Raises:
        UserError: the folder exists, or the videos do not suffice.
    """
    if folder.exists():
        raise UserError(f"{folder}: exists already; a study is never overwritten, name another folder")
    material = find_material(generated, config)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        design = _write(Path(temporary) / "study", material, config)
        os.replace(Path(temporary) / "study", folder)
    return design


def _write(folder: Path, material: Material, config: StudyConfig) -> Design:
    sequences = plan(config, material.clips)
    cutter = Cutter(folder / VIDEOS, material, config, secrets.token_bytes(KEY_BYTES))
    cut = {place: cutter.cut(*place) for place in dict.fromkeys(_place(turn) for own in sequences for turn in own)}
    check, shown = cutter.screen_check()
    people = participants(config.participants)
    design = make_design(
        seed=config.seed,
        methods=config.methods,
        datasets=config.datasets,
        contact=config.contact,
        min_watched_share=config.min_watched_share,
        rules=config.rules,
        balance=balance(sequences, config.methods, material.clips),
        screen_check=check,
        items=tuple(sorted([*cut.values(), shown], key=lambda item: item.name)),
        sequences={
            person: tuple(Step(kind=turn.kind, item=cut[_place(turn)].name) for turn in own)
            for person, own in zip(people, sequences, strict=True)
        },
    )
    invite(folder, people)
    write_design(folder, design)
    return design


def participants(count: int) -> list[str]:
    """Names that say nothing: ``p01`` and so on."""
    width = max(2, len(str(count)))
    return [f"p{number:0{width}}" for number in range(1, count + 1)]


@dataclass(frozen=True)
class Cutter:
    """Writes a study's videos under opaque names."""

    folder: Path
    material: Material
    config: StudyConfig
    key: bytes

    def cut(self, video: Video, instructed: bool) -> Item:
        """Write one generated video; ``instructed``: with the words of the trap over it."""
        pictures, audio = decoded(self.material.files[video], self.config.media)
        if instructed:
            pictures = with_instruction(pictures, self.config.rules.trap_answer)
        name = opaque_name(self.key, TRAP if instructed else "", video.method, video.dataset, video.clip_id)
        shown = None if instructed else video
        person = None if instructed else self.material.persons[video.clip_id]
        return store(self.folder, name, pictures, audio, self.config.media, shown, person)

    def screen_check(self) -> tuple[ScreenCheck, Item]:
        """Write the video with a digit and beeps, which follow from the seed."""
        digit, beeps = (int(n) for n in np.random.default_rng(self.config.seed).choice(SCORES, size=2, replace=False))
        media = self.config.media
        pictures, audio = screen_check(digit, beeps, media.codec.fps, media.sample_rate)
        name = opaque_name(self.key, "screen check")
        item = store(self.folder, name, pictures, audio, media, None, None)
        return ScreenCheck(item=name, digit=digit, beeps=beeps), item


def _place(turn: Turn) -> tuple[Video, bool]:
    """What is to be cut for a turn; the same for turns that show the same file."""
    return turn.video, turn.kind == TRAP
