"""What every stage does around its work: read parameters, turn mistakes into one line, record time and memory.

A stage file names the parameter sections it reads (``SECTIONS``, the same that ``dvc.yaml`` tracks for it) and has one
function ``run(stage, *items)``; ``main`` does the rest.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipelines.cluster import ClusterConfig
from pipelines.meter import Meter
from pipelines.paths import Paths
from speak.config import build, convert, read_yaml
from speak.errors import UserError, disk_mistake
from speak.files import write_text

EXIT_USER_ERROR = 2


@dataclass(frozen=True)
class Stage:
    """One stage of one profile at work.

    Attributes:
        name: as in ``dvc.yaml``, with its matrix item: ``preprocess@mead``.
        params: section name to its dataclass.
        stamp: the line a profile puts under everything it makes.
    """

    name: str
    profile: str
    paths: Paths
    cluster: ClusterConfig
    params: Mapping[str, Any]
    stamp: str


def profile_file(profile: str) -> Path:
    """The file of a profile. Raises UserError naming the profiles that exist."""
    path = Path("profiles") / f"{profile}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml"))) or "none; run in the project's root"
        raise UserError(f"{path}: no such profile; profiles are: {known}")
    return path


def load(name: str, profile: str, sections: Mapping[str, Any]) -> Stage:
    """Read the sections a stage needs. Raises UserError by dotted name for whatever does not fit."""
    path = profile_file(profile)
    values = read_yaml(path)
    wanted = {"stamp": str, "cluster": ClusterConfig, **sections}
    for section in wanted:
        if section not in values:
            raise UserError(f"{path}:{section}: missing section")
    built = {section: convert(hint, values[section], f"{path}:{section}") for section, hint in sections.items()}
    cluster = build(ClusterConfig, values["cluster"], f"{path}:cluster")
    return Stage(name, profile, Paths(profile), cluster, built, str(values["stamp"]))


def main(
    name: str, run: Callable[..., None], sections: Mapping[str, Any], arguments: Sequence[str] | None = None
) -> None:
    """Run a stage for the command line ``PROFILE [ITEM]``; ends the process with 0, or 2 after a user's mistake.

    ``arguments`` stands in for the command line, for a stage that takes its own flags out of it first.
    """
    try:
        profile, *items = sys.argv[1:] if arguments is None else arguments
        stage = load("@".join([name, *items]), profile, sections)
        with Meter() as meter:
            run(stage, *items)
        record = {"stage": stage.name, "seconds": round(meter.seconds, 2), "peak_memory_mib": round(meter.peak_mib)}
        write_text(stage.paths.timings / f"{quote(stage.name, safe='@')}.json", json.dumps(record) + "\n")
    except UserError as error:
        fail(f"{name}: {error}")
    except OSError as error:
        mistake = disk_mistake(error)
        if mistake is None:
            raise
        fail(f"{name}: {mistake}")


def fail(message: str) -> None:
    """Print one line and leave with exit code 2."""
    print(" ".join(message.split()), file=sys.stderr)
    sys.exit(EXIT_USER_ERROR)
