"""A working copy of the project, to run whole stages in."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Project:
    """A working copy of the project, with the ``smoke`` profile chosen."""

    root: Path

    def run(self, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess:
        """Run ``python -m <arguments>`` in the copy; stdout and stderr are captured."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        result = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=self.root,
            env={**os.environ, "PATH": path, "PYTHONPATH": str(self.root), **environment},
            capture_output=True,
            text=True,
        )
        if check and result.returncode != 0:
            raise AssertionError(f"{arguments}: exit {result.returncode}\n{result.stdout}\n{result.stderr}")
        return result

    def edit(self, file: str, **changes) -> None:
        """Change top-level keys of a YAML file; a dictionary is merged into the section."""
        path = self.root / file
        content = yaml.safe_load(path.read_text())
        for key, value in changes.items():
            content[key] = content[key] | value if isinstance(value, dict) else value
        path.write_text(yaml.safe_dump(content, sort_keys=False))


def copy_of_project(folder: Path) -> Project:
    """Everything git tracks or would track, with DVC set up and the smoke profile chosen."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0"):
        if name and (ROOT / name).is_file() and not name.startswith((".dvc/", "tests/", "dvc.lock")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    project = Project(folder)
    project.run("dvc", "init", "--no-scm", "--quiet", "--force")
    text = (folder / "params.yaml").read_text()
    (folder / "params.yaml").write_text(text.replace("profile: demo", "profile: smoke"))
    return project
