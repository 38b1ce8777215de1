"""Hashes that tie a number to what made it: parameters, split, code and checkpoint.

The code behind a stage is what ``dvc.yaml`` lists as its ``deps`` (a test makes sure that the list is complete), so the
hash changes exactly when DVC would run the stage again.
"""

import dataclasses
import hashlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

PACKAGES = ("speak", "benchmarks", "pipelines")
DIGITS = 16
"""Hex digits kept: 64 bits tell all versions of this project apart."""


def params_hash(params: Mapping[str, Any]) -> str:
    """Hash of typed parameter sections."""
    plain = {name: dataclasses.asdict(section) for name, section in params.items()}
    return _short(json.dumps(plain, sort_keys=True, default=str).encode())


def code_hash(stage: str, root: Path = Path(), packages: Sequence[str] = PACKAGES) -> str:
    """Hash of the first-party code a stage depends on, in all packages or in some.

    ``stage`` may carry a matrix item (``score@still``).
    """
    stages = yaml.safe_load((root / "dvc.yaml").read_text())["stages"]
    definition = stages.get(stage.partition("@")[0])
    deps = definition["deps"] if definition else PACKAGES  # a stage run by hand may use anything
    files = sorted(file for dep in deps if dep.split("/")[0] in packages for file in python_files(root / dep))
    return _short(b"".join(f"{file.relative_to(root)}\0".encode() + file.read_bytes() for file in files))


def tracked_sections(stage: str, root: Path = Path()) -> list[str]:
    """The sections of a profile that DVC tracks for a stage; ``stage`` as in ``code_hash``."""
    definition = yaml.safe_load((root / "dvc.yaml").read_text())["stages"][stage.partition("@")[0]]
    files = [item for item in definition["params"] if isinstance(item, dict)]
    return [name for item in files for file, names in item.items() if file.startswith("profiles/") for name in names]


def python_files(path: Path) -> list[Path]:
    """The Python files of a dep: itself, or all below a folder."""
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def file_hash(path: Path) -> str:
    """Hash of a file's bytes."""
    return _short(path.read_bytes())


def split_hash(path: Path) -> str:
    """Hash of the rows of a split file, whichever version of a library wrote it: submissions carry it for years."""
    return _short(pd.read_parquet(path).to_csv(index=False, lineterminator="\n").encode())


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGITS]


def commit() -> str:
    """The checkout's commit, with ``+`` when files differ from it; words when this is not a checkout."""
    head = _git("rev-parse", "--short=12", "HEAD")
    if head is None:
        return "not a git checkout"
    return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")


def _git(*arguments: str) -> str | None:
    try:
        result = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return result.stdout.strip()
