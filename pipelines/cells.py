"""What lies behind each cell of the tables: ``reports/<profile>/cells.json``, which ``speak explain`` reads."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from benchmarks.cells import FORMAT, add_opinions, cell_records
from benchmarks.methods.method import model_folders
from benchmarks.study.analysis import Study
from benchmarks.tables import Table
from pipelines import provenance
from pipelines import stage as stages
from pipelines.entrants import PARAMS, Entrant
from pipelines.paths import Paths
from pipelines.ratings import DESIGN, RATINGS
from pipelines.runs import adapter_of
from speak.files import write_text

HASHES = ("checkpoint", "params", "split", "recipe", "code")
MODELS = "work/${profile}/models/"


def write_cells(
    stage: stages.Stage,
    tables: Sequence[Table],
    scores: pd.DataFrame,
    methods: Sequence[Entrant],
    study: Study | None = None,
) -> None:
    """Write the file; the same run gives the same bytes."""
    names = dict.fromkeys(method.name for method in methods)
    runs = {name: [method for method in methods if method.name == name] for name in names}
    content = {
        "format": FORMAT,
        "profile": stage.paths.profile,
        "commit": provenance.commit(),
        "parameters": _file(stages.profile_file(stage.profile)),
        "split": _file(stage.paths.split),
        "methods": {name: _method(stage, own, scores[scores["method"] == name]) for name, own in runs.items()},
        "cells": cell_records(tables),
    }
    if study:
        files = [_file(stage.paths.study / name) for name in (RATINGS, DESIGN)]
        add_opinions(content["cells"], study.opinions, files)
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    write_text(stage.paths.reports / "cells.json", text + "\n")


def _method(stage: stages.Stage, runs: Sequence[Entrant], scores: pd.DataFrame) -> dict[str, Any]:
    """A method's files, hashes, parameter sections, and how to make its scores again."""
    first = runs[0]
    models = model_folders(adapter_of(first), first.seed)
    trainings = [name for model in models for name in training_stages(model)]
    wanted = dict.fromkeys([*trainings, f"generate@{first.group}", f"score@{first.group}"])
    if stage.name == "report":
        again = [f"`profile: {stage.profile}` in {PARAMS}, then", f"dvc repro score@{first.group} report"]
    else:  # a run beside DVC, of a folder outside the project
        again = [f"python -m pipelines.{stage.name} {stage.profile} DATA"]
    return {
        "again": again,
        "sections": {name: provenance.tracked_sections(name) for name in wanted},
        "runs": [_run(stage.paths, run, scores[scores["seed"] == run.seed]) for run in runs],
    }


def _run(paths: Paths, run: Entrant, scores: pd.DataFrame) -> dict[str, Any]:
    folders = model_folders(adapter_of(run), run.seed)
    return {
        "seed": run.seed,
        "scores": _file(paths.scores(run)),
        "videos": str(paths.generated(run)),
        "checkpoints": [str(paths.model(folder) / "checkpoint.pt") for folder in folders],
        **{name: sorted(scores[name].dropna().unique()) for name in HASHES},
    }


def training_stages(model: str, root: Path = Path()) -> list[str]:
    """The stages that train a model and those that it starts from, the first one first: ``speak/full/0`` gives
    ``["train_irfd", "train_speak"]``."""
    stage = f"train_{model.split('/')[0]}"
    deps = yaml.safe_load((root / "dvc.yaml").read_text())["stages"][stage]["deps"]
    before = [dep.removeprefix(MODELS) for dep in deps if dep.startswith(MODELS)]
    return [*(name for earlier in before for name in training_stages(earlier, root)), stage]


def _file(path: Path) -> dict[str, str]:
    return {"file": str(path), "hash": provenance.file_hash(path)}
