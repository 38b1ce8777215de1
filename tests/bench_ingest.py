"""What preprocessing costs: frames of finished clips per CPU-second, from a 720p video to a 256×256 clip.

The video is filmed here: a head of the embedded corpus in 1280×720 at 30 fps, H.264 with B-frames, AAC. The whole path
is ``speak.preprocess.process`` with a profile's parameters; without landmarks it is the same with the last detection
left out (the search for the face stays).
"""

import dataclasses
import tempfile
from pathlib import Path

import numpy as np

from pipelines import preprocess
from pipelines.stage import load
from speak.assets import asset
from speak.corpus.render import Take, render
from speak.faces.landmarker import Landmarker
from speak.faces.track import FaceTrack
from speak.media.video import write_media
from speak.preprocess import PreprocessConfig, process
from speak.sources.item import Item
from tests.cpu_time import cpu_seconds

TAKE = Take(
    person_seed=11, seed=1, scene_seed=1, sentence="I think I've seen this before", emotion="happy", level=2, fps=30.0,
    duration_s=3.0, width=1280, height=720, face_scale=0.5, motion=1.0, supersample=1,
)  # fmt: skip
CRF = 22
"""Of the source. Its bit rate is printed, since it is decoded twice and every bit costs."""

REPEATS = 3
"""The filmed seconds are shown forwards, backwards and forwards again: a longer video without a cut."""


class SearchOnly(Landmarker):
    """Looks for faces, and takes the finished clip's landmarks for known."""

    def detect(self, frames) -> FaceTrack:
        count = sum(1 for _ in frames)
        zeros = np.zeros((count, 478, 3), np.float32)
        return FaceTrack(landmarks=zeros, head_pose=zeros[:, 0], blendshapes=np.zeros((count, 52), np.float32))


def film(path: Path) -> None:
    frames = list(render(TAKE).frames)
    shown = [frames[::-1] if number % 2 else frames for number in range(REPEATS)]
    frames = [frame for part in shown for frame in part]
    noise = np.random.default_rng(0).normal(0, 0.05, round(len(frames) / TAKE.fps * 16_000)).astype(np.float32)
    write_media(path, frames, fps=TAKE.fps, audio=noise, sample_rate=16_000, crf=CRF)


def item_of(path: Path) -> Item:
    fields = dict.fromkeys(field.name for field in dataclasses.fields(Item) if field.default is dataclasses.MISSING)
    return Item(**fields | {"item_id": "bench/a", "dataset": "bench", "person": "a", "video": path.name})


def rate(path: Path, config: PreprocessConfig, landmarker: Landmarker) -> float:
    """Frames of the finished clip per CPU-second."""
    made = []
    seconds = cpu_seconds(lambda: made.append(process(item_of(path), path.parent, config, landmarker)), 2)
    return made[-1].num_frames / seconds


def main(profile: str = "demo") -> None:
    """Print two lines."""
    config = load("bench", profile, preprocess.SECTIONS).params["preprocess"]
    model = asset("face_landmarker")
    with tempfile.TemporaryDirectory() as folder, Landmarker(model) as whole, SearchOnly(model) as search:
        path = Path(folder) / "a.mp4"
        film(path)
        mbit_s = path.stat().st_size * 8e-6 / (REPEATS * TAKE.duration_s)
        with_landmarks, without = rate(path, config, whole), rate(path, config, search)
    print(f"ingest       {with_landmarks:10.1f} frames per CPU-s   720p at {mbit_s:.1f} Mbit/s to {config.size}²")
    print(f"no landmarks {without:10.1f} frames per CPU-s   the same without the last detection")


if __name__ == "__main__":
    main()
