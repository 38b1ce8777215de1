"""What cannot be run here is at least read: the workflow asks for little and calls what exists; ``.ci/gate`` is run on
a project in which a run takes no time."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer
import yaml

from benchmarks.bench_cli import app

ROOT = Path(__file__).resolve().parents[1]
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
GUARD = ROOT / "docs" / "gate.md"


def example() -> str:
    """The workflow that docs/gate.md gives to copy."""
    (block,) = re.findall(r"```yaml\n(name: .*?)```", GUARD.read_text(), flags=re.S)
    return block


def steps(text: str) -> list[dict]:
    return [step for job in yaml.safe_load(text)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("text", [WORKFLOW.read_text(), example()], ids=["ours", "the example"])
def test_workflows_ask_for_little_and_are_pinned(text):
    content = yaml.safe_load(text)
    assert content["permissions"] == {"contents": "read"}
    assert "secrets" not in text and "pull_request_target" not in text
    assert {"push", "pull_request"} <= set(content[True])  # YAML 1.1 reads the key `on` as true
    for step in steps(text):
        assert ("uses" in step) != ("run" in step)
        assert re.fullmatch(r"actions/[a-z-]+@v\d+\.\d+\.\d+", step.get("uses", "actions/none@v0.0.0"))
        assert "${{" not in step.get("run", ""), "an expression in a command is an injection"
    assert all(job["timeout-minutes"] <= 360 for job in content["jobs"].values())


def test_the_workflow_calls_what_the_makefile_has():
    made = [word for step in steps(WORKFLOW.read_text()) for word in re.findall(r"^make (\w+)", step.get("run", ""))]
    assert made == ["test", "gate"]
    makefile = (ROOT / "Makefile").read_text()
    for target in made:
        assert re.search(rf"^{target}:", makefile, flags=re.M)
    assert os.access(ROOT / ".ci" / "gate", os.X_OK)


@pytest.mark.parametrize("page", ["docs/gate.md", "docs/leaderboard.md", ".ci/gate"])
def test_pages_name_commands_and_options_that_exist(page):
    text = (ROOT / page).read_text().replace("\\\n", " ")
    lines = re.findall(r"(?:speak-bench|^bench \S+) ((?:gate|accept|submit) [^`|\n]*)", text, flags=re.M)
    assert lines
    for line in lines:
        words = shlex.split(line, comments=True)
        command = typer.main.get_command(app)
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


@pytest.fixture
def project(tmp_path):
    """A git repository with .ci/gate in which ``dvc repro`` copies the commit's scores."""
    root = tmp_path / "project"
    (root / ".ci").mkdir(parents=True)
    (root / ".ci" / "gate").write_bytes((ROOT / ".ci" / "gate").read_bytes())
    (root / ".ci" / "gate").chmod(0o755)
    for package in ("speak", "benchmarks"):
        (root / package).symlink_to(ROOT / package)
    (root / "params.yaml").write_text("profile: demo\n")
    (root / "requirements.lock").write_text("")
    (root / "dvc").mkdir()
    (root / "dvc" / "__init__.py").touch()
    (root / "dvc" / "__main__.py").write_text(
        "import pathlib, shutil, sys\n"
        "assert sys.argv[1:] == ['repro'] and pathlib.Path('params.yaml').read_text() == 'profile: smoke\\n'\n"
        "pathlib.Path('work/smoke').mkdir(parents=True)\n"
        "shutil.copytree('scores', 'work/smoke/scores')\n"
    )
    python = root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    (root / ".gitignore").write_text(".venv/\nwork/\n")
    git(root, "init", "--quiet", "--initial-branch=main")
    return root


def git(root, *arguments):
    author = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *author, *arguments], cwd=root, check=True, capture_output=True)


def commit(root, values):
    """A commit whose run scores these values."""
    sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))
    from fake_scores import frame, row

    from benchmarks.scores import records, write_scores

    rows = [row("mine", f"{person}0", value) for person, value in zip("abcdef", values, strict=True)]
    write_scores(root / "scores" / "0.parquet", records(frame(rows)))
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=scores")


def test_two_commits_are_run_and_compared(project):
    commit(project, np.linspace(20, 21, 6))
    commit(project, np.linspace(19, 20, 6))
    for base, code, state in (("HEAD^1", 1, "closed: 1 regressed"), ("HEAD", 0, "open: 0 regressed")):
        done = subprocess.run([project / ".ci" / "gate", base], capture_output=True, text=True)
        assert (done.returncode, state in done.stdout) == (code, True), done.stderr
        written = {path.name for path in (project / "work" / "gate").iterdir()}
        assert written == {"base.parquet", "head.parquet", "gate.md", "gate.xml"}
        assert state in (project / "work" / "gate" / "gate.md").read_text()
    assert (project / "params.yaml").read_text() == "profile: demo\n"
    done = subprocess.run([project / ".ci" / "gate", "nowhere"], capture_output=True, text=True)
    assert done.returncode not in (0, 1) and "nowhere" in done.stderr
