"""The embedded corpus as a whole: what is to be filmed, and filming it.

``plan`` lists the shots of all four datasets; ``write_shot`` renders one and writes its files, independent of
all others, so that shots can be made in parallel and in any order; ``write_metadata`` writes a dataset's
tables, when all of its shots are there. Under ``mirror`` lie the datasets, each in its own layout, and the
ground truth (``truth/``).
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from speak.corpus.layouts import LAYOUTS
from speak.corpus.layouts.crema_d import CremaDConfig
from speak.corpus.layouts.hdtf import HdtfConfig
from speak.corpus.layouts.mead import MeadConfig
from speak.corpus.layouts.voxceleb2 import VoxCelebConfig
from speak.corpus.render import render
from speak.corpus.shot import Shot
from speak.corpus.synthesis import SAMPLE_RATE
from speak.corpus.truth import write_truth
from speak.files import write_text
from speak.media.audio import resample, write_wav
from speak.media.writing import write_audio, write_media

NOTICE = "Video not available"


@dataclass(frozen=True, kw_only=True)
class CorpusConfig:
    """The section ``corpus`` of a profile. ``seed`` decides everything random, people included."""

    seed: int
    voxceleb: VoxCelebConfig
    mead: MeadConfig
    crema_d: CremaDConfig
    hdtf: HdtfConfig


def plan(config: CorpusConfig) -> list[Shot]:
    """All shots, dataset by dataset; the same configuration gives the same list."""
    return [shot for name, layout in LAYOUTS.items() for shot in layout.shots(getattr(config, name), config.seed)]


def write_shot(shot: Shot, mirror: Path) -> None:
    """Render one shot and write its media under ``mirror/<dataset>`` and its ground truth under
    ``mirror/truth``.

    A shot with a fault gets what the real datasets have in such a place: a pointer text, a notice, or
    nothing.
    """
    root = mirror / shot.dataset
    if shot.fault == "dead_link":
        return
    if shot.fault == "git_lfs_pointer":
        for path in filter(None, (shot.video, shot.audio)):
            write_text(root / path, _pointer(path))
        return
    if shot.fault == "error_picture":
        num_frames = round(shot.take.duration_s * shot.take.fps)
        frames = np.repeat(_notice(shot.take.width, shot.take.height)[None], num_frames, axis=0)
        _write_files(shot, root, frames, np.zeros(round(shot.take.duration_s * SAMPLE_RATE), np.float32))
        return
    rendered = render(shot.take)
    _write_files(shot, root, rendered.frames, rendered.speech.wave)
    write_truth(mirror, shot, rendered.truth, rendered.meta)


def write_metadata(dataset: str, shots: list[Shot], mirror: Path) -> None:
    """Write a dataset's tables from the shots of a plan, when they are all written."""
    LAYOUTS[dataset].write_tables([shot for shot in shots if shot.dataset == dataset], mirror / dataset, mirror)


def _write_files(shot: Shot, root: Path, frames: np.ndarray, wave: np.ndarray) -> None:
    """Write a shot's video and separate sound; speech that outlasts the picture is cut."""
    layout = LAYOUTS[shot.dataset]
    wave = wave[: round(len(frames) / shot.take.fps * SAMPLE_RATE)]
    sound = resample(wave, SAMPLE_RATE, layout.SOUND_RATE)
    camera = shot.camera
    write_media(
        root / shot.video,
        frames,
        fps=shot.take.fps,
        audio=sound,
        sample_rate=layout.SOUND_RATE,
        crf=camera.crf,
        preset=camera.preset,
    )
    if shot.audio and shot.audio.endswith(".wav"):
        write_wav(root / shot.audio, wave, SAMPLE_RATE)
    elif shot.audio:
        write_audio(root / shot.audio, sound, layout.SOUND_RATE)


def _pointer(path: str) -> str:
    """The text that a clone without git-lfs holds in a file's place."""
    digest = hashlib.sha256(path.encode())
    size = 60_000 + int.from_bytes(digest.digest()[:2])
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest.hexdigest()}\nsize {size}\n"


def _notice(width: int, height: int) -> np.ndarray:
    """(H, W, 3) uint8 RGB: a grey picture with a line of text, no face."""
    picture = np.full((height, width, 3), 96, np.uint8)
    scale = width / 480
    place = (round(width * 0.14), round(height * 0.52))
    return cv2.putText(picture, NOTICE, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (224, 224, 224), 2, cv2.LINE_AA)
