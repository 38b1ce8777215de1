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

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen:
        """Leave ``python <arguments>`` running in the copy; its standard error goes to the file ``stderr``."""
        with open(self.stderr, "w") as stderr:
            return subprocess.Popen(
                [sys.executable, *arguments],
                cwd=self.root,
                env={**os.environ, "PYTHONPATH": str(self.root), **environment},
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )

    @property
    def stderr(self) -> Path:
        """What the last started process said."""
        return self.root / "stderr.txt"

    def forget_clips(self, dataset: str) -> Path:
        """As if the dataset had never been preprocessed; returns the folder of the stage's finished pieces."""
        partial = self.root / f"work/smoke/partial/preprocess@{dataset}"
        for folder in (partial, self.root / "work/smoke/clips" / dataset):
            shutil.rmtree(folder, ignore_errors=True)
        return partial

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


def copy_of_state(project: Project, folder: Path) -> Project:
    """A copy of a project with everything it has made, without DVC's memory."""
    shutil.copytree(project.root, folder, ignore=shutil.ignore_patterns(".dvc"))
    return Project(folder)


def bytes_below(folder: Path) -> dict[str, bytes]:
    """Content of every file below a folder, by its path there; hidden files count, too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
