"""Stage ``generate@GROUP``: each method's video for every test clip, with the sound, and an index of them.

A method that was trained with several seeds makes every clip with each.

A clip that a method cannot make is a row of the index with the reason. Finished videos that belong to no test clip are
rows of ``extra.csv``.
"""

import json
from functools import cache, partial
from pathlib import Path

import pandas as pd

from benchmarks.methods.method import CannotMake, Method
from benchmarks.methods.videos import extra
from benchmarks.protocol import GenerateConfig, Pairing, ProtocolConfig, pairings, request_for
from pipelines import stage as stages
from pipelines.cluster import run_each
from pipelines.entrants import Entrant, entrants
from pipelines.making import spending, together
from pipelines.paths import Paths
from pipelines.runs import adapter_of, runs
from pipelines.seeds import AblationsConfig
from pipelines.training import clips_of, datasets_of
from speak.data.clip import file_stem
from speak.data.shards import METADATA_COLUMNS, read_rows
from speak.data.split import TEST, SplitConfig
from speak.files import atomic_path, write_bytes, write_text
from speak.media.writing import encode_video

SECTIONS = {
    "split": SplitConfig,
    "protocol": ProtocolConfig,
    "generate": GenerateConfig,
    "ablations": AblationsConfig,
}
INDEX_COLUMNS = ("clip_id", "dataset", "person", "identity_clip_id", "rule", "file", "reason")


def run(stage: stages.Stage, group: str) -> None:
    """Generate all test clips with a group's methods; writes ``<clip>.mp4`` files and ``index.parquet`` for each."""
    folders = datasets_of(stage)
    rows = read_rows(folders, METADATA_COLUMNS)
    chosen = pairings(rows, set(clips_of(stage, TEST)), stage.params["protocol"])
    methods = runs(entrants(group), stage.params["ablations"].seeds)
    generate(methods, chosen, folders, stage, ablations=stage.params["protocol"].ablations)


def generate(
    methods: list[Entrant],
    chosen: list[Pairing],
    folders: list[Path],
    stage: stages.Stage,
    ablations: tuple[str, ...] = (),
) -> None:
    """Generate the chosen clips, one after another, so that a worker decodes a clip once for several methods.

    Ablations are made on the datasets of ``ablations`` only.
    """
    for method in methods:
        stage.paths.generated(method).mkdir(parents=True, exist_ok=True)
    jobs = [
        (method, pairing)
        for pairing in chosen
        for method in methods
        if pairing.dataset in ablations or not method.is_ablation
    ]
    work = partial(_make, paths=stage.paths, folders=folders, config=stage.params["generate"])
    outcomes = run_each(work, jobs, stage.cluster, label="generating")
    rows = [
        {"method": method, **vars(pairing), **(outcome.value or {"file": None, "reason": outcome.error})}
        for (method, pairing), outcome in zip(jobs, outcomes, strict=True)
    ]
    for method in methods:
        own = [row for row in rows if row["method"] == method]
        spent = together(row["spent"] for row in own if row["file"])
        write_text(stage.paths.speed(method), json.dumps(spent) + "\n")
        with atomic_path(stage.paths.generated(method) / "index.parquet") as temporary:
            table = pd.DataFrame(own, columns=list(INDEX_COLUMNS)).astype("string")
            table.to_parquet(temporary, index=False)
        if method.videos is not None:
            list_extra(method, [row["clip_id"] for row in own], stage.paths)


def list_extra(method: Entrant, clip_ids: list[str], paths: Paths) -> None:
    """Write ``extra.csv``: finished videos of a method that belong to no test clip."""
    rows = [(name, "no test clip has this name") for name in extra(method.videos, clip_ids)]
    table = pd.DataFrame(rows, columns=["file", "reason"])
    write_text(paths.generated(method) / "extra.csv", table.to_csv(index=False, lineterminator="\n"))


def _make(job: tuple[Entrant, Pairing], paths: Paths, folders: list[Path], config: GenerateConfig) -> dict:
    """``file`` and ``reason`` of the clip's row, one of them None, and what was ``spent`` on a file."""
    method, pairing = job
    request = request_for(tuple(folders), pairing)
    adapter = _method(method, paths.model(""))
    try:
        frames, spent = spending(lambda: adapter.generate(request), request.num_frames)
    except CannotMake as error:
        return {"file": None, "reason": str(error)}
    content = encode_video(frames, config.codec, audio=request.audio, sample_rate=config.sample_rate)
    file = f"{file_stem(pairing.clip_id)}.mp4"
    write_bytes(paths.generated(method) / file, content)
    return {"file": file, "reason": None, "spent": spent}


@cache
def _method(method: Entrant, models: Path) -> Method:
    """Each method is loaded once per worker process and seed."""
    return adapter_of(method).load(models, method.seed)


if __name__ == "__main__":
    from pipelines import generate  # by name, so that workers can import its functions

    stages.main("generate", generate.run, SECTIONS)
