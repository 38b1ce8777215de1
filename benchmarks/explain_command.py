"""``speak explain``: what lies behind a number of the tables."""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.cells import find_cell, read_cells
from benchmarks.explain import explain as explanation
from speak.config import read_yaml


def explain(
    cell: Annotated[str, typer.Argument(help="Table, dataset, metric and method, e.g. T1.MEAD.ssim.SPEAK.")],
    profile: Annotated[str | None, typer.Option(help="Whose report; the profile in params.yaml if not given.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="List every clip, not only the worst.")] = False,
) -> None:
    """Tell what lies behind a number: clips, videos, checkpoint, parameters, split, metric version and commit."""
    profile = profile or read_yaml(Path("params.yaml"))["profile"]
    content = read_cells(Path("reports") / profile / "cells.json")
    print(explanation(find_cell(cell, content["cells"]), content, Path(), everything=everything), end="")
