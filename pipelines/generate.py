"""Stage ``generate@METHOD``: one method's video for every test clip, with the sound, and an index of them.

A clip that a method cannot make is a row of the index with the reason.
"""

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import pandas as pd

from benchmarks.methods import METHODS
from benchmarks.methods.method import Method
from benchmarks.protocol import Pairing, ProtocolConfig, pairings, requests
from pipelines import stage as stages
from pipelines.cluster import run_each
from pipelines.training import clips_of, datasets_of
from speak.data.clip import file_stem
from speak.data.shards import METADATA_COLUMNS, read_rows
from speak.data.split import TEST, SplitConfig
from speak.errors import UserError
from speak.files import atomic_path, write_bytes
from speak.media.writing import VideoCodec, encode_video


@dataclass(frozen=True, kw_only=True)
class GenerateConfig:
    """How generated videos are stored; the same codec for every method."""

    codec: VideoCodec
    sample_rate: int


SECTIONS = {"split": SplitConfig, "protocol": ProtocolConfig, "generate": GenerateConfig}
INDEX_COLUMNS = ("clip_id", "dataset", "person", "identity_clip_id", "rule", "file", "reason")


def run(stage: stages.Stage, name: str) -> None:
    """Generate all test clips with one method; writes ``<clip>.mp4`` files and ``index.parquet``."""
    folders = datasets_of(stage)
    rows = read_rows(folders, METADATA_COLUMNS)
    chosen = pairings(rows, set(clips_of(stage, TEST)), stage.params["protocol"])
    generate(name, chosen, folders, stage)


def generate(name: str, chosen: list[Pairing], folders: list[Path], stage: stages.Stage) -> None:
    """Generate the chosen clips. Raises UserError when the method is unknown."""
    if name not in METHODS:
        raise UserError(f"{name}: no such method; known are {', '.join(METHODS)}")
    out = stage.paths.generated(name)
    out.mkdir(parents=True, exist_ok=True)
    models = stage.paths.model("")
    work = partial(
        _make, name=name, models=models, folders=folders, config=stage.params["generate"], out=out
    )
    outcomes = run_each(work, chosen, stage.cluster, label=f"generating {name}")
    rows = [
        {**vars(pairing), "file": outcome.value, "reason": outcome.error}
        for pairing, outcome in zip(chosen, outcomes, strict=True)
    ]
    with atomic_path(out / "index.parquet") as temporary:
        table = pd.DataFrame(rows, columns=list(INDEX_COLUMNS)).astype("string")
        table.to_parquet(temporary, index=False)


def _make(
    pairing: Pairing, name: str, models: Path, folders: list[Path], config: GenerateConfig, out: Path
) -> str:
    (request,) = requests(folders, [pairing])
    frames = _method(name, models).generate(request)
    content = encode_video(frames, config.codec, audio=request.audio, sample_rate=config.sample_rate)
    file = f"{file_stem(pairing.clip_id)}.mp4"
    write_bytes(out / file, content)
    return file


@cache
def _method(name: str, models: Path) -> Method:
    """One loaded method per worker process."""
    return METHODS[name].load(models)


if __name__ == "__main__":
    from pipelines import generate  # by name, so that workers can import its functions

    stages.main("generate", generate.run, SECTIONS)
